import type { IncidentId, TenantId } from "../incident/incident.ts";
import { digestOf } from "./digest.ts";
import type { OutgoingMessage } from "./ports/bus.ts";
import type { DeltaMessage } from "./schema.ts";
import type { StoredSnapshot } from "./stored-snapshot.ts";

/** Sessions a lane: few enough that each finds a slot at once, many enough that incidents do not wait for each other. host.json must allow as many. */
export const SHARDS = 32;

export function shardOf(tenantId: TenantId, incidentId: IncidentId): string {
  return `shard-${Number.parseInt(digestOf([tenantId, incidentId], 8), 16) % SHARDS}`;
}

export function deltaMessageOf(snapshot: StoredSnapshot): DeltaMessage {
  return {
    v: 1,
    tenantId: snapshot.incident.tenantId,
    incidentId: snapshot.incident.id,
    seq: snapshot.seq,
    cause: "change",
    n: 0,
    ...(snapshot.delta.from === undefined ? {} : { from: snapshot.delta.from }),
    to: snapshot.delta.to,
    changed: [...snapshot.delta.changed],
    changedAt: snapshot.changedAt,
    seenAt: snapshot.seenAt,
  };
}

/** The first sending of a change: repeated with the same id, it is dropped by duplicate detection. */
export function firstSending(message: DeltaMessage): OutgoingMessage {
  return { messageId: baseId(message), sessionId: sessionOf(message), body: message };
}

/** Any later sending has its cause, its number and a nonce in its id, so that it is never dropped. */
export function copyOf(message: DeltaMessage, scheduledAt: number, nonce: string): OutgoingMessage {
  return {
    messageId: `${baseId(message)}:${message.cause}:${message.n}:${nonce}`,
    sessionId: sessionOf(message),
    body: message,
    scheduledAt,
  };
}

function baseId(message: DeltaMessage): string {
  return digestOf([message.tenantId, message.incidentId, message.seq]);
}

function sessionOf(message: DeltaMessage): string {
  return shardOf(message.tenantId as TenantId, message.incidentId as IncidentId);
}
