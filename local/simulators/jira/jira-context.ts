import type { SimulatorClock } from "../clock.ts";
import type { IssueStore } from "./issue-store.ts";
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
  /** Notes a request that no client of ours should send. */
  unexpected(what: string): void;
}
