/** Randomness that a seed decides wholly. */
export interface Prng {
  /** In [0, 1). */
  next(): number;
  /** Whole, in [0, below). */
  int(below: number): number;
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<const C extends readonly [unknown, ...unknown[]]>(choices: C): C[number];
  uuid(): string;
  /** One of its own for a part of the world, so that what one part draws moves nothing in another. */
  fork(name: string): Prng;
}

/** Mulberry32: small, fast, and good enough to mix faults. */
export function createPrng(seed: number): Prng {
  let state = seed >>> 0;
  const forks = seed;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  function hex(digits: number): string {
    return Math.floor(next() * 16 ** digits)
      .toString(16)
      .padStart(digits, "0");
  }

  return {
    next,
    int: (below) => Math.floor(next() * below),
    between: (from, to) => from + next() * (to - from),
    chance: (probability) => next() < probability,
    pick: (choices) => choices[Math.floor(next() * choices.length)] ?? choices[0],
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(8)}${hex(4)}`,
    fork: (name) => createPrng(hashOf(name, forks)),
  };
}

/** FNV-1a. */
export function hashOf(text: string, from = 0x811c9dc5): number {
  let hash = from >>> 0;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  // Mixed once more: seeds that differ by one must not give forks that do.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}
