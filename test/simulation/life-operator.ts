import type { Composition } from "../../shared/composition.ts";
import type { ConnectorId } from "../../shared/connectors/connector.ts";
import { operate } from "../../shared/pipeline/operate/operate.ts";
import { parkDeadLetter } from "../../shared/pipeline/park/park-dead-letter.ts";
import { tellParked } from "../../shared/pipeline/park/parked-work.ts";
import { requestLostRebuilds } from "../../shared/pipeline/repair/rebuild.ts";
import { requestDueWalks } from "../../shared/pipeline/repair/walk-links.ts";
import type { ParkedLine } from "./operations-record.ts";

/** What the functions `operate`, `reconcile` and `drain-dead-letters-…` of one process do, by the same use cases. */
export interface LifeOperator {
  order(operation: string, order: object): Promise<{ readonly status: number; readonly body: unknown }>;
  parked(): Promise<readonly ParkedLine[]>;
  /** The timer of the walks over all links. */
  reconcile(): Promise<void>;
  drain(queue: string, message: unknown, reason: string): Promise<void>;
}

const LANE = "incident-deltas-";

export function createLifeOperator(composition: Composition): LifeOperator {
  return {
    order: (operation, order) => operate(composition, operation, JSON.stringify(order)),
    async parked() {
      const { parked } = await tellParked(composition, {}, true);
      return parked;
    },
    async reconcile() {
      const { bells, random } = composition;
      await requestDueWalks(bells);
      await requestLostRebuilds({ ...bells, random });
    },
    drain(queue, message, reason) {
      const connector = queue.startsWith(LANE) ? (queue.slice(LANE.length) as ConnectorId) : undefined;
      return parkDeadLetter(composition, { queue, connector, message, reason });
    },
  };
}
