/** How the project's administrator has set it up: statuses, the ways between them, and what the ways ask for. */
export interface JiraWorkflow {
  /** The first is a new issue's. */
  readonly statuses: readonly JiraStatus[];
  readonly transitions: readonly JiraTransition[];
}

export interface JiraStatus {
  readonly id: string;
  readonly name: string;
  readonly category: "new" | "indeterminate" | "done";
}

export interface JiraTransition {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Whether its screen has a resolution, and needs it. */
  readonly resolution?: "offered" | "required";
}

/** `simple`: any status from any. `steps`: review comes before closing, and closed issues are opened again. `final`: closed is closed. */
export type JiraWorkflowKind = "simple" | "steps" | "final";

export const RESOLUTIONS = ["Done", "Duplicate", "Won't Do"];
/** A status that the mapping names for what waits for the customer; the simple workflow has none. */
export const WAITING = "Waiting for SOC";

const TO_DO: JiraStatus = { id: "1", name: "To Do", category: "new" };
const WORK: JiraStatus = { id: "3", name: "In Progress", category: "indeterminate" };
const WAIT: JiraStatus = { id: "4", name: WAITING, category: "indeterminate" };
const REVIEW: JiraStatus = { id: "5", name: "Review", category: "indeterminate" };
const DONE: JiraStatus = { id: "6", name: "Done", category: "done" };

const AT_WORK: readonly JiraTransition[] = [
  { id: "11", from: "To Do", to: "In Progress" },
  { id: "12", from: "In Progress", to: "To Do" },
  { id: "21", from: "In Progress", to: WAITING },
  { id: "22", from: WAITING, to: "In Progress" },
];

export const WORKFLOWS: Readonly<Record<JiraWorkflowKind, JiraWorkflow>> = {
  simple: {
    statuses: [TO_DO, WORK, DONE],
    transitions: [TO_DO, WORK, DONE].flatMap((from) =>
      [TO_DO, WORK, DONE].filter((to) => to !== from).map((to) => ({ id: to.id, from: from.name, to: to.name })),
    ),
  },
  steps: {
    statuses: [TO_DO, WORK, WAIT, REVIEW, DONE],
    transitions: [
      ...AT_WORK,
      { id: "31", from: "In Progress", to: "Review" },
      { id: "32", from: "Review", to: "In Progress" },
      { id: "41", from: "Review", to: "Done", resolution: "required" },
      { id: "51", from: "Done", to: "In Progress" },
    ],
  },
  final: {
    statuses: [TO_DO, WORK, WAIT, DONE],
    transitions: [...AT_WORK, { id: "41", from: "In Progress", to: "Done", resolution: "offered" }],
  },
};

export function categoryOf(status: string | undefined): JiraStatus["category"] | undefined {
  return [TO_DO, WORK, WAIT, REVIEW, DONE].find(({ name }) => name === status)?.category;
}

export function transitionsFrom(kind: JiraWorkflowKind, status: string | undefined): readonly JiraTransition[] {
  return WORKFLOWS[kind].transitions.filter(({ from }) => from === status);
}

/** Closed, and no way leads out of it. */
export function isFinal(kind: JiraWorkflowKind, status: string | undefined): boolean {
  return categoryOf(status) === "done" && transitionsFrom(kind, status).length === 0;
}
