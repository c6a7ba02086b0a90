import type { Alert, AlertsPart, Asset, Evidence } from "../incident/incident.ts";
import { cut } from "./cut.ts";
import { assetOf, evidenceOf } from "./evidence-of-wire.ts";
import type { WireAlert, WireEvidence } from "./schema.ts";

const ALERTS_KEPT = 50;
const ASSETS_KEPT = 100;
const EVIDENCE_KEPT = 100;
const TECHNIQUES_KEPT = 20;
const TITLE_MAX = 300;
const WORD_MAX = 100;

/** An alert whose evidence was checked piece by piece. */
export interface ReadAlert {
  readonly wire: WireAlert;
  readonly evidence: readonly WireEvidence[];
}

/** Alerts and what they name, in short. `count` is of all alerts read, the rows are the newest. The order is ours, so that the source's is no change. */
export function alertsPartOf(read: {
  readonly alerts: readonly ReadAlert[];
  readonly count: number;
  readonly isCut: boolean;
  readonly readAt: number;
}): AlertsPart {
  const { alerts, count, isCut, readAt } = read;
  const evidence = distinctEvidence(alerts);
  return {
    readAt,
    count,
    ...(isCut ? { isCut } : {}),
    rows: alerts
      .map(({ wire }) => alertOf(wire))
      .toSorted(newestFirst)
      .slice(0, ALERTS_KEPT),
    assets: distinctAssets(evidence),
    evidence: evidence.slice(0, EVIDENCE_KEPT),
  };
}

function alertOf(wire: WireAlert): Alert {
  return {
    id: cut(wire.id, WORD_MAX),
    title: cut(wire.title, TITLE_MAX),
    severity: cut(wire.severity, WORD_MAX),
    status: cut(wire.status, WORD_MAX),
    serviceSource: cut(wire.serviceSource, WORD_MAX),
    detectionSource: cut(wire.detectionSource, WORD_MAX),
    category: cut(wire.category, WORD_MAX),
    mitreTechniques: (wire.mitreTechniques ?? [])
      .slice(0, TECHNIQUES_KEPT)
      .map((technique) => cut(technique, 20))
      .toSorted(),
    investigationState: cut(wire.investigationState, WORD_MAX),
    assignedTo: cut(wire.assignedTo, TITLE_MAX),
    classification: cut(wire.classification, WORD_MAX),
    determination: cut(wire.determination, WORD_MAX),
    createdAt: cut(wire.createdDateTime, WORD_MAX),
    resolvedAt: cut(wire.resolvedDateTime, WORD_MAX),
  };
}

function newestFirst(a: Alert, b: Alert): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1;
  return a.id < b.id ? -1 : 1;
}

/** Each thing once, as it stands worst: what waits for an approval first, then what is not dealt with. */
function distinctEvidence(alerts: readonly ReadAlert[]): readonly Evidence[] {
  const known = new Map<string, Evidence>();
  for (const item of alerts.flatMap((alert) => alert.evidence.map(evidenceOf))) {
    const key = `${item.kind}:${item.name.toLowerCase()}:${item.detail.toLowerCase()}`;
    const before = known.get(key);
    if (before === undefined || urgencyOf(item) < urgencyOf(before)) known.set(key, item);
  }
  return [...known.values()].toSorted(
    (a, b) =>
      urgencyOf(a) - urgencyOf(b) || compare(`${a.kind}:${a.name}:${a.detail}`, `${b.kind}:${b.name}:${b.detail}`),
  );
}

const URGENCY: readonly string[] = ["pendingapproval", "active", "running", "unremediated", "partiallyremediated"];

function urgencyOf({ remediation }: Evidence): number {
  const at = URGENCY.indexOf(remediation.toLowerCase());
  return at === -1 ? URGENCY.length : at;
}

function distinctAssets(evidence: readonly Evidence[]): readonly Asset[] {
  const assets = new Map<string, Asset>();
  for (const asset of evidence.map(assetOf)) {
    if (asset !== undefined) assets.set(`${asset.kind}:${asset.name.toLowerCase()}`, asset);
  }
  return [...assets.values()]
    .toSorted((a, b) => compare(`${a.kind}${a.name}`, `${b.kind}${b.name}`))
    .slice(0, ASSETS_KEPT);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
