import { expectedOf, isClosedStage, stageOf, tagsOf } from "./expected.ts";
import { WAITING, categoryOf } from "./jira-workflow.ts";
import type { SourceIncident, SourceVersion } from "./source-record.ts";

/** What an issue should say, stated a second time, apart from the product. */

export const AWAITING_LABEL = "Awaiting-Customer-Action";

const PRIORITY: Readonly<Record<string, string>> = {
  high: "High",
  medium: "Medium",
  low: "Low",
  informational: "Lowest",
};
const STAGE_WORDS: Readonly<Record<string, string>> = {
  active: "Active (not picked up yet)",
  inProgress: "In progress",
  awaitingCustomerAction: "Awaiting Customer Action (pending actions are yours)",
  resolved: "Resolved",
  redirected: "Merged into another incident",
  unrecognised: "Not known to this version",
};
const CLOSED_WORDS = /^Stage: (?:Resolved|Merged into another incident)$/m;

export function jiraLabelOf(key: string): string {
  return key.replaceAll(":", "_");
}

/** Labels that are ours, but `dex:experts`, which may have stayed. */
export function jiraTagsOf(version: SourceVersion): readonly string[] {
  return [...tagsOf(version), ...(stageOf(version) === "awaitingCustomerAction" ? [AWAITING_LABEL] : [])];
}

export function isOurLabel(label: string): boolean {
  return label.startsWith("dex:") || label === AWAITING_LABEL;
}

export function showsStage(description: string, stage: string): boolean {
  return description.split("\n").some((line) => line.startsWith(`Stage: ${STAGE_WORDS[stage] ?? ""}`));
}

export function showsClosed(description: string): boolean {
  return CLOSED_WORDS.test(description);
}

/** What each field of an issue may hold. */
export function jiraFields(
  incident: SourceIncident,
  options: {
    readonly key: string;
    readonly hasWaiting: boolean;
    /** The issue, or one that it continues, has shown the incident as closed. */
    readonly wasShownClosed: boolean;
    /** Keys of the issues of the incident that this one ended up in. */
    readonly survivors: readonly string[];
  },
): ReadonlyMap<string, (value: string) => boolean> {
  const { version, stage } = expectedOf(incident);
  const fields = new Map<string, (value: string) => boolean>([
    ["summary", (value) => value === version.displayName],
    ["priority", (value) => value === PRIORITY[version.severity]],
    ["link", (value) => value === `${options.key} https://security.microsoft.com/incident2/${incident.id}/overview`],
    ["description", (value) => descriptionLines(version).every((line) => value.split("\n").includes(line))],
  ]);
  const isAtWork = (value: string): boolean => categoryOf(value) === "indeterminate" && value !== WAITING;
  if (stage === "active") {
    const wasClosed = incident.versions.some((before) => isClosedStage(stageOf(before)));
    // Back to work, not back to the beginning, once it was shown as closed; whether a short resolution was seen at all is chance.
    fields.set("status", (value) => {
      if (options.wasShownClosed) return isAtWork(value);
      return categoryOf(value) === "new" || (wasClosed && isAtWork(value));
    });
  }
  if (stage === "inProgress") fields.set("status", isAtWork);
  if (stage === "awaitingCustomerAction")
    fields.set("status", (value) => (options.hasWaiting ? value === WAITING : isAtWork(value)));
  if (isClosedStage(stage)) fields.set("status", (value) => categoryOf(value) === "done");
  if (stage === "redirected" && options.survivors.length > 0)
    fields.set("links", (value) => options.survivors.some((survivor) => value.split("|").includes(survivor)));
  return fields;
}

/** What the screen of the last step to a closed status was given, where it had a resolution. */
export function fitsResolution(incident: SourceIncident, value: string): boolean {
  const { stage } = expectedOf(incident);
  if (stage === "resolved") return value === "Done";
  // Merged when it was closed already: no step is taken any more.
  const wasResolved = incident.versions.some((before) => stageOf(before) === "resolved");
  return value === "Duplicate" || (wasResolved && value === "Done");
}

function descriptionLines(version: SourceVersion): readonly string[] {
  const stage = stageOf(version);
  const raw = stage === "unrecognised" ? `: ${version.status}` : "";
  return [
    `Stage: ${STAGE_WORDS[stage] ?? ""}${raw}`,
    `Severity: ${version.severity}`,
    `Tags of the incident: ${version.customTags.join(", ")}`,
    ...(version.assignedTo === null ? [] : [`Assigned to: ${version.assignedTo}`]),
    ...(version.classification === null ? [] : [`Classification: ${version.classification}`]),
  ];
}
