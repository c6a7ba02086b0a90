/** A project of the simulated Jira: its workflow, and what its screens have. */
export interface JiraProject {
  readonly key: string;
  readonly kind: "software" | "service_desk";
  readonly issueTypes: readonly string[];
  /** Types of sub-tasks, after the others in every list. */
  readonly subtaskTypes: readonly string[];
  /** Of a service project; on Data Center the field takes `portal/key` of them. */
  readonly requestTypes: readonly JiraRequestType[];
  readonly priorities: readonly string[];
  readonly resolutions: readonly string[];
  readonly statuses: readonly JiraStatus[];
  /** The first status is the one of a new issue. */
  readonly transitions: readonly JiraTransition[];
  /** Required of a new issue beside summary, by id. */
  readonly requiredFields: Readonly<Record<string, string>>;
}

export interface JiraRequestType {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly issueType: string;
}

/** Key of the portal, for Data Center's spelling of a request type. */
export const PORTAL = "sec";
export const REQUEST_TYPE_FIELD = "customfield_10010";

export interface JiraStatus {
  readonly id: string;
  readonly name: string;
  readonly category: "new" | "indeterminate" | "done";
}

export interface JiraTransition {
  readonly id: string;
  readonly name: string;
  /** Status names; from "*" every one. */
  readonly from: string;
  readonly to: string;
  readonly screen?: Readonly<Record<string, { readonly required: boolean }>>;
}

/** A workflow of several steps: work comes before closing, and closing has a screen with a resolution. */
export const DEFAULT_PROJECT: JiraProject = {
  key: "SEC",
  kind: "software",
  issueTypes: ["Incident", "Task"],
  subtaskTypes: ["Sub-task"],
  requestTypes: [
    { id: "31", name: "Report an incident", key: "incident", issueType: "Incident" },
    { id: "32", name: "Ask for something", key: "ask", issueType: "Task" },
  ],
  priorities: ["Highest", "High", "Medium", "Low", "Lowest"],
  resolutions: ["Done", "Duplicate", "Won't Do"],
  statuses: [
    { id: "1", name: "To Do", category: "new" },
    { id: "3", name: "In Progress", category: "indeterminate" },
    { id: "4", name: "Waiting for SOC", category: "indeterminate" },
    { id: "5", name: "Review", category: "indeterminate" },
    { id: "6", name: "Done", category: "done" },
  ],
  transitions: [
    { id: "11", name: "Start", from: "To Do", to: "In Progress" },
    { id: "21", name: "Hand over", from: "In Progress", to: "Waiting for SOC" },
    { id: "22", name: "Take back", from: "Waiting for SOC", to: "In Progress" },
    { id: "31", name: "Ask for review", from: "In Progress", to: "Review" },
    { id: "41", name: "Resolve", from: "Review", to: "Done", screen: { resolution: { required: true } } },
    { id: "42", name: "Back to work", from: "Review", to: "In Progress" },
    { id: "51", name: "Reopen", from: "Done", to: "In Progress" },
  ],
  requiredFields: {},
};

/** An id of an issue type is its place here. */
export function typesOf({ issueTypes, subtaskTypes }: JiraProject): readonly string[] {
  return [...issueTypes, ...subtaskTypes];
}

export function statusNamed({ statuses }: JiraProject, name: string): JiraStatus {
  const found = statuses.find((status) => status.name === name);
  if (found === undefined) throw new Error(`the simulated workflow has no status "${name}"`);
  return found;
}

export function transitionsFrom({ transitions }: JiraProject, status: string): readonly JiraTransition[] {
  return transitions.filter(({ from, to }) => (from === "*" || from === status) && to !== status);
}
