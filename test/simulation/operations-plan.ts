import type { Prng } from "./prng.ts";

/** What happens to a history beside faults: somebody at the operator's desk, things that nobody can read, and losses of everything. */
export interface OperationsPlan {
  /** Times that a tool refuses some records for good, for a while. */
  readonly refusals: number;
  /** Of parked work that an operator looks at: what is dropped. */
  readonly dropped: number;
  /** Looks at what is parked; and polls, sweeps and pauses that somebody asks for. */
  readonly looks: number;
  readonly orders: number;
  /** Messages that no worker can read, and rows (of the source, and of the state) of another version. */
  readonly poisonMessages: number;
  readonly poisonRows: number;
  /** Messages of a lane that the queue gives up. */
  readonly givenUp: number;
  readonly busLosses: number;
  readonly stateLosses: number;
  /** A lost bus is mended by the daily walk, and nobody asks for a sweep. */
  readonly isLeftToTheWalk: boolean;
}

export const NO_OPERATIONS: OperationsPlan = {
  refusals: 0,
  dropped: 0,
  looks: 0,
  orders: 0,
  poisonMessages: 0,
  poisonRows: 0,
  givenUp: 0,
  busLosses: 0,
  stateLosses: 0,
  isLeftToTheWalk: false,
};

/** Most histories have nothing of it, so that what only a walk or an operator would mend is still seen there. */
export function operationsOf(random: Prng): OperationsPlan {
  if (!random.chance(0.3)) return NO_OPERATIONS;
  const some = (share: number, most: number): number => (random.chance(share) ? 1 + random.int(most) : 0);
  const refusals = some(0.5, 3);
  return {
    refusals,
    dropped: random.pick([0, 0.3, 0.7]),
    looks: refusals > 0 ? 1 + random.int(4) : some(0.3, 2),
    orders: some(0.5, 4),
    poisonMessages: some(0.5, 4),
    poisonRows: some(0.35, 3),
    givenUp: some(0.25, 3),
    busLosses: some(0.25, 1),
    stateLosses: some(0.25, 1),
    isLeftToTheWalk: random.chance(0.5),
  };
}

export function hasOperations(plan: OperationsPlan): boolean {
  return plan !== NO_OPERATIONS;
}
