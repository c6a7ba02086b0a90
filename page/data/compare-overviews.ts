import type { IncidentOverview, Overview } from "../../shared/pipeline/overview/overview.ts";
import { lifecycleView } from "../view/lifecycle-view.ts";
import { visibleText } from "../view/visible-text.ts";
import { incidentKey } from "./incident-key.ts";

export interface OverviewChanges {
  /** Keys of incidents that are new or read differently now. */
  readonly changed: ReadonlySet<string>;
  /** One sentence for people who listen; "" where no ball changed hands. */
  readonly announcement: string;
}

/** More names than this and a listener stops following. */
const NAMED_AT_MOST = 3;

/** What changed between two answers. Only handovers are announced: to the customer, and back. */
export function compareOverviews(before: Overview, after: Overview): OverviewChanges {
  const known = new Map(before.incidents.map((incident) => [incidentKey(incident), incident]));
  const changed = new Set<string>();
  const toCustomer: IncidentOverview[] = [];
  const fromCustomer: IncidentOverview[] = [];
  for (const incident of after.incidents) {
    const previous = known.get(incidentKey(incident));
    if (previous === undefined || JSON.stringify(previous) !== JSON.stringify(incident)) {
      changed.add(incidentKey(incident));
    }
    const wasTheirs = previous?.ball === "customer";
    if (incident.ball === "customer" && !wasTheirs) toCustomer.push(incident);
    if (incident.ball !== "customer" && wasTheirs) fromCustomer.push(incident);
  }
  return { changed, announcement: sentences(toCustomer, fromCustomer, after) };
}

function sentences(
  toCustomer: readonly IncidentOverview[],
  fromCustomer: readonly IncidentOverview[],
  overview: Overview,
): string {
  const spoken: string[] = [];
  if (toCustomer.length > NAMED_AT_MOST) {
    spoken.push(`${toCustomer.length} incidents are now awaiting your action.`);
  } else {
    spoken.push(...toCustomer.map((incident) => `${named(incident, overview)} is now awaiting your action.`));
  }
  if (fromCustomer.length > NAMED_AT_MOST) {
    spoken.push(`${fromCustomer.length} incidents no longer await your action.`);
  } else {
    spoken.push(
      ...fromCustomer.map(
        (incident) => `${named(incident, overview)} no longer awaits your action: ${nowAt(incident)}.`,
      ),
    );
  }
  return spoken.join(" ");
}

function named(incident: IncidentOverview, overview: Overview): string {
  const name = `Incident ${visibleText(incident.incidentId)}`;
  if (overview.tenants.length < 2) return name;
  const tenant = overview.tenants.find((candidate) => candidate.id === incident.tenantId);
  return `${name} of ${visibleText(tenant?.name ?? incident.tenantId)}`;
}

function nowAt(incident: IncidentOverview): string {
  return visibleText(lifecycleView(incident.stage, incident.statusRaw).label);
}
