import { machineClock, type SimulatorClock } from "../clock.ts";
import type { GraphSimulator } from "../graph/start-graph.ts";
import { createBehaviour } from "../http/behaviour.ts";
import { createControlPanel } from "../http/control-panel.ts";
import type { Faults } from "../http/faults.ts";
import { PAGE_HEADERS } from "../http/html.ts";
import { type Call, htmlReply, type Reply, type Route, textReply } from "../http/message.ts";
import type { RequestCounters } from "../http/request-counters.ts";
import { startServer } from "../http/start-server.ts";
import { answerPermissions, isPermissionsPath } from "./role-permissions.ts";
import { defaultSentinelBehaviour, SENTINEL_CHOICES, type SentinelBehaviour } from "./sentinel-behaviour.ts";
import type { SentinelContext } from "./sentinel-context.ts";
import { createSentinelGate } from "./sentinel-gate.ts";
import { sentinelPage } from "./sentinel-page.ts";
import type { SentinelChild, SentinelIncident } from "./sentinel-record.ts";
import { renderSentinelIncident } from "./sentinel-reply.ts";
import { parseSentinelPath, runSentinel } from "./sentinel-routes.ts";
import { createSentinelStore, type SentinelStore } from "./sentinel-store.ts";
import { createTwinConnector } from "./twin-connector.ts";

export interface SentinelOptions {
  readonly port?: number;
  readonly clock?: SimulatorClock;
  readonly tokens?: readonly string[];
  /** The one workspace there is. */
  readonly workspace?: Partial<Workspace>;
  readonly behaviour?: Partial<SentinelBehaviour>;
}

export interface Workspace {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspace: string;
}

export interface SentinelSimulator {
  readonly url: string;
  readonly workspace: Workspace;
  readonly behaviour: SentinelBehaviour;
  readonly faults: Faults;
  readonly requests: RequestCounters;
  /** The twin of a Defender incident, if its time has come. */
  twinOf(defenderIncidentId: string): SentinelIncident | undefined;
  incident(name: string): SentinelIncident | undefined;
  /** As a person in the portal would. */
  change(name: string, fields: Partial<SentinelIncident>): SentinelIncident;
  comments(name: string): readonly SentinelChild[];
  tasks(name: string): readonly SentinelChild[];
  size(): number;
  setTokens(tokens: readonly string[]): void;
  close(): Promise<void>;
}

export const DEFAULT_SENTINEL_TOKEN = "simulated-arm-token";
export const DEFAULT_WORKSPACE: Workspace = {
  subscriptionId: "7c9a2c3e-5d1f-4b8e-9a40-1f2e3d4c5b6a",
  resourceGroup: "soc",
  workspace: "sentinel",
};

/** A simulated Microsoft Sentinel workspace, fed by its own Defender connector from the simulated Graph. */
export async function startSentinel(graph: GraphSimulator, options: SentinelOptions = {}): Promise<SentinelSimulator> {
  const clock = options.clock ?? machineClock;
  const behaviour = { ...defaultSentinelBehaviour(), ...options.behaviour };
  const workspace = { ...DEFAULT_WORKSPACE, ...options.workspace };
  const store = createSentinelStore(clock);
  const gate = createSentinelGate(clock, behaviour);
  gate.setTokens(options.tokens ?? [DEFAULT_SENTINEL_TOKEN]);
  const connector = createTwinConnector(graph, store, clock, behaviour);
  const base = `/subscriptions/${workspace.subscriptionId}/resourceGroups/${workspace.resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/${workspace.workspace}/providers/Microsoft.SecurityInsights/incidents`;

  const render = (incident: SentinelIncident, origin: string): Record<string, unknown> =>
    renderSentinelIncident(incident, store.children(incident.name, "comments").size, base, origin);
  const context: SentinelContext = {
    clock,
    behaviour,
    store,
    gate,
    graph,
    render: (one, call) => render(one, call.origin),
  };
  const current = (): SentinelStore => {
    connector.catchUp();
    return store;
  };

  const panel = createControlPanel({
    name: "Microsoft Sentinel",
    behaviour: createBehaviour(behaviour, SENTINEL_CHOICES),
    records: () => newest(current()).map(linkOf),
    views: {
      incidents: (call) => ({
        count: current().size(),
        incidents: newest(store, store.size()).map((one) => whole(one, call)),
      }),
    },
  });
  const server = await startServer({
    port: options.port ?? 0,
    clock,
    route: (_method, _path, call) => route(call),
    control,
  });

  function route(call: Call): Route {
    if (isPermissionsPath(call.path))
      return {
        kind: "GET permissions",
        run: () => gate.check(call) ?? gate.admit(call) ?? answerPermissions(behaviour),
      };
    const path = parseSentinelPath(call.path);
    const kind = path === undefined ? "other" : `${call.method} ${path.kind}${path.isList ? " (list)" : ""}`;
    return {
      kind,
      run() {
        connector.catchUp();
        return gate.check(call) ?? gate.admit(call) ?? runSentinel(call, path, base, context);
      },
    };
  }

  function control(call: Call, running: Parameters<typeof panel>[1]): Reply | undefined {
    const [, name] = /^\/view\/incidents\/([^/]+)$/.exec(call.path) ?? [];
    if (name === undefined) return panel(call, running);
    const incident = current().get(name);
    if (incident === undefined) return textReply(404, "text/plain; charset=utf-8", "no such incident");
    return htmlReply(200, sentinelPage(incident, store), PAGE_HEADERS);
  }

  function whole(incident: SentinelIncident, call: Call): unknown {
    const children = (kind: "comments" | "tasks"): unknown => [...store.children(incident.name, kind).values()];
    return { ...render(incident, call.origin), comments: children("comments"), tasks: children("tasks") };
  }

  return {
    url: server.url,
    workspace,
    behaviour,
    faults: server.faults,
    requests: server.requests,
    twinOf: (id) => current().twinOf(id),
    incident: (name) => current().get(name),
    change: (name, fields) => current().change(name, fields, clock.now()),
    comments: (name) => [...current().children(name, "comments").values()],
    tasks: (name) => [...current().children(name, "tasks").values()],
    size: () => current().size(),
    setTokens: (tokens) => gate.setTokens(tokens),
    async close() {
      connector.stop();
      await server.close();
    },
  };
}

function newest(store: SentinelStore, count = 50): readonly SentinelIncident[] {
  const rows = store.rows();
  const shown: SentinelIncident[] = [];
  for (const row of rows.walkDown(rows.size())) {
    if (shown.length >= count) break;
    shown.push(row);
  }
  return shown;
}

function linkOf({ name, number, status, title }: SentinelIncident): { readonly href: string; readonly text: string } {
  return { href: `/view/incidents/${name}`, text: `${number} [${status}] ${title}` };
}
