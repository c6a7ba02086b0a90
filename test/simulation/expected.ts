import { type SourceIncident, type SourceVersion, newestOf } from "./source-record.ts";

/**
 * What a ticket should say, stated a second time: this file and the other parts of the oracle import nothing of the product.
 */
export interface Expected {
  readonly version: SourceVersion;
  readonly stage: string;
  /** Labels that are ours: all of these, and no other that begins like them. */
  readonly tags: readonly string[];
  /** Its stay is the experts' work by what is seen now; an earlier stay may count too. */
  readonly isExpertsNow: boolean;
  readonly wasExperts: boolean;
}

const STAGES: Readonly<Record<string, string>> = {
  active: "active",
  inProgress: "inProgress",
  awaitingAction: "awaitingCustomerAction",
  resolved: "resolved",
  redirected: "redirected",
};

const EXPERTS = "Defender Experts";

export function stageOf(version: Pick<SourceVersion, "status">): string {
  return STAGES[version.status] ?? "unrecognised";
}

export function isClosedStage(stage: string): boolean {
  return stage === "resolved" || stage === "redirected";
}

export function isExpertsWork(version: SourceVersion): boolean {
  return (
    version.systemTags.includes(EXPERTS) ||
    version.assignedTo === EXPERTS ||
    version.assignedTo === "Customer" ||
    version.status === "awaitingAction"
  );
}

export function expectedOf(incident: SourceIncident): Expected {
  const version = newestOf(incident);
  return {
    version,
    stage: stageOf(version),
    tags: tagsOf(version),
    isExpertsNow: isExpertsWork(version),
    wasExperts: incident.versions.some(isExpertsWork),
  };
}

/** Without `dex:experts`, which may have stayed from an earlier stay, if that was seen. */
export function tagsOf(version: SourceVersion): readonly string[] {
  const { classification } = version;
  return [
    `dex:stage=${stageOf(version)}`,
    ...(classification === null || classification === "unknown" ? [] : [`dex:class=${classification}`]),
  ];
}

/** 1 High, 2 Medium, 3 Low. */
const IMPACT: Readonly<Record<string, string>> = { high: "2", medium: "2", low: "3", informational: "3" };
const URGENCY: Readonly<Record<string, string>> = { high: "1", medium: "2", low: "2", informational: "3" };
const RAISED: Readonly<Record<string, string>> = { "1": "1", "2": "1", "3": "2" };

const STAGE_WORDS: Readonly<Record<string, string>> = {
  active: "Active (not picked up yet)",
  inProgress: "In progress",
  awaitingCustomerAction: "Awaiting Customer Action (pending actions are yours)",
  resolved: "Resolved",
  redirected: "Merged into another incident",
  unrecognised: "Not known to this version",
};

/** What each field of a ServiceNow record may hold. */
export function serviceNowFields(
  incident: SourceIncident,
  options: { readonly onHold: boolean; readonly wasResolvedThere: boolean; readonly survivors: readonly string[] },
): ReadonlyMap<string, (value: string) => boolean> {
  const { version, stage } = expectedOf(incident);
  const is =
    (...wanted: readonly string[]) =>
    (value: string) =>
      wanted.includes(value);
  const has = (part: string) => (value: string) => value.includes(part);
  const urgency = URGENCY[version.severity] ?? "2";
  const fields = new Map<string, (value: string) => boolean>([
    ["short_description", is(version.displayName)],
    ["impact", is(IMPACT[version.severity] ?? "2")],
    ["urgency", is(stage === "awaitingCustomerAction" ? (RAISED[urgency] ?? urgency) : urgency)],
    ["correlation_display", is("Microsoft Defender XDR")],
    [
      "description",
      (value) => descriptionLines(version).every((line) => value.split("\n").some((one) => line.test(one))),
    ],
  ]);
  const wasResolved = incident.versions.some((before) => isClosedStage(stageOf(before)));
  if (stage === "active") {
    // Back to work, not back to New, once it was shown as resolved; whether a short resolution was seen at all is chance.
    if (options.wasResolvedThere) fields.set("state", is("2"));
    else fields.set("state", wasResolved ? is("1", "2") : is("1"));
  }
  if (stage === "inProgress") fields.set("state", is("2"));
  if (stage === "awaitingCustomerAction") {
    fields.set("state", is(options.onHold ? "3" : "2"));
    fields.set("assignment_group", is("SOC"));
  }
  if (isClosedStage(stage)) fields.set("state", is("6"));
  if (stage === "resolved") {
    fields.set("close_code", is("Solution provided"));
    fields.set("close_notes", has(`Classification: ${version.classification ?? ""}`));
  }
  if (stage === "redirected") {
    fields.set("close_code", is("Duplicate"));
    fields.set("close_notes", has(`incident ${version.redirectIncidentId ?? ""}`));
    if (options.survivors.length > 0) fields.set("parent_incident", is(...options.survivors));
  }
  return fields;
}

function descriptionLines(version: SourceVersion): readonly RegExp[] {
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const tags = [...tagsOf(version), ...version.customTags].map((tag) => `(?=.*\\b${literal(tag)}(?:,|$| and ))`);
  return [
    new RegExp(`^Stage: ${literal(STAGE_WORDS[stageOf(version)] ?? "")}`),
    new RegExp(`^Severity: ${version.severity}$`),
    new RegExp(`^Tags: ${tags.join("")}`),
    ...(version.assignedTo === null ? [] : [new RegExp(`^Assigned to: ${literal(version.assignedTo)}$`)]),
    ...(version.classification === null ? [] : [new RegExp(`^Classification: ${version.classification}$`)]),
  ];
}
