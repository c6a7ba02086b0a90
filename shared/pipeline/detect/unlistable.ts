import type { RetryableError } from "../../errors.ts";
import type { IncidentId } from "../../incident/incident.ts";
import type { Revision } from "../../incident/revision.ts";
import { digestOf } from "../digest.ts";
import { parkedRow } from "../keys.ts";
import { park, unpark } from "../park/park.ts";
import type { PollRun } from "./poll-run.ts";
import type { UnreadWindow } from "../poll-state.ts";

/** Only once the windows are kept: the row that tells of one goes when it is read, so that of one that is not kept would stay for ever. */
export async function tellUnlistable(run: PollRun, left: readonly UnreadWindow[]): Promise<void> {
  const { deps } = run;
  const windows = left.filter(({ stream }) => stream === "unlistable");
  if (windows.length === 0) return;
  deps.log.error("an incident that the source cannot list was stepped over; it is tried again every hour", {
    tenantId: deps.tenant.id,
    windows: windows.length,
  });
  for (const { from, to } of windows) {
    await park(deps, deps.tenant.id, {
      incidentId: rowIdOf(from),
      what: "source",
      reason: "unavailable" satisfies RetryableError["reason"],
      message: "the source fails to list an incident that was updated in this window",
      mend: "find it in the Defender portal by its time of update; the window is tried again every hour, and this row goes when it can be read",
      parkedAt: deps.clock.now(),
      body: { from: from.toString(), to: to?.toString() ?? "" },
    });
  }
}

/** Whoever kept the window may have died before it told. */
export async function tellIfUntold(run: PollRun, window: UnreadWindow): Promise<void> {
  const { tables, tenant } = run.deps;
  if (window.stream !== "unlistable") return;
  const told = await tables.parked.get(tenant.id, parkedRow(rowIdOf(window.from), "source"));
  if (told === undefined) await tellUnlistable(run, [window]);
}

export async function untellUnlistable({ deps }: PollRun, from: Revision): Promise<void> {
  await unpark(deps, deps.tenant.id, rowIdOf(from), "source");
}

/** The row that tells of such a window. */
function rowIdOf(from: Revision): IncidentId {
  return `unlistable-${digestOf([from.toString()], 16)}` as IncidentId;
}
