import { machineClock, type SimulatorClock } from "../clock.ts";
import { createBehaviour } from "../http/behaviour.ts";
import { createControlPanel } from "../http/control-panel.ts";
import type { Faults } from "../http/faults.ts";
import { PAGE_HEADERS } from "../http/html.ts";
import { type Call, htmlReply, jsonReply, type Reply, type Route, textReply } from "../http/message.ts";
import type { RequestCounters } from "../http/request-counters.ts";
import { startServer } from "../http/start-server.ts";
import { createIssueStore, type Issue, type IssueStore } from "./issue-store.ts";
import { issuePage } from "./issue-page.ts";
import { defaultJiraBehaviour, JIRA_CHOICES, type JiraBehaviour } from "./jira-behaviour.ts";
import type { JiraContext } from "./jira-context.ts";
import { DEFAULT_PROJECT, type JiraProject } from "./jira-project.ts";
import { failure } from "./jira-reply.ts";
import { answerJira } from "./jira-routes.ts";
import { answerServiceDesk } from "./service-desk-routes.ts";
import { searchIssues } from "./search-issues.ts";

export interface JiraOptions {
  readonly port?: number;
  readonly clock?: SimulatorClock;
  readonly flavor?: "cloud" | "dataCenter";
  readonly project?: Partial<JiraProject>;
  readonly credentials?: Partial<JiraCredentials>;
  readonly behaviour?: Partial<JiraBehaviour>;
}

/** Cloud takes user and token together, Data Center the token alone. */
export interface JiraCredentials {
  readonly username: string;
  readonly token: string;
}

export interface JiraSimulator {
  readonly url: string;
  readonly flavor: "cloud" | "dataCenter";
  readonly credentials: JiraCredentials;
  readonly project: JiraProject;
  readonly issues: IssueStore;
  readonly behaviour: JiraBehaviour;
  readonly faults: Faults;
  readonly requests: RequestCounters;
  /** Requests that no client of ours should send: they were refused. */
  readonly unexpected: readonly string[];
  close(): Promise<void>;
}

const DESK_API = "/rest/servicedeskapi/";
const DEFAULT_CREDENTIALS: JiraCredentials = { username: "dex-sync@contoso.test", token: "simulated-jira-token" };

/** A simulated Jira with one project: Cloud with REST 3 and documents, or Data Center with REST 2 and wiki markup. */
export async function startJira(options: JiraOptions = {}): Promise<JiraSimulator> {
  const clock = options.clock ?? machineClock;
  const flavor = options.flavor ?? "cloud";
  const behaviour = { ...defaultJiraBehaviour(), ...options.behaviour };
  const project = { ...DEFAULT_PROJECT, ...options.project };
  const credentials = { ...DEFAULT_CREDENTIALS, ...options.credentials };
  const issues = createIssueStore(clock, project);
  const unexpected: string[] = [];
  const context: JiraContext = {
    flavor,
    api: flavor === "cloud" ? "/rest/api/3" : "/rest/api/2",
    clock,
    behaviour,
    project,
    issues,
    may: (permission) => behaviour.permissions.split(",").includes(permission),
    sees: ({ key }) => !behaviour.hiddenProjects.split(",").includes(key.slice(0, key.lastIndexOf("-"))),
    unexpected: (what) => unexpected.push(what),
  };

  const panel = createControlPanel({
    name: "Jira",
    behaviour: createBehaviour(behaviour, JIRA_CHOICES),
    records: () =>
      newest(issues).map((issue) => ({
        href: `/browse/${issue.key}`,
        text: `${issue.key} [${issue.status.name}] ${String(issue.fields["summary"])}`,
      })),
    views: {
      tickets: () => ({ count: issues.all().length, tickets: issues.all().map(whole) }),
      unexpected: () => ({ unexpected }),
    },
  });
  const server = await startServer({
    port: options.port ?? 0,
    clock,
    route: (_method, _path, call) => route(call),
    control: (call, running) => panel(call, running) ?? page(call),
  });

  function route(call: Call): Route {
    const path = call.path.startsWith(`${context.api}/`) ? call.path.slice(context.api.length + 1) : undefined;
    return { kind: kindOf(call.method, path), run: () => answer(call, path) };
  }

  function answer(call: Call, path: string | undefined): Reply {
    const isKnown = isSignedIn(call);
    if (!isKnown && !behaviour.answersStrangers) return stranger(401);
    const isSearch = path === (flavor === "cloud" ? "search/jql" : "search") && call.method === "GET";
    if (isSearch) {
      const found = searchIssues(call, context, !isKnown);
      return isKnown ? found : { ...found, headers: { ...found.headers, ...FAILED } };
    }
    if (!isKnown) return stranger(404);
    // Documented: the former search is gone from Cloud.
    if (path === "search")
      return failure(410, ["The requested API has been removed. Please migrate to /rest/api/3/search/jql."]);
    const desk = call.path.startsWith(DESK_API) ? call.path.slice(DESK_API.length) : undefined;
    const reply =
      desk === undefined
        ? answerJira(call, path ?? "", credentials.username, context)
        : answerServiceDesk(call, desk, context);
    if (reply !== undefined) return reply;
    unexpected.push(`${call.method} ${call.path}`);
    return jsonReply(404, { message: "null for uri", "status-code": 404 });
  }

  function isSignedIn({ headers }: Call): boolean {
    const { username, token } = credentials;
    const basic = `Basic ${Buffer.from(`${username}:${token}`).toString("base64")}`;
    return headers.authorization === (flavor === "cloud" ? basic : `Bearer ${token}`);
  }

  function page(call: Call): Reply | undefined {
    if (call.method !== "GET" || !call.path.startsWith("/browse/")) return undefined;
    const issue = issues.get(decodeURIComponent(call.path.slice("/browse/".length)));
    if (issue === undefined) return textReply(404, "text/plain; charset=utf-8", "Issue not found");
    return htmlReply(200, issuePage(issue), PAGE_HEADERS);
  }

  return {
    url: server.url,
    flavor,
    credentials,
    project,
    issues,
    behaviour,
    faults: server.faults,
    requests: server.requests,
    unexpected,
    close: () => server.close(),
  };
}

const FAILED = { "x-seraph-loginreason": "AUTHENTICATED_FAILED" } as const;

function stranger(status: number): Reply {
  return failure(status, ["You are not authenticated. Authentication required to perform this operation."], {}, FAILED);
}

function whole(issue: Issue): unknown {
  return {
    ...issue,
    status: issue.status.name,
    properties: Object.fromEntries(issue.properties),
    remoteLinks: [...issue.remoteLinks.values()],
  };
}

function newest(issues: IssueStore): readonly Issue[] {
  return issues
    .all()
    .toSorted((a, b) => b.updatedAtMs - a.updatedAtMs)
    .slice(0, 50);
}

/** "POST comment", "PUT issue", "GET transitions": method, and what of an issue it is about. */
function kindOf(method: string, path: string | undefined): string {
  if (path === undefined) return "other";
  const [kind = "", , part] = path.split("/");
  return `${method} ${kind === "issue" && part !== undefined && !path.includes("createmeta") ? part : kind}`;
}
