import type { VNode } from "preact";
import type { IncidentOverview, TicketOverview } from "../../shared/pipeline/overview/overview.ts";
import { formatDuration } from "../view/format-duration.ts";
import { safeUrl } from "../view/safe-url.ts";
import { visibleText } from "../view/visible-text.ts";
import { kindWords } from "../view/words.ts";
import { StateSign, WarningSign } from "./icons.tsx";
import { ParkedForm } from "./parked-form.tsx";
import { TagList } from "./tag-list.tsx";
import { Untrusted, UntrustedLink } from "./untrusted.tsx";

const STATE_WORDS = {
  shown: "Shown",
  behind: "Behind",
  waiting: "Waiting",
  parked: "Parked",
  absent: "No ticket yet",
  dropped: "Left as it is",
  unrouted: "Not for this tool",
  detached: "Ticket deleted",
} as const satisfies Record<TicketOverview["state"], string>;

/** Each tool's ticket: where it is, whether it shows the newest change, and why not. */
export function TicketList({ incident }: { readonly incident: IncidentOverview }): VNode {
  const { tickets } = incident;
  if (tickets.length === 0) return <p class="quiet">No tool configured</p>;
  return (
    <ul class="tickets">
      {tickets.map((ticket) => (
        <Ticket key={ticket.connector} ticket={ticket} incident={incident} />
      ))}
    </ul>
  );
}

function Ticket(props: { readonly ticket: TicketOverview; readonly incident: IncidentOverview }): VNode {
  const { ticket, incident } = props;
  return (
    <li class="ticket" data-state={ticket.state} data-connector={ticket.connector}>
      <p class="ticket-head">
        <span class="ticket-kind" title={`Connector ${visibleText(ticket.connector)}`}>
          <Untrusted text={kindWords(ticket.kind)} />
        </span>
        {ticket.label !== "" && <UntrustedLink class="ticket-label" text={ticket.label} url={ticket.url} />}
        {ticket.url !== "" && safeUrl(ticket.url) === undefined && (
          <span class="quiet refused">
            <Untrusted text={ticket.url} />
          </span>
        )}
        <span class="ticket-state">
          <StateSign state={ticket.state} />
          {Object.hasOwn(STATE_WORDS, ticket.state) ? STATE_WORDS[ticket.state] : "Not known"}
        </span>
        {ticket.lagMs !== null && (
          <span class="ticket-lag quiet" title="From the change at the source to the ticket having it">
            {formatDuration(ticket.lagMs)} after the change
          </span>
        )}
      </p>
      {ticket.problem !== "" && (
        <p class="ticket-problem">
          <Untrusted text={ticket.problem} />
        </p>
      )}
      {(ticket.mend ?? "") !== "" && (
        <p class="ticket-mend">
          <span class="ticket-mend-word">To mend it:</span> <Untrusted text={ticket.mend ?? ""} />
        </p>
      )}
      {(ticket.state === "parked" || (ticket.state === "detached" && ticket.mend !== undefined)) && (
        <ParkedForm tenant={incident.tenantId} incident={incident.incidentId} connector={ticket.connector} />
      )}
      {ticket.drift.length > 0 && (
        <p class="ticket-drift with-sign">
          <WarningSign />
          <span>
            Changed in the tool: <Untrusted text={ticket.drift.join(", ")} />
          </span>
        </p>
      )}
      <TagList tags={ticket.tags} label={`Our tags on the ticket in ${visibleText(kindWords(ticket.kind))}`} />
    </li>
  );
}
