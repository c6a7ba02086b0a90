import { PermanentError } from "../../errors.ts";
import type { WireStatus } from "./schema.ts";
import { categoryOf } from "./status.ts";
import type { Walk, Way } from "./walk.ts";

export function screensNotFilled(walk: Walk, ways: readonly Way[]): PermanentError {
  const screens = ways
    .map(
      ({ transition, missing }) => `the screen of the transition "${transition.name}" requires ${missing.join("; ")}`,
    )
    .join(", and ");
  return new PermanentError("rejected", `${walk.label}: ${screens}`, {
    mend: "give these fields in mapping.transitionFields of the connector (a resolution in mapping.resolutions), or take them off the screen; then replay this work",
  });
}

/** One that was closed and has no way back takes no more changes of its status: when Defender reopens the incident, a new issue continues it. */
export async function noWay(
  walk: Walk,
  passed: readonly WireStatus[],
  offered: readonly Way[],
): Promise<PermanentError> {
  const way = passed.map(({ name }) => `"${name}"`).join(", then ");
  if (offered.length === 0 && passed.length === 1 && !(await walk.mayTransition())) {
    return new PermanentError("rejected", `${walk.label}: this account may not change its status`, {
      mend: "give the account the permission Transition Issues in the project; then replay this work",
    });
  }
  const isClosed = passed.length === 1 && categoryOf(walk.from) === "done";
  const offers = offered.map(({ transition: { name, to } }) => `"${name}" to "${to.name}"`).join(", ");
  return new PermanentError(
    isClosed ? "final" : "rejected",
    `${walk.label}: no way through the workflow leads from ${way} to "${walk.target}"${offers === "" ? "" : ` (there is ${offers})`}`,
    {
      mend: isClosed
        ? "nothing, where that is meant: when Defender reopens the incident, a new issue continues it; or add a transition that reopens issues, and replay this work"
        : "name in mapping.statuses a status that the workflow leads to, or add the transition in Jira; then replay this work",
    },
  );
}

/** The same refusal, of an issue that could not be taken back to where it was. */
export function leftBehind(error: PermanentError, left: WireStatus, from: WireStatus): PermanentError {
  return new PermanentError(
    error.reason,
    `${error.message}; the issue was left in "${left.name}", for nothing that was seen leads back to "${from.name}"`,
    { mend: error.mend, cause: error },
  );
}
