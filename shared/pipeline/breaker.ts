import type { ConnectorId } from "../connectors/connector.ts";
import { PermanentError, RetryableError } from "../errors.ts";
import { BREAKERS, breakerRow } from "./keys.ts";
import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";
import { ConflictError, type ETag, type Table } from "./ports/table.ts";

/**
 * Whether a connector's tool is spoken to at all. Where it fails as a whole it is left alone but for one probe a minute; every worker of
 * every instance sees the same row.
 */
export interface Breaker {
  /** "closed": go on. "probe": go on, and tell how it went. Otherwise nothing is sent before `until`. */
  admit(): Promise<Admission>;
  /** What a call (or a whole pass) came to: `undefined` for a success. */
  tell(failure: unknown): Promise<void>;
}

export type Admission =
  { readonly kind: "closed" | "probe" } | { readonly kind: "open"; readonly until: number; readonly reason: string };

export interface BreakerState {
  readonly v: 1;
  readonly isOpen: boolean;
  /** Why it opened; static words of ours, no tool's. */
  readonly reason: string;
  readonly openedAt: number;
  /** Nobody probes before then. */
  readonly nextProbeAt: number;
}

const PROBE_EVERY_MS = 60_000;
/** How long a process goes by what it has read; an open breaker is looked at each time its probe is due. */
const FRESH_MS = 5_000;
/** Failures in a row, of this process, that open it; a refused credential opens it at once. */
const FAILURES = 5;

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

  return {
    async admit() {
      const now = clock.now();
      const isFresh = now - known.readAt < FRESH_MS;
      const isProbeDue = known.state.isOpen && now >= known.state.nextProbeAt;
      const held = isFresh && !isProbeDue ? known : await read();
      const { state } = held;
      if (!state.isOpen) return { kind: "closed" };
      if (now < state.nextProbeAt) return openUntil(state);
      const claimed = await write(held, { ...state, nextProbeAt: now + PROBE_EVERY_MS });
      if (claimed) return { kind: "probe" };
      return known.state.isOpen ? openUntil(known.state) : { kind: "closed" };
    },

    async tell(failure) {
      const reason = reasonOf(failure);
      if (reason === undefined) {
        failures = 0;
        if (!known.state.isOpen) return;
        const held = await read();
        if (held.state.isOpen && (await write(held, CLOSED))) log.warn("a breaker closed", { connector });
        return;
      }
      failures += 1;
      const isOfAll = reason === "unauthorized" || reason === "misconfigured";
      if (known.state.isOpen || (failures < FAILURES && !isOfAll)) return;
      const now = clock.now();
      const held = await read();
      if (held.state.isOpen) return;
      const opened = await write(held, {
        v: 1,
        isOpen: true,
        reason,
        openedAt: now,
        nextProbeAt: now + PROBE_EVERY_MS,
      });
      if (opened)
        log.error("a breaker opened: the tool fails as a whole, and is probed once a minute", { connector, reason });
    },
  };
}

interface Held {
  readonly state: BreakerState;
  readonly etag: ETag | undefined;
  readonly readAt: number;
}

const CLOSED: BreakerState = { v: 1, isOpen: false, reason: "", openedAt: 0, nextProbeAt: 0 };

function openUntil({ nextProbeAt, reason }: BreakerState): Admission {
  return { kind: "open", until: nextProbeAt, reason };
}

/** Undefined for what says nothing of the tool as a whole: a success, a record's own refusal, a quota that was told with its end. */
function reasonOf(failure: unknown): string | undefined {
  if (failure instanceof RetryableError) {
    const isOfTheWhole = ["unavailable", "timeout", "unreadable", "unauthorized"].includes(failure.reason);
    return isOfTheWhole ? failure.reason : undefined;
  }
  return failure instanceof PermanentError && failure.reason === "misconfigured" ? failure.reason : undefined;
}
