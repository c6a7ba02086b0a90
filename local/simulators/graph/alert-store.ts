import type { SimulatorClock } from "../clock.ts";
import type { OrderedRows } from "../ordered-rows.ts";
import { type AlertFields, type AlertRecord, newAlertFields } from "./alert-record.ts";
import { byUpdate, createLateRows } from "./late-rows.ts";

export interface AlertStore {
  add(incidentId: string, fields: AlertFields, stamp: AlertStamp): AlertRecord;
  change(id: string, fields: AlertFields, stamp: AlertStamp): AlertRecord;
  get(id: string): AlertRecord | undefined;
  of(incidentId: string): readonly AlertRecord[];
  /** The alerts that lists see, oldest update first. */
  rows(): OrderedRows<AlertRecord>;
  /** A merge takes the alerts along. */
  move(from: string, to: string, stamp: AlertStamp): void;
  drop(incidentId: string): void;
}

export interface AlertStamp {
  readonly ticks: bigint;
  /** `alerts_v2` lists the change only so much later. */
  readonly visibleAfterMs: number;
}

export function createAlertStore(clock: SimulatorClock): AlertStore {
  const byId = new Map<string, AlertRecord>();
  const byIncident = new Map<string, string[]>();
  const listed = createLateRows<AlertRecord>(clock, byUpdate);
  let ordinal = 0;

  function put(record: AlertRecord, { visibleAfterMs }: AlertStamp): AlertRecord {
    byId.set(record.id, record);
    listed.publish(record, visibleAfterMs);
    return record;
  }

  function next(
    old: AlertRecord,
    fields: AlertFields & { readonly incidentId?: string },
    stamp: AlertStamp,
  ): AlertRecord {
    return put({ ...old, ...fields, version: old.version + 1, updatedTicks: stamp.ticks }, stamp);
  }

  function of(incidentId: string): readonly AlertRecord[] {
    return (byIncident.get(incidentId) ?? []).map((id) => byId.get(id) as AlertRecord);
  }

  return {
    add(incidentId, fields, stamp) {
      ordinal += 1;
      const id = `da${String(638_000_000_000_000_000n + BigInt(ordinal))}_${1_000_000 + ordinal}`;
      const times = { createdTicks: stamp.ticks, updatedTicks: stamp.ticks };
      byIncident.set(incidentId, [...(byIncident.get(incidentId) ?? []), id]);
      return put({ ...newAlertFields(), ...fields, id, ordinal, version: 1, incidentId, ...times }, stamp);
    },
    change(id, fields, stamp) {
      const old = byId.get(id);
      if (old === undefined) throw new Error(`the simulated tenant has no alert ${id}`);
      return next(old, fields, stamp);
    },
    get: (id) => byId.get(id),
    of,
    rows: () => listed.rows(),
    move(from, to, stamp) {
      const moved = of(from);
      for (const alert of moved) next(alert, { incidentId: to }, stamp);
      byIncident.set(to, [...(byIncident.get(to) ?? []), ...moved.map(({ id }) => id)]);
      byIncident.delete(from);
    },
    drop(incidentId) {
      for (const { id } of of(incidentId)) {
        listed.drop(id);
        byId.delete(id);
      }
      byIncident.delete(incidentId);
    },
  };
}
