import type { TenantId } from "../incident/incident.ts";
import type { Revision } from "../incident/revision.ts";
import { POLL_ROW } from "./keys.ts";
import type { Window } from "./ports/source.ts";
import { ConflictError, type ETag, type Table } from "./ports/table.ts";

/** Longer than any lease, its margin for clocks included. */
const LONGEST_LEASE_MS = 3 * 60_000;
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
  /** Windows still to be read beside the live one: history, sweeps, and what one poll's budget did not reach. */
  readonly unread: readonly UnreadWindow[];
  /** When this state was made: a create waits one settle time after it, for the whole state may have been lost. */
  readonly bornAt: number;
  readonly overlapReadAt: number;
  /** The source's clock at the last complete poll, milliseconds since 1970; 0 before. */
  readonly servedAt: number;
  /** When the wide window, and the one of days, were last begun: they find rows that are half an hour, and a day late. */
  readonly wideReadAt: number;
  readonly dayReadAt: number;
  /** Where looking for alerts of the experts' goes on. */
  readonly alerts: AlertsCursor;
  /** When the experts' tasks were last listed. */
  readonly tasksReadAt: number;
  /** What the source refused us, by capability; asked for again after a day. */
  readonly refused: Readonly<Partial<Record<Capability, RefusedCapability>>>;
  /** Polls in a row whose live window could not be read, when what a page cannot hold was last looked for, and among how many rows it is. */
  readonly failing: { readonly count: number; readonly isolatedAt: number; readonly rows?: number };
  /** In which order the source lists, as far as it is known. */
  readonly order: ListOrder;
  /** Polls in a row that the source refused the credential. */
  readonly unauthorized: number;
  /** Incidents that could not be kept or read, by id; the newest of them. */
  readonly parked: readonly string[];
  readonly backfill?: Backfill;
  /** An operator holds this tenant: it is not read until it is resumed. */
  readonly paused?: { readonly at: number; readonly reason: string };
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

/**
 * In which order the source lists incidents, as far as pages told. "updated": newest update first, proven by a page that was not newest
 * creation first as well. "other": a page, or a count, contradicted that; then windows are cut instead of read downwards. "uncounted": not
 * proven, and the source does not count.
 */
export interface ListOrder {
  readonly kind: "unknown" | "uncounted" | "updated" | "other";
  readonly at: number;
}

/** What a window is read for; requests are counted apart by it. */
export type Stream = "history" | "wide" | "day" | "backfill" | "unlistable";

export interface UnreadWindow extends Window {
  readonly stream: Stream;
  /** Not read before then: it failed, or was answered in part. */
  readonly notBefore?: number;
  readonly tries?: number;
  /** Among so many of its first rows is one that the source cannot list: it is looked for at once, and the live window steps over it. */
  readonly poisonedRows?: number;
  /** Of a backfill: what could not be listed then is taken whatever its age. */
  readonly isOfAnyAge?: true;
}

/** Parts of the source that are read behind a probe. */
export type Capability = "alerts" | "tasks" | "notifications" | "expertsAlerts";

export interface RefusedCapability {
  readonly status: number;
  readonly at: number;
}

export interface AlertsCursor {
  readonly cursor: Revision | undefined;
  readonly unread: readonly Window[];
  readonly readAt: number;
}

/** A window that somebody asked to be read, and how far it is. */
export interface Backfill {
  readonly since: string;
  readonly until: string;
  /** Counts only: nothing is saved or published. */
  readonly isDryRun: boolean;
  readonly askedAt: number;
  readonly finishedAt: number | null;
  readonly pages: number;
  readonly rows: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly outOfScope: number;
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
  // A lease that reaches further than any lasts comes from a clock that ran ahead.
  if (found !== undefined && found.state.heldUntil > now && found.state.heldUntil <= now + LONGEST_LEASE_MS)
    return undefined;
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

const CHANGE_ATTEMPTS = 20;

/**
 * Changes the state of a tenant that somebody else may be reading; false where it was never read. A poll under way keeps its lease but loses
 * its version: it ends, and the next one goes on. `change` may answer undefined: nothing to write.
 */
export async function changePollState(
  control: Table,
  tenantId: TenantId,
  change: (state: PollState) => PollState | undefined,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await readPollState(control, tenantId);
    if (found === undefined) return false;
    const changed = change(found.state);
    if (changed === undefined) return true;
    try {
      await savePollState(control, tenantId, { ...changed, heldUntil: 0 }, found.etag);
      return true;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === CHANGE_ATTEMPTS) throw error;
    }
  }
}

/** For who knows that nobody else can hold it: a process that has just locked the state for itself. */
export async function releasePollLease(control: Table, tenantId: TenantId): Promise<void> {
  await changePollState(control, tenantId, (state) => (state.heldUntil === 0 ? undefined : state));
}

function initialState(now: number): PollState {
  return {
    fence: 0,
    heldUntil: 0,
    cursor: undefined,
    unread: [],
    bornAt: now,
    overlapReadAt: 0,
    servedAt: 0,
    wideReadAt: now,
    dayReadAt: now,
    alerts: { cursor: undefined, unread: [], readAt: 0 },
    tasksReadAt: 0,
    refused: {},
    failing: { count: 0, isolatedAt: 0 },
    order: { kind: "unknown", at: 0 },
    unauthorized: 0,
    parked: [],
    lastOkAt: 0,
    lastTriedAt: 0,
    lastError: "",
    notBefore: 0,
    budget: { left: 0, at: now - MINUTE_MS },
    enrichment: { left: 0, at: now - MINUTE_MS },
  };
}

interface Packed extends Omit<PollState, "cursor" | "unread" | "alerts"> {
  readonly cursor: string | null;
  readonly unread: readonly PackedWindow[];
  readonly alerts?: {
    readonly cursor: string | null;
    readonly unread: readonly PackedWindow[];
    readonly readAt: number;
  };
}

/** Ticks as digits: JSON has no bigints. */
type PackedWindow = Readonly<Record<string, unknown>> & {
  readonly from: string;
  readonly to?: string;
  readonly created?: { readonly from: string; readonly to: string };
};

function pack(state: PollState): Packed {
  return {
    ...state,
    cursor: state.cursor?.toString() ?? null,
    unread: state.unread.map(packWindow),
    alerts: {
      cursor: state.alerts.cursor?.toString() ?? null,
      unread: state.alerts.unread.map(packWindow),
      readAt: state.alerts.readAt,
    },
  };
}

function unpack(packed: Packed): PollState {
  return {
    // What an earlier version did not know of begins as it does for a new tenant.
    ...initialState(packed.lastTriedAt),
    ...packed,
    cursor: packed.cursor === null ? undefined : revision(packed.cursor),
    unread: packed.unread.map((window) => ({ stream: "history", ...unpackWindow(window) })),
    alerts: {
      cursor: typeof packed.alerts?.cursor === "string" ? revision(packed.alerts.cursor) : undefined,
      unread: (packed.alerts?.unread ?? []).map(unpackWindow),
      readAt: packed.alerts?.readAt ?? 0,
    },
  };
}

function packWindow({ from, to, created, ...rest }: Window): PackedWindow {
  return {
    ...rest,
    from: from.toString(),
    ...(to === undefined ? {} : { to: to.toString() }),
    ...(created === undefined ? {} : { created: { from: created.from.toString(), to: created.to.toString() } }),
  };
}

function unpackWindow({ from, to, created, ...rest }: PackedWindow): Window {
  return {
    ...rest,
    from: revision(from),
    ...(to === undefined ? {} : { to: revision(to) }),
    ...(created === undefined ? {} : { created: { from: revision(created.from), to: revision(created.to) } }),
  };
}

function revision(digits: string): Revision {
  return BigInt(digits) as Revision;
}
