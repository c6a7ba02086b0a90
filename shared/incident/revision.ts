/** A moment of the source in 100 ns ticks since 1970. A JS number or text would lose or misorder its digits (up to 7 after the second). */
export type Revision = bigint & { readonly __revision: never };

const TICKS_PER_MS = 10_000n;
const MOMENT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601 with 0 to 7 fraction digits (9 are read, the last two are below the source's resolution); undefined where it is no moment. */
export function revisionOf(moment: string): Revision | undefined {
  const match = MOMENT.exec(moment);
  if (match === null) return undefined;
  const wholeSecondsMs = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(wholeSecondsMs)) return undefined;
  const fractionTicks = BigInt((match[2] ?? "").padEnd(7, "0").slice(0, 7));
  return (BigInt(wholeSecondsMs) * TICKS_PER_MS + fractionTicks) as Revision;
}

export function revisionFromMs(ms: number): Revision {
  return (BigInt(Math.trunc(ms)) * TICKS_PER_MS) as Revision;
}

/** Milliseconds since 1970, rounded down. */
export function msOfRevision(revision: Revision): number {
  const ms = revision / TICKS_PER_MS;
  return Number(revision < 0n && ms * TICKS_PER_MS !== revision ? ms - 1n : ms);
}

/** As the source's `$filter` takes it: always 7 digits, so that no tick is lost. */
export function momentOf(revision: Revision): string {
  const ms = msOfRevision(revision);
  const seconds = new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19);
  const ticks = revision - BigInt(Math.floor(ms / 1000)) * 1000n * TICKS_PER_MS;
  return `${seconds}.${ticks.toString().padStart(7, "0")}Z`;
}

export function earlierBy(revision: Revision, ms: number): Revision {
  return (revision - BigInt(Math.trunc(ms)) * TICKS_PER_MS) as Revision;
}

export function minRevision(a: Revision, b: Revision): Revision {
  return a < b ? a : b;
}

export function maxRevision(a: Revision, b: Revision): Revision {
  return a > b ? a : b;
}
