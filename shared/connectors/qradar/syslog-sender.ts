import { RetryableError } from "../../errors.ts";
import { type SyslogConnection, type SyslogTarget, openSyslog } from "./syslog-connection.ts";

/** Lines of syslog to one receiver. */
export interface SyslogSender {
  /**
   * Ends when the system has taken the line for the receiver. A line of a connection that breaks later is sent again, with what it says unchanged.
   * `about` is what `close` answers where that could not be done.
   */
  send(line: string, signal: AbortSignal, about?: string): Promise<void>;
  /** Ends the connection, within a short time. Answers what the lines are about, each once, that may not have arrived. */
  close(): Promise<readonly string[]>;
}

interface Line {
  readonly text: string;
  readonly about: string;
}

export interface SyslogOptions extends SyslogTarget {
  readonly framing: SyslogFraming;
  /** For tests: how long a connection waits for another line. */
  readonly idleMs?: number;
}

/** How lines are told apart: by their ends, or by their lengths before them (RFC 6587). */
export type SyslogFraming = "newline" | "octetCounting";

/** A receiver confirms nothing but the end of a connection: ended soon, little is in doubt. */
const IDLE_MS = 2_000;
const LINES_A_CONNECTION = 1_000;
/** So many lines of broken connections are kept; with more, nothing new is taken. */
const OWED_MAX = 5_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** A host that stops gives its functions five seconds, and what is left has to be written down in them too. */
const CLOSE_MS = 2_000;

interface Live {
  readonly connection: SyslogConnection;
  /** Written on it; all of them are in doubt until it has ended well. */
  readonly lines: Line[];
  isRetired: boolean;
  idle?: NodeJS.Timeout;
}

/**
 * Syslog has no answers, so a line is given up only when its connection has ended as it should: the receiver read to the end and closed
 * after us. The lines of any other connection are written again on the next one, before all others.
 */
export function createSyslogSender(options: SyslogOptions): SyslogSender {
  let opening: Promise<Live> | undefined;
  let owed: Line[] = [];
  let confirmsEnds = false;
  let retryMs = FIRST_RETRY_MS;
  let retry: NodeJS.Timeout | undefined;
  /** Until they have ended, well or not. */
  const lives = new Set<Live>();
  const ends = new Set<Promise<void>>();
  const closing = new AbortController();

  return {
    async send(text, signal, about = "") {
      if (closing.signal.aborted) throw ending();
      if (owed.length > OWED_MAX) {
        throw new RetryableError(
          "unavailable",
          `syslog to ${options.host}:${options.port} was not sent: its connections keep breaking, and ${owed.length} events wait to be sent again`,
        );
      }
      let live = await unlessAborted(liveOne(), signal);
      while (live.isRetired) live = await unlessAborted(liveOne(), signal);
      if (closing.signal.aborted) throw ending();
      await write(live, { text, about }, signal);
    },
    async close() {
      closing.abort();
      await opening?.catch(() => undefined);
      for (const live of lives) retire(live, CLOSE_MS);
      await Promise.all(ends);
      clearTimeout(retry);
      return [...new Set(owed.splice(0).map(({ about }) => about))];
    },
  };

  /** One for all who ask meanwhile, whoever of them gives up. */
  function liveOne(): Promise<Live> {
    if (opening !== undefined) return opening;
    const mine = open();
    opening = mine;
    mine.catch(() => {
      if (opening === mine) opening = undefined;
    });
    return mine;
  }

  async function open(): Promise<Live> {
    const { signal } = closing;
    const live: Live = { connection: await openSyslog(options, signal), lines: [], isRetired: false };
    lives.add(live);
    live.connection.broken.then(
      () => isLost(live),
      () => isLost(live),
    );
    const again = owed;
    owed = [];
    live.lines.push(...again);
    try {
      for (const line of again) await live.connection.write(framed(line), signal);
    } catch (error) {
      isLost(live);
      throw error;
    }
    clearTimeout(retry);
    retryMs = FIRST_RETRY_MS;
    waitForMore(live);
    return live;
  }

  async function write(live: Live, line: Line, signal: AbortSignal): Promise<void> {
    clearTimeout(live.idle);
    live.lines.push(line);
    if (live.lines.length >= LINES_A_CONNECTION) leave(live);
    try {
      await live.connection.write(framed(line), signal);
    } catch (error) {
      // Whoever sends it does so again.
      const index = live.lines.indexOf(line);
      if (index !== -1) live.lines.splice(index, 1);
      isLost(live);
      throw error;
    }
    if (live.isRetired) retire(live);
    else waitForMore(live);
  }

  function waitForMore(live: Live): void {
    clearTimeout(live.idle);
    live.idle = setTimeout(() => retire(live), options.idleMs ?? IDLE_MS);
  }

  /** No new line goes over it. */
  function leave(live: Live): void {
    live.isRetired = true;
    clearTimeout(live.idle);
    opening = undefined;
  }

  function retire(live: Live, timeoutMs?: number): void {
    if (!live.isRetired) leave(live);
    const ended = end(live, timeoutMs).finally(() => ends.delete(ended));
    ends.add(ended);
  }

  async function end(live: Live, timeoutMs?: number): Promise<void> {
    const ended = await live.connection.end(timeoutMs);
    lives.delete(live);
    if (ended === "confirmed") confirmsEnds = true;
    // One that never closes after us proves nothing either way, unless it is known to do so.
    else if (ended === "broken" || confirmsEnds) owe(live.lines);
  }

  function isLost(live: Live): void {
    lives.delete(live);
    if (!live.isRetired) leave(live);
    owe(live.lines);
  }

  function owe(lines: Line[]): void {
    const again = lines.splice(0);
    if (again.length === 0) return;
    owed.push(...again);
    sendOwedLater();
  }

  /** Whether or not another line comes. */
  function sendOwedLater(): void {
    clearTimeout(retry);
    if (closing.signal.aborted) return;
    retry = setTimeout(() => {
      if (owed.length > 0) liveOne().catch(() => sendOwedLater());
    }, retryMs);
    retry.unref();
    retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
  }

  function framed({ text }: Line): string {
    return options.framing === "newline" ? `${text}\n` : `${Buffer.byteLength(text)} ${text}`;
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw noTime();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(noTime());
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function noTime(): RetryableError {
  return new RetryableError("timeout", "syslog was not sent: no time was left");
}

/** It says nothing of the receiver. */
function ending(): RetryableError {
  return new RetryableError("busy", "syslog was not sent: this process is ending");
}
