const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long something took: `0.4 s`, `1.8 s`, `45 s`, `4 min`, `2 h 05 min`, `3 d 04 h`. Rounded down: a page must not claim time that has not passed. */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return "–";
  if (durationMs < 10 * SECOND_MS) return `${(Math.floor(Math.max(0, durationMs) / 100) / 10).toFixed(1)} s`;
  return formatAge(durationMs);
}

/** How long ago something happened; whole seconds, so that it ticks calmly. A clock that runs behind the server's gives `0 s`. */
export function formatAge(ageMs: number): string {
  if (!Number.isFinite(ageMs)) return "–";
  const age = Math.max(0, ageMs);
  if (age < MINUTE_MS) return `${Math.floor(age / SECOND_MS)} s`;
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} min`;
  if (age < DAY_MS) return `${Math.floor(age / HOUR_MS)} h ${twoDigits((age % HOUR_MS) / MINUTE_MS)} min`;
  if (age < 30 * DAY_MS) return `${Math.floor(age / DAY_MS)} d ${twoDigits((age % DAY_MS) / HOUR_MS)} h`;
  return `${Math.floor(age / DAY_MS)} d`;
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}
