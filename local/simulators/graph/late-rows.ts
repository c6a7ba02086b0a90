import type { SimulatorClock } from "../clock.ts";
import { createOrderedRows, type OrderedRows } from "../ordered-rows.ts";

/** What lists see: it may lag behind what a read by id sees. */
export interface LateRows<Row> {
  /** In order; brings in what has become visible. */
  rows(): OrderedRows<Row>;
  publish(row: Row, visibleAfterMs: number): void;
  drop(id: string): void;
}

/** One version of something; a later one replaces it. */
interface Versioned {
  readonly id: string;
  readonly version: number;
}

export function createLateRows<Row extends Versioned>(
  clock: SimulatorClock,
  compare: (left: Row, right: Row) => number,
): LateRows<Row> {
  const ordered = createOrderedRows<Row>(compare);
  const listed = new Map<string, Row>();
  let pending: Array<{ readonly row: Row; readonly visibleAt: number }> = [];

  function show(row: Row): void {
    const shown = listed.get(row.id);
    if (shown !== undefined) {
      if (shown.version > row.version) return;
      ordered.remove(shown);
    }
    ordered.add(row);
    listed.set(row.id, row);
  }

  function settle(): void {
    if (pending.length === 0) return;
    const now = clock.now();
    const due = pending.filter(({ visibleAt }) => visibleAt <= now);
    if (due.length === 0) return;
    pending = pending.filter(({ visibleAt }) => visibleAt > now);
    for (const { row } of due) show(row);
  }

  return {
    rows() {
      settle();
      return ordered;
    },
    publish(row, visibleAfterMs) {
      if (visibleAfterMs > 0) pending.push({ row, visibleAt: clock.now() + visibleAfterMs });
      else show(row);
    },
    drop(id) {
      const shown = listed.get(id);
      if (shown !== undefined) ordered.remove(shown);
      listed.delete(id);
      pending = pending.filter(({ row }) => row.id !== id);
    },
  };
}

/** Oldest update first; those of one stamp in the order they were made. */
export function byUpdate(
  left: { readonly updatedTicks: bigint; readonly ordinal: number },
  right: { readonly updatedTicks: bigint; readonly ordinal: number },
): number {
  if (left.updatedTicks !== right.updatedTicks) return left.updatedTicks < right.updatedTicks ? -1 : 1;
  return left.ordinal - right.ordinal;
}
