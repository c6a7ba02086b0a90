import { createOrderedRows, type OrderedRows } from "../ordered-rows.ts";
import { type AlertFields, type AlertRecord, newAlertFields } from "./alert-record.ts";

export interface AlertStore {
  add(incidentId: string, fields: AlertFields, ticks: bigint): AlertRecord;
  get(id: string): AlertRecord | undefined;
  of(incidentId: string): readonly AlertRecord[];
  /** All alerts, oldest update first. */
  rows(): OrderedRows<AlertRecord>;
  /** A merge takes the alerts along. */
  move(from: string, to: string, ticks: bigint): void;
  drop(incidentId: string): void;
}

export function createAlertStore(): AlertStore {
  const byId = new Map<string, AlertRecord>();
  const byIncident = new Map<string, string[]>();
  const ordered = createOrderedRows<AlertRecord>(byUpdate);
  let ordinal = 0;

  function put(record: AlertRecord): void {
    const previous = byId.get(record.id);
    if (previous !== undefined) ordered.remove(previous);
    byId.set(record.id, record);
    ordered.add(record);
  }

  function of(incidentId: string): readonly AlertRecord[] {
    return (byIncident.get(incidentId) ?? []).map((id) => byId.get(id) as AlertRecord);
  }

  return {
    add(incidentId, fields, ticks) {
      ordinal += 1;
      const id = `da${String(638_000_000_000_000_000n + BigInt(ordinal))}_${1_000_000 + ordinal}`;
      const record = {
        ...newAlertFields(),
        ...fields,
        id,
        ordinal,
        incidentId,
        createdTicks: ticks,
        updatedTicks: ticks,
      };
      put(record);
      byIncident.set(incidentId, [...(byIncident.get(incidentId) ?? []), id]);
      return record;
    },
    get: (id) => byId.get(id),
    of,
    rows: () => ordered,
    move(from, to, ticks) {
      const moved = of(from);
      for (const alert of moved) put({ ...alert, incidentId: to, updatedTicks: ticks });
      byIncident.set(to, [...(byIncident.get(to) ?? []), ...moved.map(({ id }) => id)]);
      byIncident.delete(from);
    },
    drop(incidentId) {
      for (const alert of of(incidentId)) {
        ordered.remove(alert);
        byId.delete(alert.id);
      }
      byIncident.delete(incidentId);
    },
  };
}

function byUpdate(left: AlertRecord, right: AlertRecord): number {
  if (left.updatedTicks !== right.updatedTicks) return left.updatedTicks < right.updatedTicks ? -1 : 1;
  return left.ordinal - right.ordinal;
}
