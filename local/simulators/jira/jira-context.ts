import type { SimulatorClock } from "../clock.ts";
import type { Issue, IssueStore } from "./issue-store.ts";
import type { JiraBehaviour } from "./jira-behaviour.ts";
import type { JiraProject } from "./jira-project.ts";

/** What the routes of the simulated Jira work on. */
export interface JiraContext {
  readonly flavor: "cloud" | "dataCenter";
  /** `/rest/api/3` or `/rest/api/2`. */
  readonly api: string;
  readonly clock: SimulatorClock;
  readonly behaviour: JiraBehaviour;
  readonly project: JiraProject;
  readonly issues: IssueStore;
  may(permission: string): boolean;
  /** False for an issue in a project that is hidden from the account. */
  sees(issue: Issue): boolean;
  /** Notes a request that no client of ours should send. */
  unexpected(what: string): void;
}
