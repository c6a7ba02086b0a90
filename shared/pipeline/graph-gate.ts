import type { TenantId } from "../incident/incident.ts";
import { GATE_ROW } from "./keys.ts";
import type { Random } from "./ports/random.ts";
import { ConflictError, type ETag, type Table } from "./ports/table.ts";

/**
 * "Graph asked this tenant's callers to wait": one row per tenant, shared by every function that calls Graph. Whoever is about to call
 * reads it; whoever is throttled closes it; whoever is served afterwards opens it.
 */
export interface Gate {
  /** Nobody calls before then, milliseconds since 1970; 0 where nothing was asked. */
  readonly notBefore: number;
  /** Times in a row that Graph asked to wait; a pause counts once, however many callers were under way. */
  readonly strikes: number;
  /** When it was asked last. */
  readonly at: number;
  /** The version that was read; undefined where there is no row. */
  readonly etag: ETag | undefined;
}

const FIRST_BACKOFF_MS = 5_000;
const LONGEST_BACKOFF_MS = 60_000;
const JITTER_SHARE = 0.2;
const LONGEST_JITTER_MS = 30_000;
/** A header that asks for more is a mistake of somebody between us and Graph: a tenant is not left unread for good on its word. */
const LONGEST_PAUSE_MS = 24 * 60 * 60_000;

export async function readGate(control: Table, tenantId: TenantId): Promise<Gate> {
  const row = await control.get(tenantId, GATE_ROW);
  if (row === undefined) return { notBefore: 0, strikes: 0, at: 0, etag: undefined };
  return { ...(row.value as Omit<Gate, "etag">), etag: row.etag };
}

/** After an answer that asked to wait (429, or 503 with Retry-After): nobody calls for as long as was asked, and longer each time in a row. Answers the gate as it is then. */
export async function closeGate(
  control: Table,
  tenantId: TenantId,
  now: number,
  retryAfterMs: number | undefined,
  random: Random,
): Promise<Gate> {
  for (;;) {
    const gate = await readGate(control, tenantId);
    const strikes = gate.notBefore > now ? Math.max(1, gate.strikes) : gate.strikes + 1;
    const notBefore = Math.max(gate.notBefore, now + pauseMs(strikes, retryAfterMs, random));
    if (gate.notBefore === notBefore && gate.strikes === strikes) return gate;
    const closed = { notBefore, strikes, at: now };
    try {
      const condition = gate.etag === undefined ? "absent" : { etag: gate.etag };
      return { ...closed, etag: await control.put(tenantId, GATE_ROW, closed, condition) };
    } catch (error) {
      // Another caller was throttled at the same time: what it wrote is never shortened.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

/** After an answer that did not: the next pause begins small again. `seen` is the gate as it was before the call; one that changed since stays. */
export async function openGate(control: Table, tenantId: TenantId, seen: Gate): Promise<void> {
  if (seen.strikes === 0 || seen.etag === undefined) return;
  const opened = { notBefore: seen.notBefore, strikes: 0, at: seen.at };
  try {
    await control.put(tenantId, GATE_ROW, opened, { etag: seen.etag });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** Jitter only ever adds: callers of many tenants do not come back in step, and none comes back early. */
function pauseMs(strikes: number, retryAfterMs: number | undefined, random: Random): number {
  const asked = Math.min(LONGEST_PAUSE_MS, retryAfterMs ?? 0);
  const isTold = strikes === 1 && retryAfterMs !== undefined;
  const backoff = isTold ? 0 : Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(strikes - 1, 10));
  const pause = Math.max(asked, backoff);
  return Math.ceil(pause + random.next() * Math.min(LONGEST_JITTER_MS, pause * JITTER_SHARE));
}
