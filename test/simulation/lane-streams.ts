import type { Prng } from "./prng.ts";

/** Where what is drawn moves nothing for the others: a lane that came later than they is drawn apart. */
export function streamsOf(random: Prng, isApart: (name: string) => boolean): (name: string) => Prng {
  const apart = new Map<string, Prng>();
  return (name) => {
    if (!isApart(name)) return random;
    const own = apart.get(name) ?? random.fork(name);
    apart.set(name, own);
    return own;
  };
}
