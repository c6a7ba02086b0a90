import type { Incident } from "./incident.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { classificationOf, isKnownDetermination, severityOf } from "./verdict.ts";

/** Fields of an incident whose enums grow. */
export const GROWING_FIELDS = ["status", "severity", "classification", "determination"] as const;

export type GrowingField = (typeof GROWING_FIELDS)[number];

/** Raw values of an incident that this version does not know, by field. */
export type UnknownValues = Readonly<Partial<Record<GrowingField, string>>>;

/** Long enough for any member of an enum. */
const LONGEST = 100;

const IS_UNKNOWN = {
  status: (incident) => lifecycleOf(incident).stage === "unrecognised",
  severity: ({ severity }) => severityOf(severity) === "unrecognised",
  classification: ({ classification }) => classificationOf(classification) === "unrecognised",
  determination: ({ determination }) => !isKnownDetermination(determination),
} satisfies Record<GrowingField, (incident: Incident) => boolean>;

export function unknownValuesOf(incident: Incident): UnknownValues {
  const unknown = GROWING_FIELDS.filter((field) => IS_UNKNOWN[field](incident));
  return Object.fromEntries(unknown.map((field) => [field, incident[field].slice(0, LONGEST)]));
}
