import type { SimulatorClock } from "../clock.ts";
import { type JiraProject, type JiraStatus, statusNamed } from "./jira-project.ts";

/** An issue as the simulated Jira keeps it. */
export interface Issue {
  readonly id: string;
  /** Another one after a move. */
  key: string;
  /** Keys it had before: they still lead to it. */
  readonly formerKeys: string[];
  readonly createdAtMs: number;
  readonly issueType: string;
  /** Id of the issue that this one is a sub-task of. */
  readonly parent?: string;
  /** Fields but labels, status, resolution and links: as they were sent. */
  fields: Record<string, unknown>;
  labels: readonly string[];
  status: JiraStatus;
  resolution: string;
  updatedAtMs: number;
  readonly properties: Map<string, unknown>;
  readonly remoteLinks: Map<string, Record<string, unknown>>;
  readonly links: Array<{ readonly type: string; readonly outward: string }>;
  readonly comments: Comment[];
  /** Names of the statuses it was in. */
  readonly passed: string[];
  /** When it was written, for the limit of writes per issue. */
  writtenAtMs: number[];
}

export interface Comment {
  readonly id: string;
  readonly body: unknown;
  readonly by: string;
  /** Shown to customers of a service project. */
  readonly jsdPublic: boolean;
  readonly createdAtMs: number;
}

export interface IssueStore {
  create(issueType: string, fields: Record<string, unknown>, labels: readonly string[], parent?: string): Issue;
  subtasksOf(issue: Issue): readonly Issue[];
  /** By id or key. */
  get(idOrKey: string): Issue | undefined;
  all(): readonly Issue[];
  labelled(label: string): readonly Issue[];
  addComment(issue: Issue, comment: Omit<Comment, "id" | "createdAtMs">): Comment;
  /** As if a person moved it to another project: it has another key and the same id. */
  moveToProject(issue: Issue, project: string): void;
  /** As if a person moved it on the board. */
  move(issue: Issue, status: string): void;
  delete(idOrKey: string): boolean;
}

export function createIssueStore(clock: SimulatorClock, project: JiraProject): IssueStore {
  const issues = new Map<string, Issue>();
  let made = 0;
  let comments = 0;
  let moved = 0;

  return {
    create(issueType, fields, labels, parent) {
      made += 1;
      const now = clock.now();
      const status = project.statuses[0];
      if (status === undefined) throw new Error("a simulated project needs a status");
      const issue: Issue = {
        id: String(10_000 + made),
        key: `${project.key}-${made}`,
        formerKeys: [],
        createdAtMs: now,
        updatedAtMs: now,
        issueType,
        ...(parent === undefined ? {} : { parent }),
        fields,
        labels,
        status,
        resolution: "",
        properties: new Map(),
        remoteLinks: new Map(),
        links: [],
        comments: [],
        passed: [status.name],
        writtenAtMs: [],
      };
      issues.set(issue.id, issue);
      return issue;
    },
    get,
    subtasksOf: ({ id }) => [...issues.values()].filter(({ parent }) => parent === id),
    all: () => [...issues.values()],
    labelled: (label) => [...issues.values()].filter(({ labels }) => labels.includes(label)),
    addComment(issue, comment) {
      comments += 1;
      const added = { ...comment, id: String(20_000 + comments), createdAtMs: clock.now() };
      issue.comments.push(added);
      return added;
    },
    moveToProject(issue, key) {
      moved += 1;
      issue.formerKeys.push(issue.key);
      issue.key = `${key}-${moved}`;
      issue.updatedAtMs = clock.now();
    },
    move(issue, status) {
      issue.status = statusNamed(project, status);
      issue.passed.push(status);
      if (issue.status.category !== "done") issue.resolution = "";
      issue.updatedAtMs = clock.now();
    },
    delete: (idOrKey) => issues.delete(get(idOrKey)?.id ?? ""),
  };

  function get(idOrKey: string): Issue | undefined {
    const has = ({ key, formerKeys }: Issue): boolean => key === idOrKey || formerKeys.includes(idOrKey);
    return issues.get(idOrKey) ?? [...issues.values()].find(has);
  }
}
