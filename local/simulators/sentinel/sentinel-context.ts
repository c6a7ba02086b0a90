import type { SimulatorClock } from "../clock.ts";
import type { GraphSimulator } from "../graph/start-graph.ts";
import type { Call } from "../http/message.ts";
import type { SentinelBehaviour } from "./sentinel-behaviour.ts";
import type { SentinelGate } from "./sentinel-gate.ts";
import type { SentinelIncident } from "./sentinel-record.ts";
import type { SentinelStore } from "./sentinel-store.ts";

/** What the routes of the simulated Sentinel work on. */
export interface SentinelContext {
  readonly clock: SimulatorClock;
  readonly behaviour: SentinelBehaviour;
  readonly store: SentinelStore;
  readonly gate: SentinelGate;
  readonly graph: GraphSimulator;
  render(incident: SentinelIncident, call: Call): Record<string, unknown>;
}
