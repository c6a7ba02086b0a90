import { projectionOf } from "../../incident/projection.ts";
import { type Link, newLink } from "../link.ts";
import { heldBecause, nothingPreviewed } from "./preview-held.ts";
import type { PreviewedTicket } from "./previewed.ts";
import { isRouted } from "../../incident/route.ts";
import { hasTicket } from "../routed-lanes.ts";
import { planEvent } from "../lane/plan-event.ts";
import type { StoredSnapshot } from "../stored-snapshot.ts";
import type { EventDeps } from "../lane/sync-deps.ts";

/** Which event the lane's next pass would send of this incident. `isRebuild`: what was sent last is sent again. */
export function previewEvent(
  deps: EventDeps,
  snapshot: StoredSnapshot,
  given: Link | undefined,
  isRebuild: boolean,
): PreviewedTicket {
  const link = given ?? newLink(deps.clock.now());
  const nothing = nothingPreviewed(deps.connector, snapshot, link);
  if (!hasTicket(link) && !isRouted(snapshot.incident, deps.route ?? {})) return { ...nothing, action: "unrouted" };
  const plan = planEvent(deps.connector.id, snapshot, projectionOf(snapshot, deps.assignees), link, isRebuild);
  if (plan === undefined) return nothing;
  const { type, changed } = plan.event;
  const held = heldBecause(link);
  const reason = [`changed: ${changed.join(", ")}`, ...(held === "" ? [] : [held])].join("; ");
  return { ...nothing, action: "send", label: type, reason };
}
