import type { Incident } from "../../incident/incident.ts";
import { type Revision, revisionOf } from "../../incident/revision.ts";
import type { Source, SourcePage, SourceRow, Window } from "../ports/source.ts";
import type { Keyset, Stamps } from "./keyset.ts";

/** What the source answers at most in one page of incidents. */
export const INCIDENT_PAGE = 50;

/** What is known of the order in which the source lists. */
export interface OrderHints {
  readonly isDescending: () => boolean;
  readonly isCounting: () => boolean;
  readonly isCountable: () => boolean;
}

const TRUSTED: OrderHints = {
  isDescending: () => true,
  isCounting: () => false,
  isCountable: () => true,
};

/** Incidents by their last update. */
export function incidentKeyset(source: Source, order: OrderHints = TRUSTED): Keyset<SourcePage> {
  return {
    list: (page, signal) =>
      source.listPage(!("next" in page) && order.isCounting() ? { ...page, isCounted: true } : page, signal),
    stampsOf,
    sizeOf: (page) => page.rows.length,
    pageSize: INCIDENT_PAGE,
    isDescending: order.isDescending,
    isCountable: order.isCountable,
  };
}

export function newestRevision(page: SourcePage): Revision | undefined {
  return stampsOf(page).reduce<Revision | undefined>(
    (newest, { at }) => (newest === undefined || at > newest ? at : newest),
    undefined,
  );
}

/** True for an incident of this window. */
export function isWithin({ from, to, created }: Window, row: SourceRow): boolean {
  if (row.kind === "malformed") return false;
  const { revision, createdAt } = row.incident;
  if (revision < from || (to !== undefined && revision > to)) return false;
  const createdRevision = revisionOf(createdAt) ?? 0n;
  return created === undefined || (createdRevision >= created.from && createdRevision <= created.to);
}

function stampsOf(page: SourcePage): readonly Stamps[] {
  return page.rows.flatMap((row) => (row.kind === "incident" ? [stampsOfIncident(row.incident)] : []));
}

export function stampsOfIncident({ id, revision, createdAt }: Incident): Stamps {
  return { id, at: revision, second: revisionOf(createdAt) };
}
