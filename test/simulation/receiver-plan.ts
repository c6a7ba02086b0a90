import type { Prng } from "./prng.ts";

/** What a seed decides of the receivers of events, one for each tenant. */
export interface ReceiverPlan {
  /** Severities that the lane's route wants; undefined: all. */
  readonly severities: readonly string[] | undefined;
  readonly outages: number;
  /** Times that it answers 410, and that it refuses the events of some incidents: both are an operator's to mend. */
  readonly gone: number;
  readonly refusals: number;
}

/** Half: those without it are the histories that they were before there was such a lane, and cost what they did. */
const SHARE = 0.5;

/** One to which nothing happens but what happens to every tool. */
export const PLAIN_RECEIVER: ReceiverPlan = { severities: undefined, outages: 0, gone: 0, refusals: 0 };

export function drawReceiver(random: Prng, hasOperator: boolean): ReceiverPlan | undefined {
  if (!random.chance(SHARE)) return undefined;
  const times = (share: number, most: number): number => (random.chance(share) ? 1 + random.int(most) : 0);
  const plan: ReceiverPlan = {
    severities: random.pick([undefined, undefined, ["high", "medium"]]),
    outages: times(0.5, 2),
    gone: times(0.4, 2),
    refusals: times(0.4, 3),
  };
  return hasOperator ? plan : { ...plan, gone: 0, refusals: 0 };
}
