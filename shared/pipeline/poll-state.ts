import type { TenantId } from "../incident/incident.ts";
import type { Revision } from "../incident/revision.ts";
import { POLL_ROW } from "./keys.ts";
import type { Window } from "./ports/source.ts";
import { ConflictError, type ETag, type Table } from "./ports/table.ts";

/** A budget begins with a minute's worth. */
const MINUTE_MS = 60_000;

/** One row per tenant: the lease on reading, where reading goes on, and what is left of the budget. */
export interface PollState {
  /** Raised by every holder: a write that carries a lower number comes from one that lost the lease. */
  readonly fence: number;
  /** The lease ends then, milliseconds since 1970; 0 when nobody holds it. */
  readonly heldUntil: number;
  /** min(newest row, response Date) of the last complete poll; undefined before the first. */
  readonly cursor: Revision | undefined;
  /** Windows still to be read, newest first: the first run's history, and what one poll's budget did not reach. */
  readonly unread: readonly Window[];
  /** When this state was made: a create waits one settle time after it, for the whole state may have been lost. */
  readonly bornAt: number;
  readonly overlapReadAt: number;
  readonly lastOkAt: number;
  readonly lastTriedAt: number;
  /** Static text and a reason; never a body. */
  readonly lastError: string;
  /** The source asked not to be called before then. */
  readonly notBefore: number;
  /** Requests left to spend, and when that was so: for lists, and apart from them for enrichment. */
  readonly budget: Budget;
  readonly enrichment: Budget;
}

export interface Budget {
  readonly left: number;
  readonly at: number;
}

export interface HeldPollState {
  readonly state: PollState;
  readonly etag: ETag;
}

export async function readPollState(control: Table, tenantId: TenantId): Promise<HeldPollState | undefined> {
  const row = await control.get(tenantId, POLL_ROW);
  return row === undefined ? undefined : { state: unpack(row.value as Packed), etag: row.etag };
}

/** Takes the lease, or answers undefined where another holds it. */
export async function acquirePollLease(
  control: Table,
  tenantId: TenantId,
  now: number,
  leaseMs: number,
): Promise<HeldPollState | undefined> {
  const found = await readPollState(control, tenantId);
  if (found !== undefined && found.state.heldUntil > now) return undefined;
  const before = found?.state ?? initialState(now);
  const state: PollState = { ...before, fence: before.fence + 1, heldUntil: now + leaseMs, lastTriedAt: now };
  try {
    const condition = found === undefined ? "absent" : { etag: found.etag };
    return { state, etag: await control.put(tenantId, POLL_ROW, pack(state), condition) };
  } catch (error) {
    if (error instanceof ConflictError) return undefined;
    throw error;
  }
}

/** Writes the state over exactly the version held; a lost lease throws `ConflictError`. */
export async function savePollState(
  control: Table,
  tenantId: TenantId,
  state: PollState,
  etag: ETag,
): Promise<HeldPollState> {
  return { state, etag: await control.put(tenantId, POLL_ROW, pack(state), { etag }) };
}

function initialState(now: number): PollState {
  return {
    fence: 0,
    heldUntil: 0,
    cursor: undefined,
    unread: [],
    bornAt: now,
    overlapReadAt: 0,
    lastOkAt: 0,
    lastTriedAt: 0,
    lastError: "",
    notBefore: 0,
    budget: { left: 0, at: now - MINUTE_MS },
    enrichment: { left: 0, at: now - MINUTE_MS },
  };
}

interface Packed extends Omit<PollState, "cursor" | "unread"> {
  readonly cursor: string | null;
  readonly unread: readonly PackedWindow[];
}

interface PackedWindow {
  readonly from: string;
  readonly to?: string;
  readonly created?: { readonly from: string; readonly to: string };
}

function pack(state: PollState): Packed {
  return {
    ...state,
    cursor: state.cursor?.toString() ?? null,
    unread: state.unread.map((window) => ({
      from: window.from.toString(),
      ...(window.to === undefined ? {} : { to: window.to.toString() }),
      ...(window.created === undefined
        ? {}
        : { created: { from: window.created.from.toString(), to: window.created.to.toString() } }),
    })),
  };
}

function unpack(packed: Packed): PollState {
  return {
    ...packed,
    cursor: packed.cursor === null ? undefined : revision(packed.cursor),
    unread: packed.unread.map((window) => ({
      from: revision(window.from),
      ...(window.to === undefined ? {} : { to: revision(window.to) }),
      ...(window.created === undefined
        ? {}
        : { created: { from: revision(window.created.from), to: revision(window.created.to) } }),
    })),
  };
}

function revision(digits: string): Revision {
  return BigInt(digits) as Revision;
}
