/** The time a simulator stamps with. Unset, it is the machine's. */
export interface SimulatorClock {
  /** Milliseconds since 1970. */
  now(): number;
}

export const machineClock: SimulatorClock = { now: () => Date.now() };
