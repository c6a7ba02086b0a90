import type { TimerStore } from "./timer.ts";

/** Keeps times as long as the host runs. */
export function createForgetfulTimerStore(): TimerStore {
  const times = new Map<string, string>();
  return {
    get: (name) => times.get(name),
    set: (name, iso) => {
      times.set(name, iso);
    },
  };
}
