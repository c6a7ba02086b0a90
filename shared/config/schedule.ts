/** The six-field NCRONTAB of a poll interval; the configuration allows only what divides a minute, or an hour in whole minutes. */
export function cronOf(intervalMs: number): string {
  const seconds = Math.max(1, Math.round(intervalMs / 1_000));
  if (seconds < 60) return `*/${seconds} * * * * *`;
  return seconds === 60 ? "0 * * * * *" : `0 */${Math.round(seconds / 60)} * * * *`;
}
