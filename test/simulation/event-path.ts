import type { EventEvidence } from "./check-events.ts";
import { isBetween, isConfirmed, isNearCut } from "./event-moments.ts";
import { stageOf } from "./expected.ts";
import type { Oracle } from "./oracle.ts";
import { type Delivery, revisionOf } from "./received-event.ts";
import type { SourceIncident } from "./source-record.ts";

/** Each event goes on from one that the receiver had before, by stages that the incident was in, and names each that was read and not told. */
export function checkPath(
  oracle: Oracle,
  evidence: EventEvidence,
  incident: SourceIncident,
  told: readonly Delivery[],
): void {
  told.forEach((delivery, index) => {
    const before = maybeBefore(evidence, told.slice(0, index), delivery);
    const problems = before.map((from) => problemOf(evidence, incident, from, delivery));
    if (problems.includes(undefined)) return;
    const { id, data } = delivery.event;
    const what = `event ${id} goes from ${data.previousStage} by "${data.skipped.join(" ")}" to ${data.stage}`;
    oracle.report("told wrong", evidence.place, incident.id, `${what}: ${problems[0] ?? ""}`);
  });
}

/** Those that its sender may have known as the last: one that was surely taken, and all since whose answer may have been lost. */
function maybeBefore(
  { moments }: EventEvidence,
  earlier: readonly Delivery[],
  { at }: Delivery,
): readonly (Delivery | undefined)[] {
  const candidates: (Delivery | undefined)[] = [];
  for (const delivery of earlier.toReversed()) {
    // What was told before the state was lost is known to nobody.
    if (isBetween(moments.stateLosses, delivery.at, at)) break;
    candidates.push(delivery);
    if (isConfirmed(moments, delivery)) return candidates;
  }
  return [...candidates, undefined];
}

function problemOf(
  evidence: EventEvidence,
  incident: SourceIncident,
  before: Delivery | undefined,
  { at, event }: Delivery,
): string | undefined {
  const from = before?.event.data.stage ?? null;
  const { previousStage, skipped, stage } = event.data;
  if (previousStage !== from) return `the event before had ${from}`;
  const [low, high] = [before === undefined ? 0 : revisionOf(before.event), revisionOf(event)];
  if (high < low) return `it shows rev-${high} after rev-${low}`;
  const ends = (middle: readonly string[]): readonly string[] => [...(from === null ? [] : [from]), ...middle, stage];
  const truth = incident.versions.filter(({ n }) => n >= low && n <= high).map(stageOf);
  const path = skipped.length === 0 ? compressed(ends([])) : ends(skipped);
  if (path.length !== compressed(path).length) return "a stage follows itself";
  if (!isWithin(path, compressed(truth))) return `the source went by ${truth.join(" ")}`;
  const seen = stagesRead(evidence, incident, { low, high, until: at });
  if (isWithin(compressed(ends(seen)), path)) return undefined;
  return `what was read of it went by ${seen.join(" ")}`;
}

/** Stages that the product was surely told of in between. */
function stagesRead(
  { reads, experts, moments, wasStateGarbled }: EventEvidence,
  incident: SourceIncident,
  { low, high, until }: { readonly low: number; readonly high: number; readonly until: number },
): readonly string[] {
  // What is not in scope yet is not kept, and a row that cannot be saved may be read again too late.
  if (experts === "only" || moments.areTablesShaky || wasStateGarbled) return [];
  return reads
    .filter(({ at, incidentId, version }) => {
      if (incidentId !== incident.id || version.n <= low || version.n >= high || at > until) return false;
      return !isNearCut(moments, at) && !isBetween(moments.stateLosses, at, until);
    })
    .map(({ version }) => stageOf(version));
}

function compressed(stages: readonly string[]): readonly string[] {
  return stages.filter((stage, index) => stages[index - 1] !== stage);
}

function isWithin(part: readonly string[], whole: readonly string[]): boolean {
  let from = 0;
  return part.every((stage) => {
    const at = whole.indexOf(stage, from);
    from = at + 1;
    return at !== -1;
  });
}
