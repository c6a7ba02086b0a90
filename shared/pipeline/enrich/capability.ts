import { PermanentError, RetryableError } from "../../errors.ts";
import type { PollRun } from "../detect/poll-run.ts";
import type { Capability } from "../poll-state.ts";
import type { Refused } from "../ports/source.ts";

/** What was refused is asked for again after a day: rights are granted, and beta becomes v1.0. */
const ASK_AGAIN_MS = 24 * 60 * 60_000;
/** A credential that is good for the list and not for a part (401) may be a token that is older than its rights. */
const UNAUTHORIZED = 401;
const ASK_AGAIN_UNAUTHORIZED_MS = 60 * 60_000;

/** False while the source has lately refused us this: then it is not asked for. */
export function isOffered(run: PollRun, capability: Capability): boolean {
  const refused = run.state.refused[capability];
  if (refused === undefined) return true;
  const againMs = refused.status === UNAUTHORIZED ? ASK_AGAIN_UNAUTHORIZED_MS : ASK_AGAIN_MS;
  return run.deps.clock.now() - refused.at >= againMs;
}

/**
 * Asks for a part. The list of this very poll was answered to the same credential, so one that is refused here concerns the part alone: the
 * tenant is not paused for it.
 */
export async function ask<T extends object>(call: () => Promise<T | Refused>): Promise<T | Refused> {
  try {
    return await call();
  } catch (error) {
    const isKnown = error instanceof RetryableError || error instanceof PermanentError;
    if (isKnown && error.reason === "unauthorized") return { refused: UNAUTHORIZED };
    throw error;
  }
}

/** True where the answer to a path with an incident's id says no more than that there is no such incident there. */
export function isOfOneIncident({ refused }: Refused): boolean {
  return refused === 404 || refused === 400;
}

/** True where the answer is a refusal: remembered, and said once. */
export function isRefused(run: PollRun, capability: Capability, answer: Refused | object): answer is Refused {
  const { refused } = run.state;
  if (!("refused" in answer)) {
    if (refused[capability] !== undefined) {
      const { [capability]: _over, ...rest } = refused;
      run.state = { ...run.state, refused: rest };
    }
    return false;
  }
  const { refused: status } = answer;
  const at = run.deps.clock.now();
  run.deps.log.warn("the source refuses a part of it; it is left out, and asked for again later", {
    tenantId: run.deps.tenant.id,
    capability,
    status,
  });
  run.state = { ...run.state, refused: { ...refused, [capability]: { status, at } } };
  return true;
}

/** A failure of the part that was asked for. A quota or a credential concerns all, and ends the poll. */
export function isOfOnePart(error: unknown): error is RetryableError | PermanentError {
  if (!(error instanceof RetryableError) && !(error instanceof PermanentError)) return false;
  return error.reason !== "throttled" && error.reason !== "unauthorized";
}
