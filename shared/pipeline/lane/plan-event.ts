import type { ConnectorId } from "../../connectors/connector.ts";
import type { LifecycleEvent } from "../../incident/lifecycle-event.ts";
import type { Projection } from "../../incident/projection.ts";
import type { Snapshot } from "../../incident/snapshot.ts";
import type { Link } from "../link.ts";
import { type Told, eventOf, nextEvent } from "./next-event.ts";

/** Kept as the link's mapping version. A rebuild sets another one: then the last event is sent once more. */
export const EVENT_FORMAT = 1;

export interface EventPlan {
  readonly event: LifecycleEvent;
  /** What the tool was told once it has it; undefined for an event that it was sent before. */
  readonly told: Told | undefined;
}

/** What a pass has to send: the next event, or where somebody asks for it the last one again; undefined where there is nothing to tell. */
export function planEvent(
  connector: ConnectorId,
  snapshot: Snapshot,
  projection: Projection,
  { sent, written, notes, mappingVersion }: Pick<Link, "sent" | "written" | "notes" | "mappingVersion">,
  isAskedAgain: boolean,
): EventPlan | undefined {
  const next = nextEvent(connector, snapshot, projection, { event: sent, parts: written, comments: notes });
  if (next !== undefined) return next;
  if (sent === undefined || (mappingVersion === EVENT_FORMAT && !isAskedAgain)) return undefined;
  return { event: eventOf(connector, snapshot, projection, sent), told: undefined };
}
