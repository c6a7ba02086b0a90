import { isObject } from "./message.ts";

/** Something a simulated service is told to do wrong. */
export interface Fault {
  /** "PATCH", "/v1.0/security", or "PATCH /v1.0/security": a method, the beginning of a path, or both. Absent: every request. */
  readonly match?: string;
  readonly kind: FaultKind;
  /** For `status` (500 where absent), `html`, `huge` and `gzipBomb` (200). */
  readonly status?: number;
  /** For `delay`: the answer waits so long. With another kind: the fault strikes after it. */
  readonly delayMs?: number;
  /** For `huge` and `gzipBomb`: the length of the body, unpacked; 60 MB where absent. */
  readonly bytes?: number;
  /** Sent as `Retry-After`: a number of seconds, or any text (an HTTP date). */
  readonly retryAfter?: number | string;
  /** Strikes so many times, then is spent. Absent: until it is cleared. */
  readonly times?: number;
}

export const FAULT_KINDS = ["status", "delay", "cut", "malformed", "html", "applyThenCut", "huge", "gzipBomb"] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  list(): readonly Fault[];
  /** The first fault that matches; it is spent by being taken. */
  take(method: string, path: string): Fault | undefined;
}

export function createFaults(): Faults {
  let held: Array<{ readonly fault: Fault; left: number }> = [];
  return {
    add(fault) {
      held.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    clear() {
      held = [];
    },
    list: () => held.map(({ fault, left }) => (Number.isFinite(left) ? { ...fault, times: left } : fault)),
    take(method, path) {
      if (held.length === 0) return undefined;
      const hit = held.find(({ fault }) => matches(fault.match, method, path));
      if (hit === undefined) return undefined;
      hit.left -= 1;
      if (hit.left <= 0) held = held.filter((other) => other !== hit);
      return hit.fault;
    },
  };
}

/** A fault from outside, or the sentence that says what is wrong with it. */
export function readFault(value: unknown): Fault | string {
  if (!isObject(value)) return "a fault is a JSON object";
  const { match, kind, status, delayMs, bytes, retryAfter, times } = value;
  if (!FAULT_KINDS.some((known) => known === kind)) return `kind must be one of ${FAULT_KINDS.join(", ")}`;
  if (match !== undefined && typeof match !== "string") return 'match must be text such as "PATCH /v1.0/security"';
  if (status !== undefined && !isWithin(status, 200, 599)) return "status must be a number from 200 to 599";
  if (delayMs !== undefined && !isWithin(delayMs, 0, 3_600_000)) return "delayMs must be a number from 0 to 3600000";
  if (kind === "delay" && delayMs === undefined) return "kind delay needs delayMs";
  if (bytes !== undefined && !isWithin(bytes, 2, 10_000_000_000)) return "bytes must be a number from 2 to 10000000000";
  if (times !== undefined && !isWithin(times, 1, 1_000_000_000)) return "times must be a number from 1";
  if (retryAfter !== undefined && !isHeaderValue(retryAfter)) return "retryAfter must be seconds or one line of text";
  return { ...value, kind: kind as FaultKind };
}

function matches(match: string | undefined, method: string, path: string): boolean {
  if (match === undefined || match === "") return true;
  const slash = match.indexOf("/");
  const wantedMethod = (slash === -1 ? match : match.slice(0, slash)).trim().toUpperCase();
  if (wantedMethod !== "" && wantedMethod !== method) return false;
  return slash === -1 || path.startsWith(match.slice(slash));
}

function isWithin(value: unknown, low: number, high: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= low && value <= high;
}

function isHeaderValue(value: unknown): boolean {
  return isWithin(value, 0, 1_000_000) || (typeof value === "string" && /^[\x20-\x7E]{1,100}$/.test(value));
}
