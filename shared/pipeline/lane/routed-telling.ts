import { hasTicket } from "../routed-lanes.ts";
import { putLink } from "./save-link.ts";
import type { LanePass } from "./sync-deps.ts";

/**
 * Before the first event where there is a route: without it, an incident that leaves the route after an answer that was lost would never
 * be told of again to whoever took the event.
 */
export async function keepThatToldOf(pass: LanePass): Promise<void> {
  if (pass.deps.route === undefined || hasTicket(pass.link)) return;
  await putLink(pass, { ...pass.link, mayBeTold: true });
}
