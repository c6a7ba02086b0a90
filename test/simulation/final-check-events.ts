import type { EventEvidence } from "./check-events.ts";
import { type EventMoments, isBetween, isConfirmed } from "./event-moments.ts";
import { stageOf } from "./expected.ts";
import type { Oracle } from "./oracle.ts";
import { type Delivery, type ReceivedEvent, revisionOf } from "./received-event.ts";
import { isForgotten, scopeOf } from "./scope.ts";
import { type SourceIncident, type SourceVersion, newestOf } from "./source-record.ts";

/** In scope, and of a severity that the route wants or has wanted; or what an incident that was told has become. */
export function isAllowed(evidence: EventEvidence, incident: SourceIncident, event: ReceivedEvent): boolean {
  if (!scopeOf(evidence.incidents, evidence.experts).may.has(incident.id)) return false;
  const until = incident.versions.filter(({ n }) => n <= revisionOf(event));
  return until.some((version) => isRouted(evidence, version)) || losersTold(evidence, incident).length > 0;
}

/** Each event shows a version of the source, the last one the newest; each remark was told, and once where whoever tells it could know. */
export function checkTold(
  oracle: Oracle,
  evidence: EventEvidence,
  incident: SourceIncident,
  told: readonly Delivery[],
): void {
  const { place } = evidence;
  for (const [index, { event }] of told.entries()) {
    const version = incident.versions.find(({ n }) => n === revisionOf(event));
    const problem = version === undefined ? "no version of the source" : differenceOf(event, version);
    if (problem !== undefined) oracle.report("told wrong", place, incident.id, `event ${event.id} shows ${problem}`);
    const before = told[index - 1];
    if (before !== undefined && isSureToFollow(evidence.moments, before, told[index]) && isNoNews(before.event, event))
      oracle.report("told again", place, incident.id, `event ${event.id} says what ${before.event.id} said`);
  }
  checkRemarks(oracle, evidence, incident, told);
  const last = told.at(-1)?.event;
  if (!isToBeTold(evidence, incident, told) || evidence.isLetBe(incident)) return;
  const newest = newestOf(incident);
  if (last !== undefined && revisionOf(last) === newest.n) return;
  // Merged away before anything was told of it: the stub bears no mark of the experts, and its survivor tells the story, as with tickets.
  const mayBeLetBe = evidence.experts === "only" || evidence.severities !== undefined;
  if (mayBeLetBe && last === undefined && stageOf(newest) === "redirected") return;
  const what = last === undefined ? "nothing was told" : `the last event shows rev-${revisionOf(last)}`;
  oracle.report("lost", place, incident.id, `${what}, the source has rev-${newest.n} ${stageOf(newest)}`);
}

function isToBeTold(evidence: EventEvidence, incident: SourceIncident, told: readonly Delivery[]): boolean {
  const { incidents, experts, mergedAs, moments } = evidence;
  if (!scopeOf(incidents, experts).must.has(incident.id) && told.length === 0) return false;
  const writes = told.map(({ at }) => ({ at, writer: "product" as const }));
  const stateLostAt = moments.stateLosses.at(-1);
  if (isForgotten({ incidents, experts, mergedAs, stateLostAt }, incident, [{ writes }])) return false;
  // Who was told something is known by the state: where it was lost, what the route does not want any more is let be.
  const isKnown = told.some(({ at }) => at >= (stateLostAt ?? 0));
  if (isKnown || isRouted(evidence, newestOf(incident))) return true;
  // Whoever was told of an incident is told of the one that it went into.
  return stateLostAt === undefined && losersTold(evidence, incident).length > 0;
}

function isRouted({ severities }: EventEvidence, { severity }: SourceVersion): boolean {
  return severities === undefined || severities.includes(severity);
}

/** Incidents that were told, and merged into this one. */
function losersTold({ incidents, deliveries }: EventEvidence, survivor: SourceIncident): readonly string[] {
  const told = new Set(deliveries.map(({ event }) => event.data.incidentId));
  return [...incidents.values()]
    .filter((incident) => told.has(incident.id) && incident !== survivor && endsIn(incidents, incident, survivor.id))
    .map(({ id }) => id);
}

function endsIn(incidents: EventEvidence["incidents"], incident: SourceIncident, survivorId: string): boolean {
  let into = newestOf(incident).redirectIncidentId;
  for (let hop = 0; into !== null && hop < incidents.size; hop += 1) {
    if (into === survivorId) return true;
    const next = incidents.get(into);
    into = next === undefined ? null : newestOf(next).redirectIncidentId;
  }
  return false;
}

function checkRemarks(
  oracle: Oracle,
  evidence: EventEvidence,
  incident: SourceIncident,
  told: readonly Delivery[],
): void {
  const { place, moments } = evidence;
  if (told.length === 0 || evidence.isLetBe(incident)) return;
  for (const { text } of newestOf(incident).comments) {
    const tellers = told.filter(({ event }) => event.data.comments.some((comment) => comment.text.includes(text)));
    if (tellers.length === 0 && isToBeTold(evidence, incident, told))
      oracle.report("comment missing", place, incident.id, `no event has "${text}"`);
    const again = tellers.find((later, index) => {
      const before = tellers[index - 1];
      return (
        before !== undefined && isConfirmed(moments, before) && !isBetween(moments.stateLosses, before.at, later.at)
      );
    });
    if (again !== undefined)
      oracle.report("comment twice", place, incident.id, `"${text}" is in event ${again.event.id} too`);
  }
}

function differenceOf({ data }: ReceivedEvent, version: SourceVersion): string | undefined {
  const pairs = {
    stage: [data.stage, stageOf(version)],
    severity: [data.severity, version.severity],
    owner: [data.owner.name, version.assignedTo ?? ""],
    classification: [data.classification, version.classification ?? "unknown"],
    title: [data.title, version.displayName],
    mergedInto: [data.mergedInto, version.redirectIncidentId],
  };
  const [name, values] = Object.entries(pairs).find(([, [is, wanted]]) => is !== wanted) ?? [];
  return name === undefined ? undefined : `${name} ${values?.[0]}, the source has ${values?.[1]} in rev-${version.n}`;
}

function isSureToFollow(moments: EventMoments, before: Delivery, after: Delivery | undefined): boolean {
  return after !== undefined && isConfirmed(moments, before) && !isBetween(moments.stateLosses, before.at, after.at);
}

/** But for when it was read, and how it came to it. */
function isNoNews(before: ReceivedEvent, { data }: ReceivedEvent): boolean {
  if (data.comments.length > 0 || data.skipped.length > 0) return false;
  const told = ({
    sequence: _s,
    updatedAt: _u,
    changed: _c,
    previousStage: _p,
    skipped: _k,
    comments: _n,
    ...rest
  }: ReceivedEvent["data"]) => JSON.stringify(rest);
  return told(before.data) === told(data);
}
