import { type Projection, projectionOf } from "../../incident/projection.ts";
import { checkBreaker } from "./check-breaker.ts";
import { fold, isFoldable } from "./fold.ts";
import { type Link, withStage, withoutTrouble } from "../link.ts";
import { partsKnown } from "./next-event.ts";
import { EVENT_FORMAT, type EventPlan, planEvent } from "./plan-event.ts";
import { unpark } from "../park/park.ts";
import { runLane } from "./run-lane.ts";
import { keepThatToldOf } from "./routed-telling.ts";
import { putLink, saveLink } from "./save-link.ts";
import type { DeltaMessage } from "../schema.ts";
import type { EventDeps, LanePass, SyncOutcome } from "./sync-deps.ts";
import { logOutcome } from "./tell-pass.ts";
import { askForSurvivor, finishUnrouted, isUnrouted } from "./unrouted.ts";
import { watchCall } from "./watch-call.ts";
import { firstUnwritten } from "./write-ticket.ts";

type EventPass = LanePass<EventDeps>;

/** Of a link whose last event somebody wants to have again. */
const ASKED_AGAIN = 0;

/**
 * Tells a tool what became of an incident since it was told last: sent first, then saved, so that it is told at least once. The id is the
 * snapshot's, so nothing has to be claimed: the same event again is known by it.
 */
export async function sendEvent(deps: EventDeps, message: DeltaMessage, deliveredAt: number): Promise<SyncOutcome> {
  const attempts: Attempts = { taken: undefined };
  return runLane(deps, message, deliveredAt, async (pass) => {
    const change = firstUnwritten(pass);
    const outcome = await runPass(pass, attempts);
    if (outcome === "sent" || outcome === "unchanged" || outcome === "stale") await askForSurvivor(pass);
    logOutcome(pass, outcome, change);
    return outcome;
  });
}

/** Of one message: what the tool took although the link could not be saved then, for another worker had written it. */
interface Attempts {
  taken: EventPlan | undefined;
}

async function runPass(pass: EventPass, attempts: Attempts): Promise<SyncOutcome> {
  const { deps, message, snapshot } = pass;
  if (await isUnrouted(pass)) return finishUnrouted(pass);
  if (isFoldable(pass)) return fold(pass);
  // Kept where the work must wait, so that its copy knows too.
  if (message.cause === "replay") pass.link = { ...pass.link, mappingVersion: ASKED_AGAIN };
  const projection = projectionOf(snapshot, deps.assignees);
  const plan = planEvent(deps.connector.id, snapshot, projection, pass.link, false);
  if (plan === undefined) return finishTold(pass, projection);
  if (attempts.taken?.event.id === plan.event.id) return saveSent(pass, attempts.taken);
  await checkBreaker(pass);
  await keepThatToldOf(pass);
  await watchCall(deps.breaker, "write", () => deps.connector.send(plan.event, pass.signal));
  attempts.taken = plan;
  return saveSent(pass, plan);
}

async function saveSent(pass: EventPass, { event, told }: EventPlan): Promise<SyncOutcome> {
  const { deps, snapshot } = pass;
  const change = firstUnwritten(pass);
  const { stage } = event.projection.lifecycle;
  const link: Link = {
    ...withStage(withoutTrouble(pass.link), stage),
    ...(told === undefined ? {} : { sent: told.event, written: told.parts, notes: told.comments }),
    ticket: { id: event.id, label: `${event.type} ${event.id.slice(0, 8)}`, url: "" },
    appliedSeq: snapshot.seq,
    mappingVersion: EVENT_FORMAT,
    ...(change === undefined
      ? {}
      : { lag: { changedAt: change.changedAt, seenAt: change.seenAt, writtenAt: deps.clock.now() } }),
  };
  await saveLink(pass, link, { outcome: "sent", fields: event.changed, notes: event.comments.length });
  await finishParked(pass);
  return "sent";
}

/** There is nothing to tell: what the tool was told says it already. */
async function finishTold(pass: EventPass, projection: Projection): Promise<SyncOutcome> {
  const { link, snapshot } = pass;
  const isStale = link.appliedSeq >= snapshot.seq && link.mappingVersion === EVENT_FORMAT;
  if (!isStale || link.pending !== undefined) {
    const written = partsKnown(snapshot, projection, link.written);
    await putLink(pass, { ...withoutTrouble(link), written, appliedSeq: snapshot.seq, mappingVersion: EVENT_FORMAT });
  }
  await finishParked(pass);
  return isStale ? "stale" : "unchanged";
}

/** What was parked is done. Cut short, it is found by the next look at the link. */
async function finishParked(pass: EventPass): Promise<void> {
  const { deps, link, message } = pass;
  if (!link.isParked && message.cause !== "replay") return;
  await unpark(deps, pass.tenantId, pass.incidentId, deps.connector.id);
  await putLink(pass, { ...link, isParked: false });
}
