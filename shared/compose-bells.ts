import { bellAddress } from "./config/bell-address.ts";
import type { Config, TenantSettings } from "./config/config.ts";
import type { Settings } from "./config/settings.ts";
import type { Graph } from "./graph/graph-client.ts";
import { type RecentIds, createRecentIds } from "./http/recent-ids.ts";
import type { TenantId } from "./incident/incident.ts";
import { createBellRate } from "./pipeline/bells/bell-rate.ts";
import type { GraphBellDeps } from "./pipeline/bells/graph-bell.ts";
import type { SubscriptionDeps } from "./pipeline/bells/keep-subscription.ts";
import type { Bus } from "./pipeline/ports/bus.ts";
import type { Clock } from "./pipeline/ports/clock.ts";
import type { Log } from "./pipeline/ports/log.ts";
import type { Random } from "./pipeline/ports/random.ts";
import type { Tables } from "./pipeline/ports/table.ts";
import type { SubscriptionPlan } from "./pipeline/bells/subscription-step.ts";

/** Longer than a signature is believed, either side of now. */
const REPLAY_MS = 10 * 60_000;
const MOST_RECENT = 10_000;

/** What the doorbells, and the timer that keeps Graph's, work with. */
export interface Bells extends GraphBellDeps {
  /** Values of the doorbell's secrets that are set. */
  secrets(): readonly string[];
  /** Signed calls that this process has kept. */
  readonly recent: RecentIds;
  planOf(tenantId: TenantId): SubscriptionPlan;
  subscriptionDeps(tenantId: TenantId): Promise<SubscriptionDeps>;
}

export function composeBells(parts: {
  readonly config: Config;
  readonly settings: Settings;
  readonly tables: Tables;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly deadlineMs: number;
  readonly marginMs: number;
  publicUrl(): string | undefined;
  tenantOf(tenantId: TenantId): TenantSettings;
  graphOf(tenant: TenantSettings): Promise<Graph>;
}): Bells {
  const { config, settings, tables, bus, clock, random, log, deadlineMs } = parts;

  function planOf(tenantId: TenantId): SubscriptionPlan {
    const publicUrl = config.publicUrl ?? settings.publicUrl ?? parts.publicUrl();
    return {
      resource: settings.isSubscribing ? config.graphResource : "",
      ...bellAddress(publicUrl, parts.tenantOf(tenantId).graphUrl),
    };
  }

  return {
    tenants: config.tenants.map((tenant) => tenant.id),
    tables,
    bus,
    clock,
    log,
    secrets: () => config.doorbellSecrets.flatMap((name) => settings.secret(name) ?? []),
    rate: createBellRate({ clock, log }),
    recent: createRecentIds({ clock, forMs: REPLAY_MS, most: MOST_RECENT }),
    planOf,
    async subscriptionDeps(tenantId) {
      const { createGraphSubscriptions } = await import("./graph/graph-subscriptions.ts");
      const api = createGraphSubscriptions(await parts.graphOf(parts.tenantOf(tenantId)));
      const claimMs = deadlineMs + parts.marginMs;
      return { tenantId, plan: planOf(tenantId), api, tables, clock, random, log, deadlineMs, claimMs };
    },
  };
}
