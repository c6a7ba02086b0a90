import { projectionOf } from "../../incident/projection.ts";
import { EVENT_FORMAT, type EventPlan, planEvent } from "./plan-event.ts";
import { keepThatToldOf } from "./routed-telling.ts";
import { putLink } from "./save-link.ts";
import type { SyncPass } from "./sync-deps.ts";
import { askForSurvivor } from "./unrouted.ts";

/**
 * Where the tool's rules make the ticket of our events: tells it what it was not told yet. Sent first, then saved, so that it is told at
 * least once; the same event again is known by its id. A rebuild has the last one sent once more.
 */
export async function tellTool(pass: SyncPass): Promise<void> {
  const plan = toTell(pass);
  if (plan !== undefined) await tell(pass, plan);
}

/** While a copy waits for the ticket, nobody waits with it to be told; but a tool that fails is not tried by each change. */
export async function tellBeforeFolding(pass: SyncPass): Promise<void> {
  const { link, deps } = pass;
  const plan = link.lastError === undefined ? toTell(pass) : undefined;
  if (plan === undefined || (await deps.breaker.admit()).kind === "open") return;
  await tell(pass, plan);
}

function toTell({ deps, snapshot, link }: SyncPass): EventPlan | undefined {
  if (deps.connector.tell === undefined) return undefined;
  const { told } = link;
  const before = {
    ...(told === undefined ? {} : { sent: told.event }),
    written: told?.parts ?? {},
    notes: told?.comments ?? [],
    mappingVersion: EVENT_FORMAT,
  };
  const projection = projectionOf(snapshot, deps.assignees);
  return planEvent(deps.connector.id, snapshot, projection, before, told?.isAskedAgain === true);
}

async function tell(pass: SyncPass, { event, told }: EventPlan): Promise<void> {
  const { deps, signal } = pass;
  await keepThatToldOf(pass);
  const { link } = pass;
  await deps.connector.tell?.(event, signal);
  // Before it is saved: cut short here, the event is sent again, and the survivor asked for again.
  await askForSurvivor(pass);
  const kept = told ?? link.told;
  if (kept === undefined) return;
  const { event: last, parts, comments } = kept;
  await putLink(pass, { ...link, told: { event: last, parts, comments, at: deps.clock.now() } });
}
