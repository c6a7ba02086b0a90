/** Times of Graph count 100 ns; a JavaScript number cannot hold them, so they are bigints since 1970. */
export const TICKS_PER_MS = 10_000n;
const TICKS_PER_SECOND = 10_000_000n;

export function ticksOf(ms: number): bigint {
  return BigInt(Math.trunc(ms)) * TICKS_PER_MS;
}

/** As the service writes them: trailing zeros of the fraction left out, so 0 to 7 digits. */
export function formatTicks(ticks: bigint): string {
  const seconds = new Date(Number(ticks / TICKS_PER_MS)).toISOString().slice(0, 19);
  const fraction = String(ticks % TICKS_PER_SECOND)
    .padStart(7, "0")
    .replace(/0+$/, "");
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,7}))?Z$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Undefined for what is not a UTC time (or a day) of at most 7 fraction digits. */
export function parseTicks(text: string): bigint | undefined {
  const whole = DAY.test(text) ? `${text}T00:00:00Z` : text;
  const [, seconds, fraction = ""] = TIME.exec(whole) ?? [];
  const ms = Date.parse(`${seconds}Z`);
  if (seconds === undefined || Number.isNaN(ms)) return undefined;
  return ticksOf(ms) + BigInt(fraction.padEnd(7, "0"));
}
