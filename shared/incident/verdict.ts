/** What the experts concluded. Sources: Graph enums `alertClassification`, `alertDetermination`, `alertSeverity`. */
export type Classification =
  "unknown" | "falsePositive" | "truePositive" | "informationalExpectedActivity" | "unrecognised";

export type Severity = "unknown" | "informational" | "low" | "medium" | "high" | "unrecognised";

export const CLASSIFICATIONS = [
  "unknown",
  "falsePositive",
  "truePositive",
  "informationalExpectedActivity",
  "unrecognised",
] as const satisfies readonly Classification[];

export const SEVERITIES = [
  "unknown",
  "informational",
  "low",
  "medium",
  "high",
  "unrecognised",
] as const satisfies readonly Severity[];

export function classificationOf(raw: string): Classification {
  if (raw === "") return "unknown";
  return CLASSIFICATIONS.find((known) => sameName(known, raw)) ?? "unrecognised";
}

export function severityOf(raw: string): Severity {
  if (raw === "" || sameName(raw, "unspecified")) return "unknown";
  return SEVERITIES.find((known) => sameName(known, raw)) ?? "unrecognised";
}

/** The documentation gives four determinations two names each; the ones of the metadata are used. */
const DETERMINATION_ALIASES: ReadonlyMap<string, string> = new Map([
  ["compromiseduser", "compromisedAccount"],
  ["clean", "notMalicious"],
  ["insufficientdata", "notEnoughDataToValidate"],
  ["noenoughdatatovalidate", "notEnoughDataToValidate"],
  ["confirmeduseractivity", "confirmedActivity"],
  ["notavailable", "unknown"],
]);

export const DETERMINATIONS = [
  "unknown",
  "apt",
  "malware",
  "securityPersonnel",
  "securityTesting",
  "unwantedSoftware",
  "other",
  "multiStagedAttack",
  "compromisedAccount",
  "phishing",
  "maliciousUserActivity",
  "notMalicious",
  "notEnoughDataToValidate",
  "confirmedActivity",
  "lineOfBusinessApplication",
] as const;

/** The canonical name, or the raw text where it is none of the known ones. */
export function determinationOf(raw: string): string {
  if (raw === "") return "unknown";
  const alias = DETERMINATION_ALIASES.get(raw.toLowerCase());
  return alias ?? DETERMINATIONS.find((known) => sameName(known, raw)) ?? raw;
}

export function isKnownDetermination(raw: string): boolean {
  const name = determinationOf(raw);
  return DETERMINATIONS.some((known) => known === name);
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
