import type { SimulatorClock } from "../clock.ts";
import type { QRadarBehaviour } from "./qradar-behaviour.ts";
import type { QRadarStore } from "./qradar-store.ts";

/** What the routes of the simulated console work on. */
export interface QRadarContext {
  readonly clock: SimulatorClock;
  readonly behaviour: QRadarBehaviour;
  readonly store: QRadarStore;
}
