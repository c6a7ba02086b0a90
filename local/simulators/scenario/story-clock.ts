/** The time a story is played by. Stamps are not made with it. */
export interface StoryClock {
  now(): number;
  /** Runs `act` after so long; answers how to call it off. */
  after(ms: number, act: () => void): () => void;
}

export const wallStoryClock: StoryClock = {
  now: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
