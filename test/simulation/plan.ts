import { type JiraPlan, SERVICENOW_ALONE, type TicketTools, drawJira, drawTicketTools } from "./jira-plan.ts";
import { NO_OPERATIONS, type OperationsPlan, hasOperations, operationsOf } from "./operations-plan.ts";
import { createPrng } from "./prng.ts";
import { type ReceiverPlan, drawReceiver } from "./receiver-plan.ts";

/** What a seed decides before anything happens. Probabilities are per occasion. */
export interface Plan {
  readonly seed: number;
  readonly tenants: readonly ["a"] | readonly ["a", "b"];
  readonly ticketTools: TicketTools;
  readonly hasSentinel: boolean;
  readonly incidents: number;
  /** How long things happen, milliseconds; then the faults stop. */
  readonly activeMs: number;
  readonly intervalMs: number;
  readonly requestsPerMinute: number;
  readonly experts: "only" | "all";
  readonly onHold: boolean;
  readonly source: SourcePlan;
  readonly serviceNow: ServiceNowPlan;
  readonly jira: JiraPlan;
  readonly sentinel: SentinelPlan;
  readonly person: number;
  readonly faults: FaultPlan;
  readonly operations: OperationsPlan;
  /** Undefined where no tenant has a lane of events. */
  readonly receiver: ReceiverPlan | undefined;
}

export interface SourcePlan {
  /** Rows of a page, whatever was asked for. */
  readonly pageSize: number;
  readonly order: "updated" | "created" | "random";
  /** A page's link says how many rows to leave out, or where the page before ended. */
  readonly links: "skip" | "token";
  readonly lateRow: number;
  readonly lateMaxMs: number;
  readonly sharedStamp: number;
  readonly staleRead: number;
  /** What the id of a merged incident is answered with. */
  readonly mergedAs: "itself" | "survivor";
}

export interface ServiceNowPlan {
  readonly searchLagMs: number;
  readonly isJournalReadable: boolean;
  /** Resolved records are closed after this by the instance; 0: never. */
  readonly closesAfterMs: number;
}

export interface SentinelPlan {
  readonly twinAfterMs: number;
  readonly takesFilter: boolean;
}

export interface FaultPlan {
  readonly timeoutBefore: number;
  readonly timeoutAfter: number;
  readonly refused: number;
  readonly throttled: number;
  readonly unavailable: number;
  readonly garbled: number;
  readonly partial: number;
  readonly slow: number;
  readonly outages: number;
  readonly crashes: number;
  readonly lockLost: number;
  readonly redelivered: number;
  readonly sendFails: number;
  readonly tableFails: number;
  readonly tableLatencyMs: number;
  readonly clockJumps: number;
  /** Two processes for a while, as in a deployment. */
  readonly overlaps: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUIET: FaultPlan = {
  timeoutBefore: 0,
  timeoutAfter: 0,
  refused: 0,
  throttled: 0,
  unavailable: 0,
  garbled: 0,
  partial: 0,
  slow: 0,
  outages: 0,
  crashes: 0,
  lockLost: 0,
  redelivered: 0,
  sendFails: 0,
  tableFails: 0,
  tableLatencyMs: 0,
  clockJumps: 0,
  overlaps: 0,
};

/** Each kind of fault is off in most histories, so that each mix is met: faults that are always there hide one another. */
export function planOf(seed: number): Plan {
  const random = createPrng(seed).fork("plan");
  const jiraRandom = random.fork("jira");
  const some = (share: number, from: number, to: number): number =>
    random.chance(share) ? random.between(from, to) : 0;
  const isShared = random.chance(0.2);
  // Drawn apart: a history that has none of it is the same history as without it.
  const operations = operationsOf(createPrng(seed).fork("operations"));
  const activeMs = random.pick([20 * MINUTE, 2 * HOUR, 8 * HOUR, 60 * HOUR]);
  return {
    seed,
    operations,
    receiver: drawReceiver(createPrng(seed).fork("receiver"), hasOperations(operations)),
    tenants: isShared ? ["a", "b"] : ["a"],
    // What operators do, and losses, are judged at ServiceNow.
    ticketTools: hasOperations(operations) ? SERVICENOW_ALONE : drawTicketTools(jiraRandom),
    hasSentinel: random.chance(0.6),
    incidents: isShared ? 2 + random.int(2) : 3 + random.int(3),
    activeMs,
    intervalMs: activeMs <= 20 * MINUTE ? random.pick([15_000, 30_000]) : random.pick([MINUTE, 5 * MINUTE]),
    requestsPerMinute: random.chance(0.2) ? 25 : 1_000,
    experts: random.chance(0.3) ? "only" : "all",
    onHold: random.chance(0.2),
    source: {
      pageSize: random.pick([50, 50, 50, 50, 2]),
      order: random.pick(["updated", "updated", "updated", "created", "random"]),
      links: random.pick(["skip", "token"]),
      lateRow: some(0.4, 0.05, 0.4),
      lateMaxMs: random.pick([MINUTE, 10 * MINUTE, 25 * MINUTE, 20 * HOUR]),
      sharedStamp: some(0.4, 0.1, 0.6),
      staleRead: some(0.3, 0.02, 0.2),
      mergedAs: random.pick(["itself", "survivor"]),
    },
    serviceNow: {
      searchLagMs: random.pick([0, 1_000, 4_000]),
      isJournalReadable: random.chance(0.75),
      closesAfterMs: random.pick([0, 0, 10 * MINUTE, 3 * HOUR]),
    },
    jira: drawJira(jiraRandom),
    sentinel: { twinAfterMs: random.pick([0, 2 * MINUTE, 10 * MINUTE]), takesFilter: random.chance(0.7) },
    person: some(0.6, 0.1, 0.6),
    faults: random.chance(0.05)
      ? QUIET
      : {
          timeoutBefore: some(0.35, 0.01, 0.08),
          timeoutAfter: some(0.45, 0.02, 0.15),
          refused: some(0.3, 0.01, 0.1),
          throttled: some(0.3, 0.01, 0.1),
          unavailable: some(0.3, 0.01, 0.1),
          garbled: some(0.25, 0.01, 0.06),
          partial: some(0.2, 0.02, 0.2),
          slow: some(0.3, 0.02, 0.15),
          outages: random.chance(0.2) ? 1 + random.int(2) : 0,
          crashes: random.chance(0.5) ? 1 + random.int(6) : 0,
          lockLost: some(0.35, 0.02, 0.2),
          redelivered: some(0.35, 0.02, 0.2),
          sendFails: some(0.3, 0.02, 0.1),
          tableFails: some(0.3, 0.005, 0.04),
          tableLatencyMs: random.pick([0, 0, 5, 60]),
          clockJumps: random.chance(0.3) ? 1 + random.int(3) : 0,
          overlaps: random.chance(0.2) ? 1 + random.int(2) : 0,
        },
  };
}

/** The same history with nothing going wrong but what is given. */
export function calmPlan(seed: number, changes: Partial<Plan> = {}): Plan {
  return { ...planOf(seed), faults: QUIET, operations: NO_OPERATIONS, ...changes };
}
