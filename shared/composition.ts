import { type TokenSource, createCredential, tokenSource } from "./azure/credentials.ts";
import { azureBus, azureTables } from "./compose-azure.ts";
import { type Bells, composeBells } from "./compose-bells.ts";
import { type Figures, composeFigures } from "./compose-metrics.ts";
import { configuredHosts, privateAuthorities } from "./compose-hosts.ts";
import { ticketPolicyOf } from "./compose-policy.ts";
import type { Config, TenantSettings } from "./config/config.ts";
import { loadConfig } from "./config/load-config.ts";
import { readSecretAddress } from "./config/secret-address.ts";
import { type Settings, readSettings } from "./config/settings.ts";
import type { ConnectorId, TicketConnector } from "./connectors/connector.ts";
import { type Connector, isEventConnector } from "./connectors/event-connector.ts";
import { PermanentError } from "./errors.ts";
import type { Graph } from "./graph/graph-client.ts";
import { createEgressGuard } from "./http/egress-guard.ts";
import type { Http } from "./http/request.ts";
import type { TenantId } from "./incident/incident.ts";
import type { Route } from "./incident/route.ts";
import { createBornAt } from "./pipeline/born-at.ts";
import { type Breaker, createBreaker } from "./pipeline/breaker.ts";
import { type FirstCheck, createFirstCheck } from "./pipeline/lane/first-check.ts";
import type { DetectDeps } from "./pipeline/detect/detect-deps.ts";
import type { SubscriptionDeps } from "./pipeline/bells/keep-subscription.ts";
import type { MeasureDeps } from "./pipeline/overview/measure.ts";
import { oweEvents } from "./pipeline/lane/owe-events.ts";
import type { OverviewDeps } from "./pipeline/overview/read-overview.ts";
import type { Bus } from "./pipeline/ports/bus.ts";
import type { Clock } from "./pipeline/ports/clock.ts";
import type { Log } from "./pipeline/ports/log.ts";
import type { Metrics } from "./pipeline/ports/metrics.ts";
import type { Random } from "./pipeline/ports/random.ts";
import type { Source } from "./pipeline/ports/source.ts";
import type { Tables } from "./pipeline/ports/table.ts";
import type { EventDeps, LaneDeps, SyncDeps } from "./pipeline/lane/sync-deps.ts";
import { connectorHome, tenantHome } from "./homes.ts";
import { createJsonLog, systemClock, systemRandom } from "./system.ts";

/** From delivery; less than host.json's `sessionIdleTimeout`, so that a session is not given away while its work goes on. */
const DEADLINE_MS = 45_000;
/** Added to claims and leases for clocks that differ: machines of a cloud, or none. */
const MARGIN_ON_AZURE_MS = 60_000;
const MARGIN_ON_ONE_MACHINE_MS = 2_000;
/** Longer than any request to Graph may take, and the page after it. */
const POLL_LEASE_MS = 30_000;

/** What may be given instead of the real thing: the embedded store on one machine, virtual time in a simulation. */
export interface Provided {
  readonly tables?: Tables;
  readonly bus?: Bus;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
  readonly figures?: Figures;
  /** Instead of requests over the network. */
  readonly http?: Http;
  /** True where one process holds clock, bus and state. */
  readonly isOneMachine?: boolean;
  /** Where the host on one machine is reached; known once it listens. */
  readonly publicUrl?: () => string | undefined;
}

/** Everything wired. Made once per process, with the first work that needs it. */
export interface Composition {
  readonly config: Config;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly figures: Figures;
  readonly bus: Bus;
  readonly tables: Tables;
  detectDeps(tenantId: TenantId): Promise<DetectDeps>;
  laneDeps(connectorId: ConnectorId): Promise<SyncDeps | EventDeps>;
  overviewDeps(): OverviewDeps;
  measureDeps(): MeasureDeps;
  readonly bells: Bells;
  subscriptionDeps(tenantId: TenantId): Promise<SubscriptionDeps>;
  /** Before the process ends: figures are told, connections are ended, and what was lost with one is owed again. */
  endWork(): Promise<void>;
  close(): Promise<void>;
}

export async function compose(provided: Provided = {}, settings: Settings = readSettings()): Promise<Composition> {
  const config = await loadConfig(settings.configFile);
  const isOneMachine = provided.isOneMachine === true;
  const clock = provided.clock ?? systemClock;
  const random = provided.random ?? systemRandom;
  const log = provided.log ?? createJsonLog((_level, line) => process.stdout.write(`${line}\n`));
  const tables = provided.tables ?? azureTables(settings);
  const closable = provided.bus === undefined ? [azureBus(settings)] : [];
  const bus = provided.bus ?? closable[0] ?? azureBus(settings);
  let http: Promise<Http> | undefined;
  const marginMs = isOneMachine ? MARGIN_ON_ONE_MACHINE_MS : MARGIN_ON_AZURE_MS;
  const graphs = new Map<TenantId, Promise<Graph>>();
  const sources = new Map<TenantId, Promise<Source>>();
  const connectors = new Map<ConnectorId, Promise<Connector>>();
  const breakers = new Map<ConnectorId, Breaker>();
  const firstChecks = new Map<ConnectorId, FirstCheck>();
  const bornAt = createBornAt({ control: tables.control, clock });
  const figures = provided.figures ?? composeFigures({ settings, isOneMachine, clock, log });
  const { metrics } = figures;
  for (const warning of config.warnings) log.warn("configuration", { warning });
  const bells = composeBells({
    config,
    settings,
    tables,
    bus,
    clock,
    random,
    log,
    marginMs,
    graphOf,
    deadlineMs: DEADLINE_MS,
    publicUrl: () => provided.publicUrl?.(),
    tenantOf: (tenantId) => tenantOf(config, tenantId),
  });

  return {
    config,
    settings,
    clock,
    random,
    log,
    metrics,
    figures,
    bus,
    tables,
    bells,
    subscriptionDeps: (tenantId) => bells.subscriptionDeps(tenantId),
    async detectDeps(tenantId) {
      const tenant = tenantOf(config, tenantId);
      const source = await sourceOf(tenant);
      return {
        tenant: {
          id: tenant.id,
          scope: { ...config.scope, assignees: tenant.assignees },
          assignees: tenant.assignees,
          lanes: lanesOf(config, tenant.id),
          routes: routesOf(config),
          overlapMs: config.poll.overlapMs,
          requestsPerMinute: config.poll.requestsPerMinute,
        },
        source,
        tables,
        bus,
        clock,
        random,
        log,
        metrics,
        deadlineMs: DEADLINE_MS,
        leaseMs: POLL_LEASE_MS + marginMs,
        mappingVersionOf,
      };
    },
    async laneDeps(connectorId) {
      const named = config.connectors.find(({ id }) => id === connectorId);
      const connector = await connectorOf(connectorId);
      const lane: Omit<LaneDeps, "connector"> = {
        breaker: breakerOf(connectorId),
        tenantIds: named?.tenantIds ?? [],
        ...(named?.route === undefined ? {} : { route: named.route }),
        assignees: assigneesOf(config),
        tables,
        bus,
        clock,
        random,
        log,
        metrics,
        deadlineMs: DEADLINE_MS,
      };
      if (isEventConnector(connector)) return { ...lane, connector };
      return {
        ...lane,
        connector,
        firstCheck: firstCheckOf(connector),
        bornAt,
        policy: ticketPolicyOf(named),
        marginMs,
      };
    },
    overviewDeps,
    measureDeps: () => ({
      overview: overviewDeps(),
      metrics,
      requestsPerMinute: config.poll.requestsPerMinute,
      dueMs: config.handoverDueMs,
    }),
    endWork,
    async close() {
      try {
        await endWork();
      } finally {
        await Promise.all([http?.then((opened) => opened.close()), ...closable.map((own) => own.close())]);
      }
    },
  };

  async function endWork(): Promise<void> {
    await Promise.all([figures.flush(), ...[...connectors.values()].map(endConnector)]);
  }

  async function endConnector(made: Promise<Connector>): Promise<void> {
    const connector = await made.catch(() => undefined);
    if (connector === undefined || isEventConnector(connector)) return;
    const unconfirmed = (await connector.close?.()) ?? [];
    await oweEvents({ tables, bus, clock, random, log }, connector.id, unconfirmed);
  }

  function overviewDeps(): OverviewDeps {
    return {
      tables,
      clock,
      isDemo: settings.isDemo,
      pollIntervalMs: config.poll.intervalMs,
      tenants: config.tenants.map((tenant) => ({
        id: tenant.id,
        name: tenant.name,
        portalUrl: tenantHome(tenant, settings.isDemo),
      })),
      connectors: config.connectors.map((connector) => ({
        id: connector.id as ConnectorId,
        kind: connector.kind,
        url: connectorHome(connector, settings.isDemo, (name) => settings.secret(name)),
        tenantIds: connector.tenantIds,
        ...(connector.route === undefined ? {} : { route: connector.route }),
      })),
    };
  }

  /** What is sent to Graph and to the tools goes through here (tokens are fetched by @azure/identity itself). Loaded late: a doorbell needs none of it. */
  function httpOf(): Promise<Http> {
    http ??=
      provided.http === undefined
        ? import("./http/request.ts").then(({ createHttp }) =>
            createHttp({
              allowPrivate: config.allowPrivate,
              allowedHosts: configuredHosts(config, settings),
              authorities: privateAuthorities(config, settings),
              clock,
              userAgent: "dex-sync/0.1",
            }),
          )
        : Promise.resolve(provided.http);
    return http;
  }

  /** A source that could not be made is made anew with the next poll. */
  function sourceOf(tenant: TenantSettings): Promise<Source> {
    return remembered(sources, tenant.id, () => makeSource(tenant));
  }

  async function makeSource(tenant: TenantSettings): Promise<Source> {
    const { createGraphSource } = await import("./graph/graph-source.ts");
    return createGraphSource({ tenantId: tenant.id, graph: await graphOf(tenant), clock });
  }

  function graphOf(tenant: TenantSettings): Promise<Graph> {
    return remembered(graphs, tenant.id, async () => {
      const { createGraph } = await import("./graph/graph-client.ts");
      const token = tokenOf(tenant, settings, `${new URL(tenant.graphUrl).origin}/.default`);
      return createGraph({ baseUrl: tenant.graphUrl, http: await httpOf(), token });
    });
  }

  function breakerOf(connector: ConnectorId): Breaker {
    const known = breakers.get(connector) ?? createBreaker({ connector, control: tables.control, clock, log });
    breakers.set(connector, known);
    return known;
  }

  function firstCheckOf(connector: TicketConnector): FirstCheck {
    const known = firstChecks.get(connector.id) ?? createFirstCheck({ connector, control: tables.control, clock, log });
    firstChecks.set(connector.id, known);
    return known;
  }

  function connectorOf(connectorId: ConnectorId): Promise<Connector> {
    return remembered(connectors, connectorId, () => makeConnector(connectorId));
  }

  async function mappingVersionOf(connectorId: ConnectorId): Promise<number | undefined> {
    try {
      const connector = await connectorOf(connectorId);
      // Events have no mapping: nothing that was said is said again when we change.
      return isEventConnector(connector) ? undefined : connector.mappingVersion;
    } catch (error) {
      // Its lane says so with every delta.
      if (!(error instanceof PermanentError)) throw error;
      return undefined;
    }
  }

  async function makeConnector(connectorId: ConnectorId): Promise<Connector> {
    const found = config.connectors.find((connector) => connector.id === connectorId);
    const tenantId = found?.tenantIds[0];
    if (found === undefined || tenantId === undefined) {
      throw new PermanentError("misconfigured", `there is no connector "${connectorId}" in the configuration`);
    }
    const tenant = tenantOf(config, tenantId);
    const { createConnector } = await import("./connectors/registry.ts");
    return createConnector(found, {
      http: await httpOf(),
      egress: createEgressGuard(config.allowPrivate),
      clock,
      secret: (name) => requiredSecret(settings, name),
      address: (name) => requiredAddress(settings, name, config.allowPrivate),
      cloud: tenant.cloud,
      portalHosts: portalHostsOf(found.tenantIds.map((id) => tenantOf(config, id))),
      assignees: tenant.assignees,
      azureToken: (armUrl, credential) =>
        tokenOf(
          { ...tenant, credential: credential ?? tenant.credential },
          settings,
          `${new URL(armUrl).origin}/.default`,
        ),
    });
  }
}

/** Made once; what could not be made is not remembered. */
function remembered<K, V>(known: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}

function tokenOf(tenant: TenantSettings, settings: Settings, scope: string): TokenSource {
  let credential: ReturnType<typeof createCredential> | undefined;
  return tokenSource(({ isNew }) => {
    if (isNew) credential = undefined;
    credential ??= createCredential(tenant.credential, {
      tenantId: tenant.id,
      loginUrl: tenant.cloud.loginUrl,
      defaultClientId: settings.clientId,
      secret: (name) => requiredSecret(settings, name),
    }).catch((error: unknown) => {
      credential = undefined;
      throw error;
    });
    return credential;
  }, scope);
}

/** Where incidents of any of these are shown: a ticket's link to one of them stays a link. */
function portalHostsOf(tenants: readonly TenantSettings[]): readonly string[] {
  const hosts = tenants.flatMap((tenant) => [new URL(tenant.cloud.portalUrl).host, ...simulatedPortal(tenant)]);
  return [...new Set(hosts)];
}

/** A simulated tenant, known by the credential that is good for nothing else, shows its incidents itself. */
function simulatedPortal(tenant: TenantSettings): readonly string[] {
  return tenant.credential.kind === "token" ? [new URL(tenant.graphUrl).host] : [];
}

function requiredSecret(settings: Settings, name: string): string {
  const value = settings.secret(name);
  if (value !== undefined) return value;
  const { detail, mend } = settings.whyNoSecret(name);
  throw new PermanentError("misconfigured", detail, { mend });
}

function requiredAddress(settings: Settings, name: string, allowPrivate: readonly string[]): string {
  const address = readSecretAddress(requiredSecret(settings, name), allowPrivate);
  if ("url" in address) return address.url;
  throw new PermanentError("misconfigured", `the address in ${name} cannot be used: it ${address.problem}`, {
    mend: `put the receiver's whole address into ${name}; on Azure: npm run azure:secret -- ${name}`,
  });
}

function tenantOf(config: Config, tenantId: TenantId): TenantSettings {
  const tenant = config.tenants.find((candidate) => candidate.id === tenantId);
  if (tenant !== undefined) return tenant;
  throw new PermanentError("misconfigured", `there is no tenant "${tenantId}" in the configuration`, {
    mend: "put the tenant back into the configuration, or drop this work",
  });
}

/** Connectors that get a tenant's incidents. */
function lanesOf(config: Config, tenantId: TenantId): readonly ConnectorId[] {
  return config.connectors
    .filter((connector) => connector.tenantIds.includes(tenantId))
    .map((connector) => connector.id as ConnectorId);
}

function routesOf(config: Config): Readonly<Record<ConnectorId, Route>> {
  return Object.fromEntries(config.connectors.map(({ id, route }) => [id, route ?? {}]));
}

/** Names of all tenants together: a lane serves several, and the names are configured to be told apart. */
function assigneesOf(config: Config): TenantSettings["assignees"] {
  return {
    experts: [...new Set(config.tenants.flatMap((tenant) => tenant.assignees.experts))],
    customer: [...new Set(config.tenants.flatMap((tenant) => tenant.assignees.customer))],
  };
}
