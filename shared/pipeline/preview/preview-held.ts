import type { Connector } from "../../connectors/event-connector.ts";
import type { Link } from "../link.ts";
import type { PreviewedTicket } from "./previewed.ts";
import type { StoredSnapshot } from "../stored-snapshot.ts";

/** Nothing would be done. */
export function nothingPreviewed(
  connector: Pick<Connector, "id" | "kind">,
  snapshot: StoredSnapshot,
  link: Link,
): PreviewedTicket {
  return {
    connector: connector.id,
    kind: connector.kind,
    action: "none",
    label: link.ticket?.label ?? "",
    url: link.ticket?.url ?? "",
    isShown: link.appliedSeq >= snapshot.seq,
    fields: [],
    tags: { add: [], remove: [] },
    notes: 0,
    files: [],
    drift: [],
    reason: "",
  };
}

/** What holds the work up; "" for nothing. */
export function heldBecause(link: Link): string {
  if (!link.isParked && link.pending === undefined) return "";
  const why = link.lastError?.message ?? "";
  return `${link.isParked ? "parked" : "waiting"}${why === "" ? "" : `: ${why}`}`;
}
