import type { TenantId } from "../../incident/incident.ts";
import { STAGES, type Stage } from "../../incident/lifecycle.ts";
import type { Severity } from "../../incident/verdict.ts";
import { allRows } from "../all-rows.ts";
import { type BreakerState, readBreaker } from "../breaker.ts";
import { refilled } from "../detect/budget.ts";
import { ENRICHMENT_SHARE } from "../enrich/enrichment-budget.ts";
import type { IncidentSummary } from "../incident-summary.ts";
import type { Overview } from "./overview.ts";
import { type Budget, type PollState, readPollState } from "../poll-state.ts";
import type { GaugePoint, Metrics } from "../ports/metrics.ts";
import { type OverviewDeps, readOverview } from "./read-overview.ts";
import { readSubscription } from "../bells/subscription-state.ts";

export interface MeasureDeps {
  readonly overview: OverviewDeps;
  readonly metrics: Metrics;
  readonly requestsPerMinute: number;
  /** How long the customer may take, by severity, milliseconds. */
  readonly dueMs: Readonly<Record<Severity, number>>;
}

interface Standing {
  readonly tenant: TenantId;
  readonly open: readonly IncidentSummary[];
  readonly poll: PollState | undefined;
  /** Milliseconds since 1970; undefined without a subscription. */
  readonly subscriptionEndsAt: number | undefined;
}

/** Tells how everything stands now. */
export async function measure(deps: MeasureDeps): Promise<void> {
  const { tables, clock, tenants } = deps.overview;
  const overview = await readOverview(deps.overview);
  const standings = await Promise.all(tenants.map(({ id }) => standingOf(deps, id)));
  const now = clock.now();
  measureTenants(deps, standings, now);
  measureConnectors(deps.metrics, overview);
  const breakers = await Promise.all(
    deps.overview.connectors.map(async ({ id }) => ({ id, state: await readBreaker(tables.control, id) })),
  );
  const flags = (isSet: (state: BreakerState) => boolean) =>
    breakers.map(({ id, state }) => ({ value: isSet(state) ? 1 : 0, dimensions: { connector: id } }));
  deps.metrics.set(
    "dexsync.breaker.open",
    flags((state) => state.isOpen),
  );
  deps.metrics.set(
    "dexsync.paused",
    flags((state) => state.paused !== undefined || state.gone !== undefined),
  );
}

async function standingOf({ overview: { tables } }: MeasureDeps, tenant: TenantId): Promise<Standing> {
  const [open, poll, subscription] = await Promise.all([
    allRows<IncidentSummary>(tables.open, tenant, "incident:"),
    readPollState(tables.control, tenant),
    readSubscription(tables.control, tenant),
  ]);
  return { tenant, open, poll: poll?.state, subscriptionEndsAt: subscription.state.current?.expiresAt };
}

function measureTenants(deps: MeasureDeps, standings: readonly Standing[], now: number): void {
  const { metrics } = deps;
  metrics.set("dexsync.incidents.open", standings.flatMap(stagePoints));
  metrics.set(
    "dexsync.handovers",
    standings.flatMap(({ tenant, open }) => {
      const waiting = open.filter(({ handoverSince }) => handoverSince !== null);
      const overdue = waiting.filter(
        ({ handoverSince, severity }) => now - (handoverSince ?? now) > deps.dueMs[severity],
      );
      return [
        { value: waiting.length - overdue.length, dimensions: { tenant, state: "open" } },
        { value: overdue.length, dimensions: { tenant, state: "overdue" } },
      ];
    }),
  );
  // A tenant that was never read counts from its first try: a right that is missing from the start is to wake somebody too.
  metrics.set(
    "dexsync.watermark.age",
    standings.flatMap(({ tenant, poll }) =>
      poll === undefined ? [] : [{ value: (now - (poll.lastOkAt || poll.bornAt)) / 1_000, dimensions: { tenant } }],
    ),
  );
  metrics.set(
    "dexsync.quota.used",
    standings.flatMap(({ tenant, poll }) =>
      poll === undefined
        ? []
        : [
            {
              value: usedPercent(poll.budget, deps.requestsPerMinute, now),
              dimensions: { tenant, budget: "lists" },
            },
            {
              value: usedPercent(poll.enrichment, deps.requestsPerMinute * ENRICHMENT_SHARE, now),
              dimensions: { tenant, budget: "enrichment" },
            },
          ],
    ),
  );
  metrics.set(
    "dexsync.subscription.expiry",
    standings.flatMap(({ tenant, subscriptionEndsAt }) =>
      subscriptionEndsAt === undefined ? [] : [{ value: (subscriptionEndsAt - now) / 1_000, dimensions: { tenant } }],
    ),
  );
}

/** Every stage that is not closed has a point, so that a figure falls to nought where nothing is left. */
function stagePoints({ tenant, open }: Standing): readonly GaugePoint<"dexsync.incidents.open">[] {
  const stages = new Set<Stage>([...OPEN_STAGES, ...open.map(({ stage }) => stage)]);
  return [...stages].map((stage) => ({
    value: open.filter((summary) => summary.stage === stage).length,
    dimensions: { tenant, stage },
  }));
}

const OPEN_STAGES = STAGES.filter((stage) => ["active", "inProgress", "awaitingCustomerAction"].includes(stage));

function usedPercent(budget: Budget, perMinute: number, now: number): number {
  const { left } = refilled(budget, perMinute, now);
  return Math.round(100 * Math.max(0, 1 - left / Math.max(1, perMinute)));
}

function measureConnectors(metrics: Metrics, { connectors, incidents, tenants }: Overview): void {
  metrics.set(
    "dexsync.parked",
    [...connectors, { id: "source", parked: tenants.reduce((sum, tenant) => sum + (tenant.parked ?? 0), 0) }].map(
      ({ id, parked }) => ({ value: parked, dimensions: { connector: id } }),
    ),
  );
  metrics.set(
    "dexsync.tickets.drifted",
    connectors.map(({ id, drifted }) => ({ value: drifted, dimensions: { connector: id } })),
  );
  const tickets = incidents.flatMap((incident) => incident.tickets);
  metrics.set(
    "dexsync.tickets.behind",
    connectors.flatMap(({ id }) =>
      (["behind", "waiting", "parked"] as const).map((state) => ({
        value: tickets.filter((ticket) => ticket.connector === id && ticket.state === state).length,
        dimensions: { connector: id, state },
      })),
    ),
  );
}
