import { startLosses } from "./losses.ts";
import { hasOperations } from "./operations-plan.ts";
import { type OperationsRecord, type ParkedLine } from "./operations-record.ts";
import { startOperator } from "./operator.ts";
import { startPoison } from "./poison.ts";
import { startReceiverTrouble } from "./receiver-trouble.ts";
import { startRefusals } from "./refusals.ts";
import { startWalks } from "./walks.ts";
import type { World } from "./world.ts";

export interface Operations {
  /** The faults are over: whatever else is wrong is mended by those whose work it is. */
  finish(): void;
  /** What is still parked; undefined in a history that has no operator. */
  list(): Promise<readonly ParkedLine[]> | undefined;
}

const NOTHING: Operations = { finish: () => undefined, list: () => undefined };

export function startOperations(world: World, record: OperationsRecord): Operations {
  if (!hasOperations(world.plan.operations)) {
    startReceiverTrouble(world, undefined);
    return NOTHING;
  }
  const operator = startOperator(world, record);
  const refusals = startRefusals(world);
  const receivers = startReceiverTrouble(world, operator);
  startPoison(world, record);
  startLosses(world, record);
  startWalks(world);
  return {
    finish() {
      refusals.mend();
      receivers.mend();
      operator.finish();
    },
    list: () => operator.list(),
  };
}
