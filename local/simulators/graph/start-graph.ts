import { machineClock, type SimulatorClock } from "../clock.ts";
import { createBehaviour } from "../http/behaviour.ts";
import { createControlPanel } from "../http/control-panel.ts";
import type { Faults } from "../http/faults.ts";
import { PAGE_HEADERS } from "../http/html.ts";
import { type Call, htmlReply, type Reply, textReply } from "../http/message.ts";
import type { RequestCounters } from "../http/request-counters.ts";
import { startServer } from "../http/start-server.ts";
import { createGate } from "./gate.ts";
import { defaultGraphBehaviour, GRAPH_CHOICES, type GraphBehaviour } from "./graph-behaviour.ts";
import type { GraphContext } from "./graph-context.ts";
import { createGraphReplies } from "./graph-reply.ts";
import { routeGraph } from "./graph-routes.ts";
import { incidentPage } from "./incident-page.ts";
import type { IncidentRecord } from "./incident-record.ts";
import { createIncidentStore, type IncidentStore } from "./incident-store.ts";
import { incidentWebUrl, renderIncident } from "./render-incident.ts";
import type { LifecycleEvent } from "./notification-body.ts";
import type { SubscriptionRecord } from "./subscription-request.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { createTaskStore, type TaskRecord, type TaskStore } from "./task-store.ts";

export interface GraphOptions {
  readonly port?: number;
  readonly clock?: SimulatorClock;
  readonly tenantId?: string;
  /** The bearer tokens that are accepted. */
  readonly tokens?: readonly string[];
  readonly firstId?: number;
  /** `microsoft` writes links as the service does; `simulator` makes them lead to the simulator's own page. */
  readonly portalLinks?: "microsoft" | "simulator";
  readonly behaviour?: Partial<GraphBehaviour>;
}

export interface GraphSimulator {
  readonly url: string;
  readonly tenantId: string;
  /** Where the link to an incident leads. */
  portalUrlOf(incidentId: string): string;
  readonly incidents: IncidentStore;
  readonly tasks: TaskStore;
  readonly behaviour: GraphBehaviour;
  readonly faults: Faults;
  readonly requests: RequestCounters;
  /** Incidents whose alerts cannot be expanded. */
  readonly poisoned: Set<string>;
  /** Incidents that break every list page that would hold them. */
  readonly unlistable: Set<string>;
  /** Incidents whose own list of alerts fails. */
  readonly alertless: Set<string>;
  setTokens(tokens: readonly string[]): void;
  /** Runs after each page of incidents is put together: the place to move rows between pages. */
  onPage(listener: (page: { readonly skip: number; readonly rows: number }) => void): void;
  /** What is subscribed to now, with the secrets that Graph does not show. */
  subscriptions(): readonly SubscriptionRecord[];
  /** Posts the event to every lifecycleNotificationUrl; answers how many took it with 2xx. `subscriptionRemoved` also forgets the subscriptions. */
  sendLifecycle(event: LifecycleEvent): Promise<number>;
  /** Change notifications answered with 2xx, and those that were not. */
  notifications(): { readonly sent: number; readonly lost: number };
  /** Set by what plays the story: whether it is over. Shown in `/simulator/truth`. */
  markFinished(): void;
  close(): Promise<void>;
}

export const DEFAULT_TENANT_ID = "cfcdbe43-297b-4c6b-ac7e-8d7f6befb514";
export const DEFAULT_GRAPH_TOKEN = "simulated-graph-token";

/** A simulated Microsoft Graph: security incidents, alerts, incident tasks, subscriptions. */
export async function startGraph(options: GraphOptions = {}): Promise<GraphSimulator> {
  const clock = options.clock ?? machineClock;
  const behaviour = { ...defaultGraphBehaviour(), ...options.behaviour };
  const replies = createGraphReplies(clock);
  const incidents = createIncidentStore({ clock, behaviour, firstId: options.firstId ?? 1001 });
  const tasks = createTaskStore(clock, behaviour);
  const gate = createGate(clock, behaviour, replies);
  gate.setTokens(options.tokens ?? [DEFAULT_GRAPH_TOKEN]);
  const subscriptions = createSubscriptions();
  const poisoned = new Set<string>();
  const unlistable = new Set<string>();
  const alertless = new Set<string>();
  const tenantId = options.tenantId ?? DEFAULT_TENANT_ID;
  let pageListener: GraphContext["onPage"] = () => undefined;
  let isFinished = false;
  let portalUrl = "https://security.microsoft.com";

  const context: GraphContext = {
    clock,
    behaviour,
    replies,
    incidents,
    tasks,
    tenantId,
    get portalUrl() {
      return portalUrl;
    },
    caller: "API-App:SOC ticket sync",
    poisoned,
    unlistable,
    alertless,
    onPage: (page) => pageListener(page),
  };
  incidents.log.listen((change) => {
    if (change.kind === "drop") tasks.drop(change.incidentId);
    else subscriptions.notify(change, context);
  });

  const panel = createControlPanel({
    name: "Microsoft Graph",
    behaviour: createBehaviour(behaviour, GRAPH_CHOICES),
    records: () => newest(incidents).map((record) => ({ href: pagePath(record, tenantId), text: titleOf(record) })),
    views: {
      truth: () => truth(),
      changes: (call) => ({ changes: incidents.log.since(Number(call.query.get("after") ?? 0)) }),
    },
  });
  const server = await startServer({
    port: options.port ?? 0,
    clock,
    route: (_method, _path, call) => routeGraph(call, context, gate, subscriptions),
    control: (call, running) => panel(call, running) ?? portalPage(call),
  });
  if (options.portalLinks === "simulator") portalUrl = server.url;

  function truth(): unknown {
    const view = { beta: true, unknownMembers: true, tenantId, portalUrl, behaviour: defaultGraphBehaviour() };
    const all = [...incidents.all()].map((record) => renderIncident(record, view));
    return {
      finished: isFinished,
      count: all.length,
      changes: incidents.log.size(),
      incidents: all,
      tasks: tasks.all().map(plain),
    };
  }

  function portalPage(call: Call): Reply | undefined {
    const [, id] = /^\/incident2\/([^/]+)\/overview$/.exec(call.path) ?? [];
    if (id === undefined) return undefined;
    const record = incidents.get(decodeURIComponent(id));
    if (record === undefined) return textReply(404, "text/plain; charset=utf-8", "no such incident");
    return htmlReply(200, incidentPage(record, incidents, tasks), PAGE_HEADERS);
  }

  return {
    url: server.url,
    tenantId,
    portalUrlOf: (id) => incidentWebUrl(id, { portalUrl, tenantId }),
    incidents,
    tasks,
    behaviour,
    faults: server.faults,
    requests: server.requests,
    poisoned,
    unlistable,
    alertless,
    setTokens: (tokens) => gate.setTokens(tokens),
    onPage(listener) {
      pageListener = listener;
    },
    subscriptions: () => subscriptions.list(clock.now()),
    sendLifecycle: (event) => subscriptions.sendLifecycle(event, context),
    notifications: () => subscriptions.delivered(),
    markFinished() {
      isFinished = true;
    },
    async close() {
      subscriptions.close();
      await server.close();
    },
  };
}

function newest(incidents: IncidentStore): readonly IncidentRecord[] {
  const rows = incidents.index.rows();
  const shown: IncidentRecord[] = [];
  for (const row of rows.walkDown(rows.size())) {
    shown.push(row);
    if (shown.length >= 50) break;
  }
  return shown;
}

function pagePath({ id }: IncidentRecord, tenantId: string): string {
  return `/incident2/${id}/overview?tid=${tenantId}`;
}

function titleOf({ id, status, displayName }: IncidentRecord): string {
  return `${id} [${status}] ${displayName}`;
}

/** Without the bigints, which JSON does not know. */
function plain(task: TaskRecord): unknown {
  const { createdTicks: _created, modifiedTicks: _modified, ...rest } = task;
  return rest;
}
