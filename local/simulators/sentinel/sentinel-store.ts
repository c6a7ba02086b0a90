import type { SimulatorClock } from "../clock.ts";
import { createOrderedRows, type OrderedRows } from "../ordered-rows.ts";
import { idFrom } from "../stable-id.ts";
import type { SentinelChild, SentinelIncident } from "./sentinel-record.ts";

export type ChildKind = "comments" | "tasks";

export interface SentinelStore {
  /** Adds a record; name, number, etag and times are the store's. */
  add(
    fields: Omit<SentinelIncident, StoreOwned>,
    name: string | undefined,
    atMs: number,
    modifiedMs?: number,
  ): SentinelIncident;
  change(name: string, fields: Partial<SentinelIncident>, atMs: number): SentinelIncident;
  get(name: string): SentinelIncident | undefined;
  twinOf(defenderIncidentId: string): SentinelIncident | undefined;
  /** By lastModifiedTimeUtc, oldest first. */
  rows(): OrderedRows<SentinelIncident>;
  /** An incident's comments or tasks, by name. */
  children(name: string, kind: ChildKind): ReadonlyMap<string, SentinelChild>;
  /** Writes a comment or task; the same name again changes it. */
  putChild(
    name: string,
    kind: ChildKind,
    childName: string,
    properties: Readonly<Record<string, string>>,
  ): SentinelChild;
  deleteChild(name: string, kind: ChildKind, childName: string): boolean;
  drop(name: string): void;
  size(): number;
}

type StoreOwned = "name" | "number" | "etag" | "createdMs" | "modifiedMs";

export const DEFENDER_PROVIDER = "Microsoft XDR";

export function createSentinelStore(clock: SimulatorClock): SentinelStore {
  const incidents = new Map<string, SentinelIncident>();
  const twins = new Map<string, string>();
  const held = new Map<string, Map<string, SentinelChild>>();
  const ordered = createOrderedRows<SentinelIncident>(byModification);
  let made = 0;
  let writes = 0;

  function nextEtag(): string {
    writes += 1;
    return `"${writes.toString(16).padStart(8, "0")}-0000-0100-0000-${Math.trunc(clock.now() / 1000).toString(16)}0000"`;
  }

  function put(incident: SentinelIncident): SentinelIncident {
    const before = incidents.get(incident.name);
    if (before !== undefined) ordered.remove(before);
    incidents.set(incident.name, incident);
    ordered.add(incident);
    if (incident.providerName === DEFENDER_PROVIDER) twins.set(incident.providerIncidentId, incident.name);
    return incident;
  }

  function require(name: string): SentinelIncident {
    const incident = incidents.get(name);
    if (incident === undefined) throw new Error(`the simulated workspace has no incident ${name}`);
    return incident;
  }

  function childrenOf(name: string, kind: ChildKind): Map<string, SentinelChild> {
    const key = `${kind}/${name}`;
    const found = held.get(key) ?? new Map<string, SentinelChild>();
    held.set(key, found);
    return found;
  }

  function change(name: string, fields: Partial<SentinelIncident>, atMs: number): SentinelIncident {
    return put({ ...require(name), ...fields, etag: nextEtag(), modifiedMs: atMs });
  }

  return {
    add(fields, name, atMs, modifiedMs = atMs) {
      made += 1;
      const own = {
        name: name ?? idFrom("sentinel", String(made)),
        number: made,
        etag: nextEtag(),
        createdMs: atMs,
        modifiedMs,
      };
      return put({ ...fields, ...own });
    },
    change,
    get: (name) => incidents.get(name),
    twinOf: (id) => incidents.get(twins.get(id) ?? ""),
    rows: () => ordered,
    children: (name, kind) => held.get(`${kind}/${name}`) ?? new Map<string, SentinelChild>(),
    putChild(name, kind, childName, properties) {
      const now = clock.now();
      const children = childrenOf(name, kind);
      const createdMs = children.get(childName)?.createdMs ?? now;
      const child: SentinelChild = { name: childName, etag: nextEtag(), createdMs, modifiedMs: now, properties };
      children.set(childName, child);
      change(name, {}, now);
      return child;
    },
    deleteChild: (name, kind, childName) => childrenOf(name, kind).delete(childName),
    drop(name) {
      const incident = incidents.get(name);
      if (incident === undefined) return;
      ordered.remove(incident);
      incidents.delete(name);
      twins.delete(incident.providerIncidentId);
      held.delete(`comments/${name}`);
      held.delete(`tasks/${name}`);
    },
    size: () => incidents.size,
  };
}

function byModification(left: SentinelIncident, right: SentinelIncident): number {
  return left.modifiedMs - right.modifiedMs || left.number - right.number;
}
