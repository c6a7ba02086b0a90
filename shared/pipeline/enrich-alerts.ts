import type { IncidentId } from "../incident/incident.ts";
import { PermanentError } from "../errors.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { wantsRow } from "./keys.ts";
import { type HeldSnapshot, type SaveOutcome, readSnapshot, saveReading } from "./save-reading.ts";
import type { ReadingOrder } from "./stored-snapshot.ts";

/** Alerts of one incident are not read more often than this, but at a handover or a closing. */
const ALERTS_INTERVAL_MS = 5 * 60_000;

interface Want {
  readonly incidentId: IncidentId;
  readonly dueAt: number;
}

/** Notes that an incident's alerts should be read, when its share of the budget comes: never in a ticket's way. */
export async function wantAlerts(deps: DetectDeps, held: readonly SaveOutcome[]): Promise<void> {
  const wants = held.filter((item) => !item.isOwing || item.snapshot.delta.changed.some((field) => field !== "alerts"));
  for (let start = 0; start < wants.length; start += 100) {
    await deps.tables.open.batch(
      deps.tenant.id,
      wants.slice(start, start + 100).map((item) => ({
        kind: "put",
        row: wantsRow(item.snapshot.incident.id),
        value: { incidentId: item.snapshot.incident.id, dueAt: dueAt(deps, item) } satisfies Want,
        condition: "any",
      })),
    );
  }
}

function dueAt(deps: DetectDeps, item: SaveOutcome): number {
  const { delta, incident } = item.snapshot;
  const hasMoved = item.isOwing && delta.from !== delta.to;
  const readAt = incident.alerts?.readAt ?? 0;
  return hasMoved ? deps.clock.now() : Math.max(deps.clock.now(), readAt + ALERTS_INTERVAL_MS);
}

/** Reads the alerts of at most `requests` incidents that wait for it; answers how many requests it took, what changed, and the first failure: what was saved is published before it is told. */
export async function readWantedAlerts(
  deps: DetectDeps,
  requests: number,
  nextOrder: () => ReadingOrder,
  signal: AbortSignal,
): Promise<{ readonly requests: number; readonly held: readonly HeldSnapshot[]; readonly failure?: unknown }> {
  if (requests <= 0) return { requests: 0, held: [] };
  const now = deps.clock.now();
  const rows = await deps.tables.open.range(deps.tenant.id, { from: "wants:", to: "wants;", limit: 500 });
  const due = rows
    .filter((row) => (row.value as Want).dueAt <= now)
    .toSorted((a, b) => (a.value as Want).dueAt - (b.value as Want).dueAt)
    .slice(0, requests);
  const results = await Promise.allSettled(
    due.map((row) => readAlertsOf(deps, (row.value as Want).incidentId, nextOrder(), signal)),
  );
  const held: HeldSnapshot[] = [];
  let failure: unknown;
  for (const [index, result] of results.entries()) {
    if (result.status === "rejected") {
      failure ??= result.reason;
      continue;
    }
    if (result.value !== undefined) held.push(result.value);
    const row = due[index];
    if (row !== undefined) await deps.tables.open.delete(deps.tenant.id, row.row, "any");
  }
  return { requests: due.length, held, failure };
}

async function readAlertsOf(
  deps: DetectDeps,
  id: IncidentId,
  order: ReadingOrder,
  signal: AbortSignal,
): Promise<HeldSnapshot | undefined> {
  try {
    const alerts = await deps.source.alerts(id, signal);
    const before = await readSnapshot(deps, id);
    if (before === undefined) return undefined;
    const outcome = await saveReading(deps, { ...before.snapshot.incident, alerts }, order);
    return outcome?.isOwing === true ? outcome : undefined;
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    // One incident whose alerts cannot be had must not hold up the rest; its ticket goes without them and says so.
    deps.log.warn("alerts of an incident cannot be read", {
      tenantId: deps.tenant.id,
      incidentId: id,
      reason: error.reason,
    });
    return undefined;
  }
}
