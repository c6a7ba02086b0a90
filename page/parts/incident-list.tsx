import { useEffect, useState } from "preact/hooks";
import type { VNode } from "preact";
import { incidentKey } from "../data/incident-key.ts";
import { BallMark, IncidentConclusions, IncidentLine, IncidentTitle, SeverityMark } from "./incident-facts.tsx";
import type { IncidentProps } from "./incident-facts.tsx";
import { LifecycleTrack } from "./lifecycle-track.tsx";
import { TicketList } from "./ticket-list.tsx";

/** Below this a table's columns are too narrow to read. */
const WIDE = "(min-width: 62rem)";

export interface IncidentRow extends IncidentProps {
  /** "a" or "b" for a row that has just changed, by turns, so that its highlight starts again; "" else. */
  readonly flash: "" | "a" | "b";
}

/** A table where there is room, cards where there is not: one of them in the document, never both. */
export function IncidentList({ rows }: { readonly rows: readonly IncidentRow[] }): VNode {
  return useMedia(WIDE) ? <IncidentTable rows={rows} /> : <IncidentCards rows={rows} />;
}

function IncidentTable({ rows }: { readonly rows: readonly IncidentRow[] }): VNode {
  return (
    <table class="incidents-table">
      <caption class="unseen">Incidents, those awaiting your action first</caption>
      <thead>
        <tr>
          <th scope="col" class="column-severity">
            Severity
          </th>
          <th scope="col">Incident</th>
          <th scope="col" class="column-stage">
            Stage
          </th>
          <th scope="col" class="column-ball">
            Ball is with
          </th>
          <th scope="col" class="column-tickets">
            Tickets
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={incidentKey(row.incident)} {...attributesOf(row)}>
            <td>
              <SeverityMark incident={row.incident} />
            </td>
            <th scope="row" class="incident-main">
              <IncidentTitle incident={row.incident} />
              <IncidentLine {...row} />
              <IncidentConclusions {...row} />
            </th>
            <td>
              <LifecycleTrack incident={row.incident} />
            </td>
            <td>
              <BallMark incident={row.incident} />
            </td>
            <td>
              <TicketList incident={row.incident} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function IncidentCards({ rows }: { readonly rows: readonly IncidentRow[] }): VNode {
  return (
    <ul class="incident-cards">
      {rows.map((row) => (
        <li key={incidentKey(row.incident)} {...attributesOf(row)}>
          <article class="incident-main">
            <SeverityMark incident={row.incident} />
            <h3>
              <IncidentTitle incident={row.incident} />
            </h3>
            <IncidentLine {...row} />
            <div class="card-standing">
              <BallMark incident={row.incident} />
              <LifecycleTrack incident={row.incident} />
            </div>
            <IncidentConclusions {...row} />
            <TicketList incident={row.incident} />
          </article>
        </li>
      ))}
    </ul>
  );
}

function attributesOf({ incident, flash }: IncidentRow): Record<string, string> {
  return {
    class: "incident",
    "data-incident": incident.incidentId,
    "data-tenant": incident.tenantId,
    "data-ball": incident.ball,
    "data-stage": incident.stage,
    "data-flash": flash,
  };
}

function useMedia(query: string): boolean {
  const [isMatching, setMatching] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    function follow(): void {
      setMatching(media.matches);
    }
    follow();
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, [query]);
  return isMatching;
}
