import type { ConnectorId } from "../connectors/connector.ts";
import { PermanentError, RetryableError } from "../errors.ts";
import { isDue } from "./is-due.ts";
import { BREAKERS, breakerRow } from "./keys.ts";
import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";
import { ConflictError, type ETag, type Table } from "./ports/table.ts";
import { withoutToolWords } from "./tool-words.ts";

/**
 * Whether a connector's tool is spoken to at all. Where it fails as a whole it is left alone but for one probe a minute; every worker of
 * every instance sees the same row.
 */
export interface Breaker {
  /** "closed": go on. "probe": go on, and tell how it went. Otherwise nothing is sent before `until`. */
  admit(): Promise<Admission>;
  /** What a call came to: `undefined` for a success. Where writes were refused, no look-up closes it. */
  tell(failure: unknown, call?: CallKind): Promise<void>;
  /** Of a probe that wrote nothing: while it is open for refused writes, the next one need not wait its minute. */
  giveBack(): Promise<void>;
}

export type CallKind = "lookUp" | "write";

export type Admission =
  | { readonly kind: "closed" | "probe" }
  /** `isGone`: the tool wants nothing more; to wait for it is of no use. */
  | {
      readonly kind: "open";
      readonly until: number;
      readonly reason: string;
      readonly mend?: string;
      readonly isGone?: true;
    };

export interface BreakerState {
  readonly v: 1;
  readonly isOpen: boolean;
  /** Why it opened; static words of ours, no tool's. */
  readonly reason: string;
  /** What a person can do about it; static words of ours too. */
  readonly mend?: string;
  /** Look-ups go on to work: only a write shows that it is over. */
  readonly isOfWrites?: true;
  /** What the failure was, without the tool's own words; absent where an earlier version wrote the row. */
  readonly said?: string;
  readonly openedAt: number;
  /** Nobody probes before then. */
  readonly nextProbeAt: number;
  /** An operator holds this connector: nothing is sent, not even a probe, until it is resumed. */
  readonly paused?: { readonly at: number; readonly reason: string };
  /** The tool said that it wants nothing more: nothing is sent until an operator resumes it. */
  readonly gone?: { readonly at: number };
}

const PROBE_EVERY_MS = 60_000;
/** A probe that is put off for longer was put off by a clock that ran ahead. */
const LONGEST_PAUSE_MS = 3 * 60_000;
/** How long a process goes by what it has read; an open breaker is looked at each time its probe is due. */
const FRESH_MS = 5_000;
/** Failures in a row, of this process, that open it; a refused credential opens it at once. */
const FAILURES = 5;
/** What waits for a connector that is held looks again after this. */
const PAUSED_LOOK_MS = 60_000;
const ATTEMPTS = 10;
const GONE_WORDS = "it wants nothing more";

export function createBreaker(deps: {
  readonly connector: ConnectorId;
  readonly control: Table;
  readonly clock: Clock;
  readonly log: Log;
}): Breaker {
  const { control, clock, log, connector } = deps;
  const row = breakerRow(connector);
  let known: Held = { state: CLOSED, etag: undefined, readAt: Number.NEGATIVE_INFINITY };
  let failures = 0;

  async function read(): Promise<Held> {
    const found = await control.get(BREAKERS, row);
    known = {
      state: found === undefined ? CLOSED : (found.value as BreakerState),
      etag: found?.etag,
      readAt: clock.now(),
    };
    return known;
  }

  /** False where somebody else wrote first: then what they wrote holds. */
  async function write(held: Held, state: BreakerState): Promise<boolean> {
    try {
      const condition = held.etag === undefined ? "absent" : { etag: held.etag };
      known = { state, etag: await control.put(BREAKERS, row, state, condition), readAt: clock.now() };
      return true;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      await read();
      return false;
    }
  }

  function mustRead(): boolean {
    const now = clock.now();
    return isDue(known.readAt, FRESH_MS, now) || (known.state.isOpen && isProbeDue(known.state, now));
  }

  /** Nobody waits longer than the longest pause, whatever clock the row was written by. */
  function openUntil({ nextProbeAt, reason, mend }: BreakerState): Admission {
    const until = Math.min(nextProbeAt, clock.now() + LONGEST_PAUSE_MS);
    return { kind: "open", until, reason, ...(mend === undefined ? {} : { mend }) };
  }

  /** Kept whoever else writes the row meanwhile. */
  async function keepGone(): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const held = await read();
      if (held.state.gone !== undefined) return;
      if (!(await write(held, { ...held.state, gone: { at: clock.now() } }))) continue;
      log.error("a tool wants nothing more: nothing is sent until an operator resumes it", { connector });
      return;
    }
  }

  return {
    async admit() {
      const held = mustRead() ? await read() : known;
      const { state } = held;
      // What is read may have taken its time.
      const now = clock.now();
      if (state.gone !== undefined)
        return { kind: "open", until: now + PAUSED_LOOK_MS, reason: GONE_WORDS, isGone: true };
      if (state.paused !== undefined)
        return { kind: "open", until: now + PAUSED_LOOK_MS, reason: "paused by an operator" };
      if (!state.isOpen) return { kind: "closed" };
      if (!isProbeDue(state, now)) return openUntil(state);
      const claimed = await write(held, { ...state, nextProbeAt: now + PROBE_EVERY_MS });
      if (claimed) return { kind: "probe" };
      return known.state.isOpen ? openUntil(known.state) : { kind: "closed" };
    },

    async tell(failure, call = "write") {
      if (failure instanceof PermanentError && failure.reason === "gone") return keepGone();
      const reason = reasonOf(failure);
      const isWritten = failure === undefined && call === "write";
      const shows = (state: BreakerState): boolean => state.isOfWrites !== true || isWritten;
      if (reason === undefined) {
        failures = 0;
        if (!known.state.isOpen || !shows(known.state)) return;
        const held = await read();
        if (held.state.isOpen && shows(held.state) && (await write(held, { ...CLOSED, ...pauseOf(held) })))
          log.warn("a breaker closed", { connector });
        return;
      }
      failures += 1;
      const isOfAll = reason === "unauthorized" || reason === "misconfigured";
      if (known.state.isOpen || (failures < FAILURES && !isOfAll)) return;
      const held = await read();
      if (held.state.isOpen) return;
      const now = clock.now();
      const said = withoutToolWords(failure instanceof Error ? failure.message : "");
      const opened = await write(held, {
        v: 1,
        isOpen: true,
        reason,
        said,
        ...ofAll(failure, call),
        openedAt: now,
        nextProbeAt: now + PROBE_EVERY_MS,
        ...pauseOf(held),
      });
      if (opened)
        log.error("a breaker opened: the tool fails as a whole, and is probed once a minute", {
          connector,
          reason,
          error: said,
          mend: mendOf(failure),
        });
    },

    async giveBack() {
      const held = await read();
      if (held.state.isOpen && held.state.isOfWrites === true)
        await write(held, { ...held.state, nextProbeAt: clock.now() });
    },
  };
}

interface Held {
  readonly state: BreakerState;
  readonly etag: ETag | undefined;
  readonly readAt: number;
}

const CLOSED: BreakerState = { v: 1, isOpen: false, reason: "", openedAt: 0, nextProbeAt: 0 };

function pauseOf({ state: { paused, gone } }: Held): Pick<BreakerState, "paused" | "gone"> {
  return { ...(paused === undefined ? {} : { paused }), ...(gone === undefined ? {} : { gone }) };
}

export async function readBreaker(control: Table, connector: ConnectorId): Promise<BreakerState> {
  return ((await control.get(BREAKERS, breakerRow(connector)))?.value as BreakerState | undefined) ?? CLOSED;
}

/** Holds a connector, or lets it go on where `paused` is undefined; every worker sees it within seconds. */
export async function pauseConnector(
  control: Table,
  connector: ConnectorId,
  paused: BreakerState["paused"],
): Promise<void> {
  const row = breakerRow(connector);
  for (let attempt = 1; ; attempt += 1) {
    const found = await control.get(BREAKERS, row);
    const { paused: _before, gone, ...state } = (found?.value as BreakerState | undefined) ?? CLOSED;
    try {
      const after: BreakerState = {
        ...state,
        ...(paused === undefined ? {} : { paused }),
        // Whoever lets it go on says that it is wanted again.
        ...(paused === undefined || gone === undefined ? {} : { gone }),
      };
      await control.put(BREAKERS, row, after, found === undefined ? "absent" : { etag: found.etag });
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}

function isProbeDue({ nextProbeAt }: BreakerState, now: number): boolean {
  return now >= nextProbeAt || nextProbeAt > now + LONGEST_PAUSE_MS;
}

/** What is kept of a refusal that concerns everything. A setting that only writing met is no hindrance to look-ups either. */
function ofAll(failure: unknown, call: CallKind): Pick<BreakerState, "mend" | "isOfWrites"> {
  if (!(failure instanceof RetryableError) && !(failure instanceof PermanentError)) return {};
  const isOfWrites =
    failure instanceof RetryableError ? failure.isOfWrites : failure.reason === "misconfigured" && call === "write";
  return {
    ...(failure.mend === "" ? {} : { mend: failure.mend }),
    ...(isOfWrites ? { isOfWrites: true as const } : {}),
  };
}

const MEND = "mend the tool, its address or its credential; what waits then goes on by itself";

function mendOf(failure: unknown): string {
  const own = failure instanceof RetryableError || failure instanceof PermanentError ? failure.mend : "";
  return own === "" ? MEND : own;
}

/** True for a failure that says that the tool as a whole cannot be worked with now. */
export function isOfTheWhole(failure: unknown): boolean {
  return reasonOf(failure) !== undefined;
}

/** Undefined for what says nothing of the tool as a whole: a success, a record's own refusal, a quota that was told with its end. */
function reasonOf(failure: unknown): string | undefined {
  if (failure instanceof RetryableError) {
    const isOfTheWhole = ["unavailable", "timeout", "unreadable", "unauthorized"].includes(failure.reason);
    return isOfTheWhole ? failure.reason : undefined;
  }
  return failure instanceof PermanentError && failure.reason === "misconfigured" ? failure.reason : undefined;
}
