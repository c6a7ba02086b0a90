import { type EventMoments, isBetween, isConfirmed, isNearCut, NEAR_MS } from "./event-moments.ts";
import { checkPath } from "./event-path.ts";
import { checkTold, isAllowed } from "./final-check-events.ts";
import type { Oracle, Place } from "./oracle.ts";
import type { Delivery, ReceivedEvent } from "./received-event.ts";
import type { ReceiverCall } from "./receiver-service.ts";
import type { SourceIncident, SourceRead } from "./source-record.ts";

export interface EventEvidence {
  readonly place: Place;
  readonly tenantId: string;
  readonly incidents: ReadonlyMap<string, SourceIncident>;
  /** What the source told, row by row. */
  readonly reads: readonly SourceRead[];
  readonly deliveries: readonly Delivery[];
  readonly calls: readonly ReceiverCall[];
  /** What the lane's route wants; undefined: all. */
  readonly severities: readonly string[] | undefined;
  readonly experts: "only" | "all";
  readonly mergedAs: "itself" | "survivor";
  readonly moments: EventMoments;
  /** Rows of another version were in the state: what was read meanwhile may have been left aside. */
  readonly wasStateGarbled: boolean;
  keyOf(incidentId: string): string;
  isLetBe(incident: SourceIncident): boolean;
}

/** What a receiver took, against docs/webhook.md and what the source was in truth. */
export function checkEvents(oracle: Oracle, evidence: EventEvidence): void {
  const { place, incidents, deliveries } = evidence;
  const byIncident = new Map<string, Delivery[]>();
  for (const delivery of deliveries) {
    const { subject, data } = delivery.event;
    const incident = incidents.get(data.incidentId);
    const isForeign = JSON.stringify(delivery.event).includes(`tenant-${place.tenant === "a" ? "b" : "a"}`);
    if (incident === undefined || data.tenantId !== evidence.tenantId || isForeign)
      oracle.report(
        "cross-tenant",
        place,
        data.incidentId,
        `event ${delivery.event.id} is of no incident of this tenant`,
      );
    else if (subject !== evidence.keyOf(incident.id))
      oracle.report("told wrong", place, incident.id, `event ${delivery.event.id} has the key ${subject}`);
    else byIncident.set(incident.id, [...(byIncident.get(incident.id) ?? []), delivery]);
  }
  checkGone(oracle, evidence);
  for (const incident of incidents.values()) {
    const told = byIncident.get(incident.id) ?? [];
    checkRepeats(oracle, evidence, incident, told);
    const inOrder = checkOrder(oracle, evidence, incident, told);
    for (const { event } of inOrder) {
      if (!isAllowed(evidence, incident, event))
        oracle.report("not wanted", place, incident.id, `event ${event.id} is of no incident that the lane wants`);
    }
    checkPath(oracle, evidence, incident, inOrder);
    checkTold(oracle, evidence, incident, inOrder);
  }
}

/** Who answered 410 is not called again before an operator says so, but by those who were on their way. */
function checkGone(oracle: Oracle, { place, calls, moments }: EventEvidence): void {
  const { resumes, stateLosses, areTablesShaky } = moments;
  const gone = calls.filter(({ at, status, isAnswered }) => status === 410 && isAnswered && !isNearCut(moments, at));
  for (const { at } of areTablesShaky ? [] : gone) {
    const until = Math.min(...[...resumes, ...stateLosses].filter((moment) => moment >= at));
    const call = calls.find((later) => later.at > at + NEAR_MS && later.at < until);
    if (call === undefined) continue;
    oracle.report("not wanted", place, "", `a call ${Math.round(call.at - at)} ms after a 410`);
    return;
  }
}

/** The same id has the same content, each time that it comes, and it does not come again once whoever sends it knows that it was taken. */
function checkRepeats(
  oracle: Oracle,
  { place, moments }: EventEvidence,
  incident: SourceIncident,
  told: readonly Delivery[],
): void {
  const first = new Map<string, Delivery>();
  const last = new Map<string, Delivery>();
  for (const delivery of told) {
    const { event, at } = delivery;
    const [known, before] = [first.get(event.id), last.get(event.id)];
    last.set(event.id, delivery);
    if (known === undefined || before === undefined) {
      first.set(event.id, delivery);
      continue;
    }
    const isAsked = isBetween(moments.replays, before.at, at);
    if (isConfirmed(moments, before) && !isAsked && !isNearCut(moments, at))
      oracle.report("told again", place, incident.id, `event ${event.id} came again, and had been taken`);
    const isMet = isNearCut(moments, at) || isNearCut(moments, known.at);
    const [is, was] = [contentOf(event, isMet), contentOf(known.event, isMet)];
    if (is !== was) oracle.report("told wrong", place, incident.id, `event ${event.id} was ${was}, and is ${is}`);
  }
}

/** Two workers that met may say more or less of what changed. */
function contentOf(event: ReceivedEvent, isMet: boolean): string {
  const { changed, skipped, ...data } = event.data;
  return JSON.stringify({
    ...event,
    data: {
      ...data,
      ...(isMet ? {} : { changed, skipped }),
    },
  });
}

/** The first of each id, without those that came after a newer one: what has a lower sequence is old to whoever gets it. */
function checkOrder(
  oracle: Oracle,
  { place, moments }: EventEvidence,
  incident: SourceIncident,
  told: readonly Delivery[],
): readonly Delivery[] {
  const ids = new Map<string, number>();
  const inOrder: Delivery[] = [];
  let newest: Delivery | undefined;
  for (const delivery of told) {
    const { event, at } = delivery;
    if (ids.has(event.id)) continue;
    const { sequence } = event.data;
    if ([...ids.values()].includes(sequence))
      oracle.report("told wrong", place, incident.id, `sequence ${sequence} has a second id, ${event.id}`);
    ids.set(event.id, sequence);
    const isOld = newest !== undefined && sequence < newest.event.data.sequence;
    // A state that is made anew counts by a clock that may have been set back.
    const isAnew = newest !== undefined && isBetween(moments.stateLosses, newest.at, at);
    if (isOld && !isAnew && !isNearCut(moments, at))
      oracle.report("regressed", place, incident.id, `event ${event.id} came after a newer one`);
    if (isOld && !isAnew) continue;
    inOrder.push(delivery);
    newest = delivery;
  }
  return inOrder;
}
