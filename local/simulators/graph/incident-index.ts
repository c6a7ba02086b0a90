import { createOrderedRows, type OrderedRows } from "../ordered-rows.ts";
import type { SimulatorClock } from "../clock.ts";
import type { IncidentRecord } from "./incident-record.ts";

/** What lists see: it may lag behind what a read by id sees. */
export interface IncidentIndex {
  /** Ordered by lastUpdateDateTime, oldest first; brings in what has become visible. */
  rows(): OrderedRows<IncidentRecord>;
  publish(record: IncidentRecord, visibleAfterMs: number): void;
  drop(id: string): void;
}

export function createIncidentIndex(clock: SimulatorClock): IncidentIndex {
  const ordered = createOrderedRows<IncidentRecord>(byUpdate);
  const listed = new Map<string, IncidentRecord>();
  let pending: Array<{ readonly record: IncidentRecord; readonly visibleAt: number }> = [];

  function show(record: IncidentRecord): void {
    const shown = listed.get(record.id);
    if (shown !== undefined) {
      if (shown.version > record.version) return;
      ordered.remove(shown);
    }
    ordered.add(record);
    listed.set(record.id, record);
  }

  function settle(): void {
    if (pending.length === 0) return;
    const now = clock.now();
    const due = pending.filter(({ visibleAt }) => visibleAt <= now);
    if (due.length === 0) return;
    pending = pending.filter(({ visibleAt }) => visibleAt > now);
    for (const { record } of due) show(record);
  }

  return {
    rows() {
      settle();
      return ordered;
    },
    publish(record, visibleAfterMs) {
      if (visibleAfterMs > 0) pending.push({ record, visibleAt: clock.now() + visibleAfterMs });
      else show(record);
    },
    drop(id) {
      const shown = listed.get(id);
      if (shown !== undefined) ordered.remove(shown);
      listed.delete(id);
      pending = pending.filter(({ record }) => record.id !== id);
    },
  };
}

function byUpdate(left: IncidentRecord, right: IncidentRecord): number {
  if (left.updatedTicks !== right.updatedTicks) return left.updatedTicks < right.updatedTicks ? -1 : 1;
  return left.ordinal - right.ordinal;
}
