import type { SimulatorClock } from "../clock.ts";
import type { AlertFields, AlertRecord } from "./alert-record.ts";
import { type AlertStamp, type AlertStore, createAlertStore } from "./alert-store.ts";
import { type ChangeKind, type ChangeLog, createChangeLog } from "./change-log.ts";
import type { GraphBehaviour } from "./graph-behaviour.ts";
import { type ChangeManner, type IncidentFields, type IncidentRecord, newIncidentFields } from "./incident-record.ts";
import { byUpdate, createLateRows, type LateRows } from "./late-rows.ts";
import { createStamper } from "./stamper.ts";
import { SEVERITIES } from "./enums.ts";
import { formatTicks, parseTicks } from "./ticks.ts";

/** The incidents of the simulated tenant: what its people, its detections and Defender Experts do. */
export interface IncidentStore {
  create(fields?: IncidentFields, manner?: ChangeManner): IncidentRecord;
  change(id: string, fields: IncidentFields, manner?: ChangeManner): IncidentRecord;
  /** Several incidents at one moment: they share a stamp. */
  changeTogether(ids: readonly string[], fields: IncidentFields): void;
  comment(id: string, author: string, text: string, manner?: ChangeManner): IncidentRecord;
  addAlert(id: string, alert?: AlertFields, manner?: ChangeManner): AlertRecord;
  /** An alert or its evidence goes on: moves the incident's stamp as a new alert would, unless the manner keeps it. */
  changeAlert(alertId: string, fields: AlertFields, manner?: ChangeManner): AlertRecord;
  /** The loser becomes a stub that points at the survivor; alerts and tags go over, comments stay. */
  merge(loserId: string, survivorId: string, manner?: ChangeManner): void;
  /** Forgets an incident, as retention would. */
  drop(id: string): void;
  get(id: string): IncidentRecord | undefined;
  all(): IterableIterator<IncidentRecord>;
  size(): number;
  readonly alerts: AlertStore;
  /** What lists see, ordered by lastUpdateDateTime, oldest first. */
  readonly index: LateRows<IncidentRecord>;
  readonly log: ChangeLog;
}

export interface IncidentStoreOptions {
  readonly clock: SimulatorClock;
  readonly behaviour: GraphBehaviour;
  readonly firstId: number;
}

export function createIncidentStore({ clock, behaviour, firstId }: IncidentStoreOptions): IncidentStore {
  const current = new Map<string, IncidentRecord>();
  const index = createLateRows<IncidentRecord>(clock, byUpdate);
  const alerts = createAlertStore(clock);
  const log = createChangeLog();
  const stamper = createStamper(clock, behaviour);
  let made = 0;

  function put(record: IncidentRecord, kind: ChangeKind, manner: ChangeManner): IncidentRecord {
    current.set(record.id, record);
    index.publish(record, lateness(manner));
    const via = manner.by?.startsWith("API-App:") === true ? "api" : "tenant";
    log.add({ incidentId: record.id, kind, at: clock.now(), stamp: formatTicks(record.updatedTicks), via });
    return record;
  }

  function lateness({ visibleAfterMs }: ChangeManner): number {
    return visibleAfterMs ?? behaviour.visibilityDelayMs;
  }

  function require(id: string): IncidentRecord {
    const record = current.get(id);
    if (record === undefined) throw new Error(`the simulated tenant has no incident ${id}`);
    return record;
  }

  function stampOf(manner: ChangeManner, previous: bigint | undefined): bigint {
    if (manner.stamp === undefined) return stamper.next(previous);
    const ticks = parseTicks(manner.stamp);
    if (ticks === undefined) throw new Error(`"${manner.stamp}" is not a UTC time with at most 7 fraction digits`);
    return ticks;
  }

  function alertStamp(manner: ChangeManner, previous: bigint | undefined): AlertStamp {
    return { ticks: stampOf(manner, previous), visibleAfterMs: lateness(manner) };
  }

  function create(fields: IncidentFields = {}, manner: ChangeManner = {}): IncidentRecord {
    const ticks = stampOf(manner, undefined);
    made += 1;
    const id = String(firstId + made - 1);
    const record = { ...newIncidentFields(), ...fields, id, ordinal: made, version: 1, comments: [] };
    return put({ ...record, createdTicks: ticks, updatedTicks: ticks }, "create", manner);
  }

  function write(id: string, fields: Partial<IncidentRecord>, kind: ChangeKind, manner: ChangeManner): IncidentRecord {
    const old = require(id);
    const moves = kind === "comment" ? behaviour.commentsMoveStamp : kind !== "alert" || behaviour.alertsMoveStamp;
    const restamps = manner.keepsStamp !== true && (moves || manner.stamp !== undefined);
    const updatedTicks = restamps ? stampOf(manner, old.updatedTicks) : old.updatedTicks;
    const by = manner.by === undefined ? {} : { lastModifiedBy: manner.by };
    return put({ ...old, ...by, ...fields, version: old.version + 1, updatedTicks }, kind, manner);
  }

  function addAlert(id: string, alert: AlertFields = {}, manner: ChangeManner = {}): AlertRecord {
    const { severity } = require(id);
    const added = alerts.add(id, alert, alertStamp(manner, undefined));
    write(id, { severity: worse(severity, added.severity) }, "alert", manner);
    return added;
  }

  function changeAlert(alertId: string, fields: AlertFields, manner: ChangeManner = {}): AlertRecord {
    const changed = alerts.change(alertId, fields, alertStamp(manner, alerts.get(alertId)?.updatedTicks));
    const { severity } = require(changed.incidentId);
    write(changed.incidentId, { severity: worse(severity, changed.severity) }, "alert", manner);
    return changed;
  }

  function merge(loserId: string, survivorId: string, manner: ChangeManner = {}): void {
    const loser = require(loserId);
    const survivor = require(survivorId);
    if (loserId === survivorId) throw new Error(`incident ${loserId} cannot be merged into itself`);
    const stub = { status: "redirected", redirectIncidentId: survivorId, customTags: [], systemTags: ["Redirected"] };
    write(loserId, stub, "redirect", manner);
    alerts.move(loserId, survivorId, alertStamp(manner, undefined));
    const customTags = union(survivor.customTags, loser.customTags);
    const systemTags = union(survivor.systemTags, loser.systemTags);
    write(survivorId, { customTags, systemTags, severity: worse(survivor.severity, loser.severity) }, "merge", manner);
  }

  return {
    create,
    change: (id, fields, manner = {}) => write(id, fields, "change", { by: "Defender Experts", ...manner }),
    changeTogether(ids, fields) {
      const latest = ids.map((id) => require(id).updatedTicks).reduce((a, b) => (a > b ? a : b), 0n);
      const stamp = formatTicks(stamper.next(latest));
      for (const id of ids) write(id, fields, "change", { by: "Defender Experts", stamp });
    },
    comment(id, author, text, manner = {}) {
      const comment = { author, text, ticks: stamper.next(require(id).comments.at(-1)?.ticks) };
      return write(id, { comments: [...require(id).comments, comment] }, "comment", { by: author, ...manner });
    },
    addAlert,
    changeAlert,
    merge,
    drop(id) {
      const { updatedTicks } = require(id);
      current.delete(id);
      index.drop(id);
      alerts.drop(id);
      log.add({ incidentId: id, kind: "drop", at: clock.now(), stamp: formatTicks(updatedTicks), via: "tenant" });
    },
    get: (id) => current.get(id),
    all: () => current.values(),
    size: () => current.size,
    alerts,
    index,
    log,
  };
}

function worse(left: string, right: string): string {
  const order: readonly string[] = SEVERITIES;
  return order.indexOf(right) > order.indexOf(left) ? right : left;
}

function union(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...new Set([...left, ...right])];
}
