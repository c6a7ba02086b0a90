import { isClosed } from "../../shared/incident/lifecycle.ts";
import type { IncidentOverview } from "../../shared/pipeline/overview/overview.ts";
import { verdictWords } from "./words.ts";

export type Turn = "all" | "yours" | "experts" | "closed";

export const TURNS = ["all", "yours", "experts", "closed"] as const satisfies readonly Turn[];

export interface Selection {
  readonly turn: Turn;
  /** Words that must all occur, in any order and case. */
  readonly search: string;
  /** "" for all tenants. */
  readonly tenantId: string;
}

/** What the list shows. The turn's counts are taken before it is applied, so that each filter says how many it would show. */
export function selectIncidents(
  incidents: readonly IncidentOverview[],
  selection: Selection,
): { readonly shown: readonly IncidentOverview[]; readonly counts: Readonly<Record<Turn, number>> } {
  const words = selection.search.toLowerCase().split(/\s+/).filter(Boolean);
  const candidates = incidents.filter(
    (incident) =>
      (selection.tenantId === "" || incident.tenantId === selection.tenantId) && containsAll(incident, words),
  );
  const counts = {
    all: candidates.length,
    yours: candidates.filter((incident) => isOfTurn(incident, "yours")).length,
    experts: candidates.filter((incident) => isOfTurn(incident, "experts")).length,
    closed: candidates.filter((incident) => isOfTurn(incident, "closed")).length,
  };
  return { shown: candidates.filter((incident) => isOfTurn(incident, selection.turn)), counts };
}

function isOfTurn(incident: IncidentOverview, turn: Turn): boolean {
  switch (turn) {
    case "all":
      return true;
    case "yours":
      return incident.ball === "customer";
    case "experts":
      return incident.ball === "experts";
    case "closed":
      return isClosed(incident.stage);
  }
}

function containsAll(incident: IncidentOverview, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = [
    incident.incidentId,
    incident.title,
    incident.assignedTo,
    incident.severity,
    incident.statusRaw,
    verdictWords(incident.classification, incident.determination),
    incident.determination,
    incident.mergedInto,
    ...incident.mergedFrom,
    ...incident.tickets.flatMap((ticket) => [
      ticket.label,
      ticket.connector,
      ticket.kind,
      ticket.state,
      ...ticket.tags,
    ]),
  ]
    .join("\n")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
