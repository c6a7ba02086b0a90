import type { ClosedBy } from "../../shared/incident/closed-by.ts";
import type { Classification, Severity } from "../../shared/incident/verdict.ts";
import type { PushOverview, UnknownValueCounts } from "../../shared/pipeline/overview/overview.ts";

const SEVERITY_WORDS = {
  high: { label: "High", level: 3 },
  medium: { label: "Medium", level: 2 },
  low: { label: "Low", level: 1 },
  informational: { label: "Informational", level: 0 },
  unknown: { label: "Not set", level: 0 },
  unrecognised: { label: "Unrecognised", level: 0 },
} as const satisfies Record<Severity, { label: string; level: number }>;

const CLASSIFICATION_WORDS = {
  unknown: "",
  truePositive: "True positive",
  falsePositive: "False positive",
  informationalExpectedActivity: "Informational, expected activity",
  unrecognised: "Unrecognised classification",
} as const satisfies Record<Classification, string>;

const CLOSED_BY_WORDS = {
  experts: "Closed by Defender Experts",
  expertsWithHelp: "Closed by Defender Experts with your help",
  automation: "Closed by automation",
  analyst: "Closed by an analyst",
  unknown: "",
} as const satisfies Record<ClosedBy, string>;

/** Of tools to come too: a page may show what a later version wrote. */
const KIND_WORDS: Readonly<Record<string, string>> = {
  servicenow: "ServiceNow",
  jira: "Jira",
  qradar: "QRadar",
  sentinel: "Microsoft Sentinel",
  webhook: "Webhook",
  people: "Teams and mail",
};

export interface SeverityWords {
  readonly label: string;
  /** Bars lit in the severity sign, 0 to 3. */
  readonly level: number;
}

/** `raw`: as Graph has it, where it is not known. */
export function severityWords(severity: Severity, raw = ""): SeverityWords {
  const words = Object.hasOwn(SEVERITY_WORDS, severity) ? SEVERITY_WORDS[severity] : SEVERITY_WORDS.unrecognised;
  return raw === "" ? words : { ...words, label: `${words.label} “${raw}”` };
}

/** Classification and determination in one phrase; "" while the experts have concluded nothing. */
export function verdictWords(classification: Classification, determination: string, raw = ""): string {
  const known = Object.hasOwn(CLASSIFICATION_WORDS, classification);
  const first = known ? CLASSIFICATION_WORDS[classification] : CLASSIFICATION_WORDS.unrecognised;
  const second = determinationWords(determination);
  return [raw === "" ? first : `${first} “${raw}”`, second].filter((part) => part !== "").join(" · ");
}

/** "" while it is open, and where nobody knows. */
export function closedByWords(closedBy: ClosedBy | null): string {
  return closedBy !== null && Object.hasOwn(CLOSED_BY_WORDS, closedBy) ? CLOSED_BY_WORDS[closedBy] : "";
}

/** Nothing depends on Graph's bell: that it is off is no fault, only slower. */
export function pushWords({ isOn, reason }: PushOverview): string {
  if (isOn) return "Push on";
  return `Push off${reason === "" ? "" : `: ${reason}`}; the timer reads everything`;
}

/** `severity “catastrophic” (3 incidents), status “onHold” (1 incident)` */
export function unknownValueWords({ values, more }: UnknownValueCounts): string {
  const listed = values.map(({ field, value, incidents }) => `${field} “${value}” (${counted(incidents, "incident")})`);
  return `${listed.join(", ")}${more > 0 ? ` and ${counted(more, "more value")}` : ""}`;
}

export function kindWords(kind: string): string {
  return Object.hasOwn(KIND_WORDS, kind) ? (KIND_WORDS[kind] ?? kind) : kind;
}

/** Graph writes `compromisedAccount`; anything that is not such a name is shown as it came. */
function determinationWords(determination: string): string {
  if (determination === "" || determination === "unknown") return "";
  if (determination === "apt") return "APT";
  if (!/^[a-z][a-zA-Z]{0,40}$/.test(determination)) return determination;
  const spaced = determination.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** `1 incident`, `4 incidents`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
