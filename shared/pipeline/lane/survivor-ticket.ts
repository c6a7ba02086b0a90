import type { TicketRef } from "../../connectors/connector.ts";
import { isSafeId } from "../../incident/correlation-key.ts";
import type { IncidentId } from "../../incident/incident.ts";
import { lifecycleOf } from "../../incident/lifecycle.ts";
import { ANSWERED_ROW, SNAPSHOT_ROW, incidentPartition } from "../keys.ts";
import { unpackLink } from "../link.ts";
import type { Row } from "../ports/table.ts";
import { requestTouch } from "../request-polls.ts";
import { type StoredSnapshot, unpackSnapshot } from "../stored-snapshot.ts";
import type { SyncPass } from "./sync-deps.ts";

/** A merged incident's survivor may be merged in turn; no further than this is followed. */
const HOPS = 5;
/** Incidents that one request may name. */
const MOST_NAMED = 100;

/** The ticket of the incident that this one ended up in, where it is known already. */
export async function survivorOf(pass: SyncPass): Promise<TicketRef | undefined> {
  const passed = new Set<string>([pass.incidentId]);
  let ticket: TicketRef | undefined;
  let into = mergedInto(pass.snapshot);
  while (into !== undefined && !passed.has(into) && passed.size <= HOPS) {
    passed.add(into);
    const partition = incidentPartition(pass.tenantId, into);
    const rows = await pass.deps.tables.incident.getMany(partition, [SNAPSHOT_ROW, ANSWERED_ROW, pass.row]);
    const link = rows.get(pass.row);
    const snapshot = rows.get(SNAPSHOT_ROW);
    ticket = link === undefined ? undefined : unpackLink(link.value).ticket;
    into = snapshot === undefined ? answeredBy(rows.get(ANSWERED_ROW)) : mergedInto(unpackSnapshot(snapshot.value));
  }
  return ticket;
}

function answeredBy(row: Row | undefined): IncidentId | undefined {
  return row === undefined ? undefined : (row.value as { readonly by: IncidentId }).by;
}

/** The incident that this one went into. */
export function mergedInto({ incident }: StoredSnapshot): IncidentId | undefined {
  const lifecycle = lifecycleOf(incident);
  if (lifecycle.stage !== "redirected" || lifecycle.into === undefined) return undefined;
  return isSafeId(lifecycle.into) ? lifecycle.into : undefined;
}

/** The survivor has its ticket now: those merged into it can be tied to it. One may have looked for it just before it was there. */
export async function tellLosers(pass: SyncPass): Promise<void> {
  const untold = losersToTell(pass);
  for (let from = 0; from < untold.length; from += MOST_NAMED) {
    const some = untold.slice(from, from + MOST_NAMED);
    await requestTouch(pass.deps, pass.tenantId, some, "link", pass.deps.random.uuid());
  }
}

export function losersToTell({ link, snapshot }: SyncPass): readonly IncidentId[] {
  if (link.ticket === undefined) return [];
  const { mergedFrom } = snapshot;
  const told = link.toldTo === undefined ? -1 : mergedFrom.lastIndexOf(link.toldTo);
  return mergedFrom.slice(told + 1);
}
