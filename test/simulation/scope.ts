import { isExpertsWork, stageOf } from "./expected.ts";
import { type SourceIncident, newestOf } from "./source-record.ts";
import type { TicketWrite } from "./ticket-record.ts";

type Incidents = ReadonlyMap<string, SourceIncident>;

/** Whose tickets must be there at the end, and whose may be. */
export function scopeOf(
  incidents: Incidents,
  experts: "only" | "all",
): { readonly must: ReadonlySet<string>; readonly may: ReadonlySet<string> } {
  const all = [...incidents.values()];
  const must = all.filter((incident) => experts === "all" || isExpertsWork(newestOf(incident)));
  const may = all.filter((incident) => experts === "all" || incident.versions.some(isExpertsWork));
  return { must: withSurvivors(incidents, must), may: withSurvivors(incidents, may) };
}

/**
 * "Once in scope, always in scope" is remembered in the state, and lost with it (ADR 22): the ticket of an incident that is not in scope any more
 * stays as it was. So does that of one on the way of a chain of merges, where the source answers its id with the incident at the chain's end.
 */
export function isForgotten(
  {
    incidents,
    experts,
    mergedAs,
    stateLostAt,
  }: {
    readonly incidents: Incidents;
    readonly experts: "only" | "all";
    readonly mergedAs: "itself" | "survivor";
    readonly stateLostAt: number | undefined;
  },
  incident: SourceIncident,
  records: readonly { readonly writes: readonly Pick<TicketWrite, "writer" | "at">[] }[],
): boolean {
  if (experts === "all" || stateLostAt === undefined) return false;
  const isKnownSince = records.some(({ writes }) =>
    writes.some(({ writer, at }) => writer === "product" && at >= stateLostAt),
  );
  if (isKnownSince) return false;
  const found = [...incidents.values()].filter((other) => isExpertsWork(newestOf(other)));
  const isHidden = mergedAs === "survivor" && stageOf(newestOf(incident)) === "redirected";
  return !(isHidden ? new Set(found.map(({ id }) => id)) : withSurvivors(incidents, found)).has(incident.id);
}

/** The survivor of an incident in scope is in scope. */
function withSurvivors(incidents: Incidents, some: readonly SourceIncident[]): ReadonlySet<string> {
  const set = new Set(some.map(({ id }) => id));
  for (const incident of some) {
    let into = newestOf(incident).redirectIncidentId;
    for (let hop = 0; into !== null && hop < incidents.size; hop += 1) {
      set.add(into);
      const next = incidents.get(into);
      into = next === undefined || stageOf(newestOf(next)) !== "redirected" ? null : newestOf(next).redirectIncidentId;
    }
  }
  return set;
}
