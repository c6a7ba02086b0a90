import { azureBus, azureTables } from "./compose-azure.ts";
import { type Bells, composeBells } from "./compose-bells.ts";
import { type Figures, composeFigures } from "./compose-metrics.ts";
import { composeOutside } from "./compose-outside.ts";
import { ticketPolicyOf } from "./compose-policy.ts";
import { assigneesOf, lanesOf, routesOf, tenantOf } from "./compose-tenants.ts";
import type { Config } from "./config/config.ts";
import { loadConfig } from "./config/load-config.ts";
import { type Settings, readSettings } from "./config/settings.ts";
import type { ConnectorId, TicketConnector } from "./connectors/connector.ts";
import { type Connector, isEventConnector } from "./connectors/event-connector.ts";
import { PermanentError } from "./errors.ts";
import type { Http } from "./http/request.ts";
import type { TenantId } from "./incident/incident.ts";
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
  const marginMs = isOneMachine ? MARGIN_ON_ONE_MACHINE_MS : MARGIN_ON_AZURE_MS;
  const outside = composeOutside({ config, settings, clock, http: provided.http });
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
    graphOf: (tenant) => outside.graphOf(tenant),
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
      const source = await outside.sourceOf(tenant);
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
      const connector = await outside.connectorOf(connectorId);
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
        await Promise.all([outside.close(), ...closable.map((own) => own.close())]);
      }
    },
  };

  async function endWork(): Promise<void> {
    await Promise.all([figures.flush(), ...outside.connectors().map(endConnector)]);
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

  async function mappingVersionOf(connectorId: ConnectorId): Promise<number | undefined> {
    try {
      const connector = await outside.connectorOf(connectorId);
      // Events have no mapping: nothing that was said is said again when we change.
      return isEventConnector(connector) ? undefined : connector.mappingVersion;
    } catch (error) {
      // Its lane says so with every delta.
      if (!(error instanceof PermanentError)) throw error;
      return undefined;
    }
  }
}
