/** So many places, and a queue for them. */
export interface Slots {
  /** True when a place is taken, false when the signal was aborted first. */
  take(signal: AbortSignal): Promise<boolean>;
  free(): void;
}

export function createSlots(count: number): Slots {
  let left = count;
  const waiting = new Set<() => void>();
  return {
    take: async (signal) => {
      if (signal.aborted) return false;
      if (left > 0) {
        left -= 1;
        return true;
      }
      return new Promise((resolve) => {
        const granted = (): void => {
          signal.removeEventListener("abort", refused);
          resolve(true);
        };
        const refused = (): void => {
          waiting.delete(granted);
          resolve(false);
        };
        waiting.add(granted);
        signal.addEventListener("abort", refused, { once: true });
      });
    },
    free: () => {
      const [next] = waiting;
      if (next === undefined) {
        left += 1;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}
