import { canonicalText } from "../incident/canonical-text.ts";
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
  const { count, isCut, readAt } = read;
  const alerts = distinctAlerts(read.alerts);
  const evidence = distinctEvidence(alerts);
  return {
    readAt,
    count: count - (read.alerts.length - alerts.length),
    ...(isCut ? { isCut } : {}),
    rows: alerts
      .map(({ wire }) => alertOf(wire))
      .toSorted(newestFirst)
      .slice(0, ALERTS_KEPT),
    assets: distinctAssets(evidence),
    evidence: evidence.slice(0, EVIDENCE_KEPT),
  };
}

/** An alert that moved between two pages while they were read comes twice: its newest state counts. */
function distinctAlerts(alerts: readonly ReadAlert[]): readonly ReadAlert[] {
  const known = new Map<string, ReadAlert>();
  for (const alert of alerts) {
    const before = known.get(alert.wire.id);
    if (before === undefined || byState(alert, before) < 0) known.set(alert.wire.id, alert);
  }
  return [...known.values()];
}

function byState(a: ReadAlert, b: ReadAlert): number {
  return compare(b.wire.lastUpdateDateTime ?? "", a.wire.lastUpdateDateTime ?? "") || compare(textOf(a), textOf(b));
}

function textOf({ wire, evidence }: ReadAlert): string {
  return canonicalText([alertOf(wire), evidence.map((item) => canonicalText(evidenceOf(item))).toSorted()]);
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
      .map((technique) => cut(technique, 20))
      .toSorted()
      .slice(0, TECHNIQUES_KEPT),
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

/** Each thing once, as it stands worst: what waits for an approval first, then what is not dealt with. Names that differ in case are one. */
function distinctEvidence(alerts: readonly ReadAlert[]): readonly Evidence[] {
  const known = new Map<string, Evidence>();
  for (const item of alerts.flatMap((alert) => alert.evidence.map(evidenceOf))) {
    const key = keyOf(item);
    const before = known.get(key);
    known.set(key, before === undefined ? item : merged(before, item));
  }
  return [...known.values()].toSorted((a, b) => urgencyOf(a) - urgencyOf(b) || compare(keyOf(a), keyOf(b)));
}

function keyOf({ kind, name, detail }: Evidence): string {
  return JSON.stringify([kind, name.toLowerCase(), detail.toLowerCase()]);
}

/** The worse of two states of one thing, in the smaller spelling of the two: the same whichever comes first. */
function merged(a: Evidence, b: Evidence): Evidence {
  const worse = byBadness(a, b) <= 0 ? a : b;
  return { ...worse, name: smaller(a.name, b.name), detail: smaller(a.detail, b.detail) };
}

function byBadness(a: Evidence, b: Evidence): number {
  return urgencyOf(a) - urgencyOf(b) || verdictOf(a) - verdictOf(b) || compare(stateText(a), stateText(b));
}

/** All but the spelling, which is chosen apart: so that it matters not which two of many are compared first. */
function stateText({ name: _name, detail: _detail, ...state }: Evidence): string {
  return canonicalText(state);
}

const URGENCY: readonly string[] = ["pendingapproval", "active", "running", "unremediated", "partiallyremediated"];
const VERDICTS: readonly string[] = ["malicious", "suspicious", "unknown"];

function urgencyOf({ remediation }: Evidence): number {
  return rankOf(remediation, URGENCY);
}

function verdictOf({ verdict }: Evidence): number {
  return rankOf(verdict, VERDICTS);
}

function rankOf(word: string, words: readonly string[]): number {
  const at = words.indexOf(word.toLowerCase());
  return at === -1 ? words.length : at;
}

function distinctAssets(evidence: readonly Evidence[]): readonly Asset[] {
  const assets = new Map<string, Asset>();
  for (const asset of evidence.map(assetOf)) {
    if (asset === undefined) continue;
    const key = `${asset.kind}:${asset.name.toLowerCase()}`;
    const before = assets.get(key);
    assets.set(key, { ...asset, name: smaller(before?.name ?? asset.name, asset.name) });
  }
  return [...assets.entries()]
    .toSorted(([a], [b]) => compare(a, b))
    .map(([, asset]) => asset)
    .slice(0, ASSETS_KEPT);
}

function smaller(a: string, b: string): string {
  return a <= b ? a : b;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
