import type { VNode } from "preact";
import { isClosed } from "../../shared/incident/lifecycle.ts";
import type { Overview } from "../../shared/pipeline/overview/overview.ts";
import { incidentKey } from "../data/incident-key.ts";
import type { FeedState } from "../data/overview-feed.ts";
import { formatDuration } from "../view/format-duration.ts";
import { selectIncidents } from "../view/select-incidents.ts";
import type { Selection } from "../view/select-incidents.ts";
import { sortIncidents } from "../view/sort-incidents.ts";
import type { Order } from "../view/sort-incidents.ts";
import { counted } from "../view/words.ts";
import { IncidentFilters } from "./incident-filters.tsx";
import { IncidentList } from "./incident-list.tsx";

export interface IncidentsSectionProps {
  readonly state: Extract<FeedState, { kind: "showing" }>;
  readonly selection: Selection;
  readonly order: Order;
  readonly onSelect: (change: Partial<Selection>) => void;
  readonly onOrder: (order: Order) => void;
  readonly onClear: () => void;
}

export function IncidentsSection(props: IncidentsSectionProps): VNode {
  const { overview, changed, version } = props.state;
  const tenants = new Map(overview.tenants.map((tenant) => [tenant.id, tenant]));
  const urls = new Map(overview.incidents.map((incident) => [incidentKey(incident), incident.url]));
  const { shown, counts } = selectIncidents(overview.incidents, props.selection);
  const rows = sortIncidents(shown, props.order).map((incident) => ({
    incident,
    tenant: tenants.size > 1 ? tenants.get(incident.tenantId) : undefined,
    urlOf: (tenantId: string, incidentId: string) => urls.get(incidentKey({ tenantId, incidentId })) ?? "",
    flash: changed.has(incidentKey(incident)) ? flashOf(version) : ("" as const),
  }));
  return (
    <section class="incidents" aria-labelledby="incidents-heading">
      <div class="incidents-head">
        <h2 id="incidents-heading" tabIndex={-1}>
          Incidents
        </h2>
        {overview.incidents.length > 0 && (
          <p class="quiet">
            {rows.length === overview.incidents.length
              ? counted(rows.length, "incident")
              : `${rows.length} of ${counted(overview.incidents.length, "incident")}`}
          </p>
        )}
        <ClosedNote overview={overview} />
      </div>
      {overview.incidents.length > 0 && (
        <IncidentFilters
          selection={props.selection}
          order={props.order}
          counts={counts}
          tenants={overview.tenants}
          onSelect={props.onSelect}
          onOrder={props.onOrder}
        />
      )}
      {overview.incidents.length === 0 && <NoIncidents pollIntervalMs={overview.pollIntervalMs} />}
      {overview.incidents.length > 0 && rows.length === 0 && <NoMatch onClear={props.onClear} />}
      {rows.length > 0 && <IncidentList rows={rows} />}
      {overview.moreOpen > 0 && (
        <p class="more quiet">
          {counted(overview.moreOpen, "more open incident")} {overview.moreOpen === 1 ? "is" : "are"} not listed here.
          They are synchronised all the same; Microsoft Defender lists them all.
        </p>
      )}
    </section>
  );
}

/** The card counts a month, the list stops earlier: said, so that the two numbers are not taken for one. */
function ClosedNote({ overview }: { readonly overview: Overview }): VNode | null {
  const resolved = overview.tenants.reduce((sum, tenant) => sum + tenant.card.resolvedIn30Days, 0);
  const resolvedListed = overview.incidents.filter((incident) => incident.stage === "resolved").length;
  if (resolved <= resolvedListed) return null;
  const closedListed = overview.incidents.filter((incident) => isClosed(incident.stage)).length;
  return (
    <p class="quiet closed-note">
      Of those closed, the newest {closedListed} are listed; {resolved} were resolved in the last 30 days
    </p>
  );
}

function flashOf(version: number): "a" | "b" {
  return version % 2 === 0 ? "a" : "b";
}

function NoIncidents({ pollIntervalMs }: { readonly pollIntervalMs: number }): VNode {
  return (
    <div class="notice">
      <p class="notice-title">No incidents yet</p>
      <p>
        When Defender Experts take one up, it appears here and in your tools. Defender is read every{" "}
        {formatDuration(pollIntervalMs).replace(".0 s", " s")}.
      </p>
    </div>
  );
}

function NoMatch({ onClear }: { readonly onClear: () => void }): VNode {
  return (
    <div class="notice">
      <p class="notice-title">Nothing matches these filters</p>
      <button type="button" onClick={onClear}>
        Show all incidents
      </button>
    </div>
  );
}
