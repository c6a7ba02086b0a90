import type { Classification, Severity } from "../../incident/verdict.ts";

/** What a user may set; what is left out has the default of a new Jira project. */
export interface JiraMapping {
  /** By stage: the name of a status, or `category:new`, `category:indeterminate`, `category:done`; "" leaves it alone. */
  readonly statuses?: Partial<Record<MappedStage, string>>;
  /** By severity: the name or the id of a priority; "" where the project has none. */
  readonly priorities?: Partial<Record<Severity, string>>;
  /** Put on every issue beside ours. */
  readonly labels?: readonly string[];
  readonly resolutions?: Partial<Record<Classification, string>>;
  readonly duplicateResolution?: string;
  /** Name of the link type between an issue and the one it was merged into; "" for none. */
  readonly duplicateLink?: string;
  /** Name or id of the issue type of sub-tasks, one for each of the experts' actions; "" makes none. */
  readonly subtaskType?: string;
  /** Sent with every new issue, as Jira's REST API takes them: fields that the project requires. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Sent with a transition whose screen has them. */
  readonly transitionFields?: Readonly<Record<string, unknown>>;
}

export type MappedStage = "active" | "inProgress" | "awaitingCustomerAction" | "resolved" | "redirected";

/** The mapping with its defaults filled in. */
export type FullMapping = {
  readonly [Name in keyof JiraMapping]-?: Required<NonNullable<JiraMapping[Name]>>;
};

/** Each sub-task is a value of the ticket: `subtask:<task>`. */
export const SUBTASK_PREFIX = "subtask:";

export const CATEGORY_PREFIX = "category:";

/** Every workflow has these three, whatever its statuses are called. */
const STATUSES: Record<MappedStage, string> = {
  active: "category:new",
  inProgress: "category:indeterminate",
  awaitingCustomerAction: "category:indeterminate",
  resolved: "category:done",
  redirected: "category:done",
};

/** The priorities of a new project. */
const PRIORITIES: Record<Severity, string> = {
  high: "High",
  medium: "Medium",
  low: "Low",
  informational: "Lowest",
  unknown: "Medium",
  unrecognised: "Medium",
};

/** What every Jira has; sent only where the screen of the transition offers it. */
export const RESOLUTION = "Done";
const RESOLUTIONS: Record<Classification, string> = {
  truePositive: RESOLUTION,
  informationalExpectedActivity: RESOLUTION,
  falsePositive: RESOLUTION,
  unknown: RESOLUTION,
  unrecognised: RESOLUTION,
};

export function fullMapping(mapping: JiraMapping): FullMapping {
  const redirected = mapping.statuses?.resolved ?? STATUSES.redirected;
  return {
    statuses: { ...STATUSES, redirected, ...mapping.statuses },
    priorities: { ...PRIORITIES, ...mapping.priorities },
    labels: mapping.labels ?? [],
    resolutions: { ...RESOLUTIONS, ...mapping.resolutions },
    duplicateResolution: mapping.duplicateResolution ?? "Duplicate",
    duplicateLink: mapping.duplicateLink ?? "Duplicate",
    subtaskType: mapping.subtaskType ?? "",
    fields: mapping.fields ?? {},
    transitionFields: mapping.transitionFields ?? {},
  };
}
