/** True where this much time has passed since a moment; and where the moment lies ahead, for then our clock was set back. */
export function isDue(since: number, everyMs: number, now: number): boolean {
  return now - since >= everyMs || since > now;
}
