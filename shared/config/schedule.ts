/** The six-field NCRONTAB of a poll interval; the configuration allows only what divides a minute, or an hour in whole minutes. */
export function cronOf(intervalMs: number): string {
  const seconds = Math.max(1, Math.round(intervalMs / 1_000));
  if (seconds < 60) return `*/${seconds} * * * * *`;
  const minutes = Math.round(seconds / 60);
  if (minutes >= 60) return "0 0 * * * *";
  return minutes === 1 ? "0 * * * * *" : `0 */${minutes} * * * *`;
}
