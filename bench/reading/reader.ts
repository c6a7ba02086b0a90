import { createMemoryTables } from "../../local/store/memory-tables.ts";
import type { IncidentId } from "../../shared/incident/incident.ts";
import { lifecycleOf } from "../../shared/incident/lifecycle.ts";
import { type PollReport, detectChanges } from "../../shared/pipeline/detect/detect-changes.ts";
import type { DetectDeps } from "../../shared/pipeline/detect/detect-deps.ts";
import { type PollState, readPollState } from "../../shared/pipeline/poll-state.ts";
import type { DeltaMessage } from "../../shared/pipeline/schema.ts";
import type { Want } from "../../shared/pipeline/detect/want-alerts.ts";
import { readSnapshot } from "../../shared/pipeline/detect/save-reading.ts";
import type { StoredSnapshot } from "../../shared/pipeline/stored-snapshot.ts";
import { NO_METRICS } from "../../shared/pipeline/ports/metrics.ts";
import { planOf } from "../tenant-plan.ts";
import { CHANGED, type LargeTenant } from "./large-tenant.ts";

/** The configuration's default. */
export const POLL_MS = 15_000;
/** Below this the budget is not full. */
const FULL_SHARE = 0.6;
/** Changes come so far apart. */
const APART_MS = 10;
/** Longer than a first run looks back: what changed for an earlier reader lies out of its sight. */
const FORGET_MS = 31 * 24 * 60 * 60_000;
/** Longer than the window that is read for late rows. */
const QUIET_MS = 40 * 60_000;
const MOST_POLLS = 400;

/** A product that has read this tenant up to now, with a state of its own. */
export interface Reader {
  readonly tenant: LargeTenant;
  poll(): Promise<PollReport>;
  /** Time goes on to where the next poll is due. */
  wait(): Promise<void>;
  state(): Promise<PollState>;
  snapshot(id: string): Promise<StoredSnapshot | undefined>;
  /** True where a delta tells of how the incident stands now, and the snapshot that it points to says the same. */
  isPublished(id: string): Promise<boolean>;
  changeAll(ids: readonly string[], status: (index: number) => string, visibleAfterMs?: number): Promise<void>;
  /** Counts all alerts as read but those of these incidents. */
  wantOnly(ids: readonly string[]): Promise<void>;
}

/** The 1,000 are known to it as active, nothing is left to be read, its budget is full, and its overlap was just read again. */
export async function startReader(tenant: LargeTenant, requestsPerMinute: number): Promise<Reader> {
  const { clock, graph } = tenant;
  const published = new Map<string, DeltaMessage>();
  const deps = depsOf(tenant, requestsPerMinute, published);
  let startedAt = clock.now();

  const reader: Reader = {
    tenant,
    poll() {
      startedAt = clock.now();
      return detectChanges(deps, [], new AbortController().signal);
    },
    wait: () => clock.advance(Math.max(0, startedAt + POLL_MS - clock.now())),
    async state() {
      const held = await readPollState(deps.tables.control, tenant.tenantId);
      if (held === undefined) throw new Error("the tenant was not read yet");
      return held.state;
    },
    snapshot: async (id) => (await readSnapshot(deps, id as IncidentId))?.snapshot,
    async isPublished(id) {
      const truth = graph.incidents.get(id);
      const delta = published.get(id);
      const snapshot = await reader.snapshot(id);
      return (
        truth !== undefined &&
        snapshot?.seq === delta?.seq &&
        snapshot?.incident.revision === truth.updatedTicks &&
        snapshot.incident.status === truth.status &&
        delta?.to === lifecycleOf(snapshot.incident).stage
      );
    },
    async changeAll(ids, status, visibleAfterMs = 0) {
      for (const [index, id] of ids.entries()) {
        await clock.advance(APART_MS);
        graph.incidents.change(id, { status: status(index) }, { visibleAfterMs });
      }
    },
    async wantOnly(ids) {
      const { open } = deps.tables;
      const wants = await open.range(tenant.tenantId, { from: "wants:", to: "wants;", limit: 3 * CHANGED });
      for (const { row, value } of wants) {
        if (!ids.includes((value as Want).incidentId)) await open.delete(tenant.tenantId, row, "any");
      }
    },
  };
  await settle(reader, deps);
  return reader;
}

async function settle(reader: Reader, deps: DetectDeps): Promise<void> {
  const { clock, graph, ids, marker } = reader.tenant;
  await clock.advance(FORGET_MS);
  await reader.changeAll(ids, () => "active");
  await clock.advance(POLL_MS);
  const isKnown = async (): Promise<boolean> =>
    (await Promise.all(ids.map((id) => reader.isPublished(id)))).every((isOne) => isOne);
  for (let polls = 0; polls < MOST_POLLS && !(await isKnown()); polls += 1) {
    await reader.poll();
    await reader.wait();
  }
  await clock.advance(QUIET_MS);
  graph.incidents.change(marker, { description: `at ${clock.now()}` });
  await clock.advance(POLL_MS);
  for (let polls = 0; polls < MOST_POLLS; polls += 1) {
    const at = clock.now();
    await reader.poll();
    await reader.wantOnly([]);
    await reader.wait();
    const { unread, budget, overlapReadAt } = await reader.state();
    if (unread.length === 0 && budget.left > deps.tenant.requestsPerMinute * FULL_SHARE && overlapReadAt >= at) return;
  }
  throw new Error("the tenant did not come to rest");
}

function depsOf(tenant: LargeTenant, requestsPerMinute: number, published: Map<string, DeltaMessage>): DetectDeps {
  let made = 0;
  return {
    tenant: planOf(tenant.tenantId, { createdAfter: "", requestsPerMinute }),
    source: tenant.source,
    tables: createMemoryTables(),
    bus: {
      send(queue, messages) {
        for (const { body } of messages) {
          const delta = body as DeltaMessage;
          const isNewer = delta.seq > (published.get(delta.incidentId)?.seq ?? 0);
          if (queue.startsWith("incident-deltas-") && isNewer) published.set(delta.incidentId, delta);
        }
        return Promise.resolve();
      },
    },
    clock: tenant.clock,
    random: { next: () => 0.5, uuid: () => `bench-${(made += 1)}` },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: NO_METRICS,
    deadlineMs: 45_000,
    leaseMs: 17_000,
  };
}

/** One in a hundred goes to the customer, one in ten is closed. */
export function newStatus(index: number): string {
  if (index % 100 === 99) return "awaitingAction";
  return index % 10 === 5 ? "resolved" : "inProgress";
}
