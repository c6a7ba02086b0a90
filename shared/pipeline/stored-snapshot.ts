import type { ConnectorId } from "../connectors/connector.ts";
import { PermanentError } from "../errors.ts";
import type { Delta } from "../incident/delta.ts";
import type { Incident } from "../incident/incident.ts";
import type { Revision } from "../incident/revision.ts";
import type { Snapshot } from "../incident/snapshot.ts";

/** A snapshot as it lies in the table, with what detect must remember beside it. */
export interface StoredSnapshot extends Snapshot {
  /** Rows elsewhere and messages that are owed for this seq; empty once all are written. */
  readonly marks: readonly Mark[];
  /** Connectors that ever heard of this incident; absent on what was saved before there were routes. */
  readonly toldLanes?: readonly ConnectorId[];
  /** What the newest change was, for the message that announces it. */
  readonly delta: Delta;
  /** Which reading this content comes from: the lease's fencing number, then a counter within it. Orders readings without clocks. */
  readonly read: ReadingOrder;
  /** On a merged incident: when the customer's turn had begun, where it was theirs until the merge. The survivor's clock may start there. */
  readonly handoverAtMerge?: number;
  /** A reading of lower revision waiting for a second one a minute later to agree. */
  readonly doubt?: Doubt;
  /** How much is left out, where all of it would be too large for a row; it is never less again, so that no two readings take turns. */
  readonly cutLevel?: CutLevel;
}

export type Mark = `lane:${string}` | "open" | "report" | `survivor:${string}`;

export interface ReadingOrder {
  readonly fence: number;
  readonly counter: number;
}

/** How much of an incident that is too large for its row is left out, in this order: evidence, alerts, task descriptions, queries, comments. */
export type CutLevel = 0 | 1 | 2 | 3 | 4 | 5;

export interface Doubt {
  readonly revision: Revision;
  readonly seenAt: number;
}

export function isReadAfter(a: ReadingOrder, b: ReadingOrder): boolean {
  return a.fence === b.fence ? a.counter > b.counter : a.fence > b.fence;
}

const VERSION = 2;

export function packSnapshot(snapshot: StoredSnapshot): unknown {
  const { incident, doubt, ...rest } = snapshot;
  return {
    v: VERSION,
    ...rest,
    incident: { ...incident, revision: incident.revision.toString() },
    ...(doubt === undefined ? {} : { doubt: { ...doubt, revision: doubt.revision.toString() } }),
  };
}

export function unpackSnapshot(value: unknown): StoredSnapshot {
  const packed = value as Packed;
  if (typeof packed !== "object" || packed === null || (packed.v !== VERSION && packed.v !== 1)) {
    throw new PermanentError("malformed", "a snapshot was written by another version of this product", {
      mend: "run the version that wrote it, or delete the row `snapshot` of this incident and let the next poll write it anew",
    });
  }
  const { v, incident, doubt, ...rest } = packed;
  const { alerts, ...incidentAlone } = incident;
  const stay = rest.stages.at(-1);
  return {
    ...(v === 1 && stay?.stage === "awaitingCustomerAction" ? { handover: { since: stay.since } } : {}),
    ...rest,
    ...(v === 1 ? { changes: [{ seq: rest.seq, changedAt: rest.changedAt, seenAt: rest.seenAt }] } : {}),
    incident: {
      ...incidentAlone,
      revision: BigInt(incident.revision) as Revision,
      // Version 1 kept less of the alerts: they count as not read yet.
      ...(alerts === undefined || v === 1 ? {} : { alerts }),
    },
    ...(doubt === undefined ? {} : { doubt: { ...doubt, revision: BigInt(doubt.revision) as Revision } }),
  };
}

interface Packed extends Omit<StoredSnapshot, "incident" | "doubt"> {
  readonly v: number;
  readonly incident: Omit<Incident, "revision"> & { readonly revision: string };
  readonly doubt?: { readonly revision: string; readonly seenAt: number };
}
