import type { VNode } from "preact";
import type { TenantOverview } from "../../shared/pipeline/overview/overview.ts";
import type {
  Preview,
  PreviewedField,
  PreviewedIncident,
  PreviewedTicket,
} from "../../shared/pipeline/preview/previewed.ts";
import { incidentKey } from "../data/incident-key.ts";
import { ACTION_WORDS, REASON_WORDS } from "../view/preview-words.ts";
import { visibleText } from "../view/visible-text.ts";
import { counted, kindWords } from "../view/words.ts";
import { WarningSign } from "./icons.tsx";
import { Untrusted, UntrustedLink } from "./untrusted.tsx";

type Tenants = readonly Pick<TenantOverview, "id" | "name">[];

/** One entry an incident, one part a tool; each field with its value before, after, and why. */
export function PreviewList({ preview, tenants }: { readonly preview: Preview; readonly tenants: Tenants }): VNode {
  return (
    <>
      {preview.problems.map((problem) => (
        <p key={problem} class="problem with-sign">
          <WarningSign />
          <Untrusted text={problem} />
        </p>
      ))}
      <ul class="previewed">
        {preview.incidents.map((incident) => (
          <li key={incidentKey(incident)} data-preview={incident.incidentId}>
            <Heading incident={incident} tenants={tenants} />
            {incident.tickets.map((ticket) => (
              <Ticket key={ticket.connector} ticket={ticket} incidentId={incident.incidentId} />
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}

function Heading({ incident, tenants }: { readonly incident: PreviewedIncident; readonly tenants: Tenants }): VNode {
  const { tenantId } = incident;
  return (
    <h3>
      #<Untrusted text={incident.incidentId} />
      {tenants.length > 1 && (
        <span class="quiet">
          {" "}
          of <Untrusted text={tenants.find(({ id }) => id === tenantId)?.name ?? tenantId} />
        </span>
      )}{" "}
      <Untrusted text={incident.title} />
      {incident.readFrom === "source" && <span class="quiet"> (not known here yet)</span>}
    </h3>
  );
}

function Ticket({ ticket, incidentId }: { readonly ticket: PreviewedTicket; readonly incidentId: string }): VNode {
  const { tags, notes, files, drift, fields, reason } = ticket;
  return (
    <div class="previewed-ticket" data-action={ticket.action} data-connector={ticket.connector}>
      <p>
        <strong>
          <Untrusted text={kindWords(ticket.kind)} />
        </strong>{" "}
        {ticket.label !== "" && <UntrustedLink text={ticket.label} url={ticket.url} />}{" "}
        {Object.hasOwn(ACTION_WORDS, ticket.action) ? ACTION_WORDS[ticket.action] : "Not known"}
        {reason !== "" && (
          <span class="quiet">
            {": "}
            <Untrusted text={reason} />
          </span>
        )}
      </p>
      {fields.length > 0 && (
        <FieldTable
          fields={fields}
          caption={`Fields of incident ${visibleText(incidentId)} in ${visibleText(kindWords(ticket.kind))}`}
        />
      )}
      {tags.add.length + tags.remove.length > 0 && (
        <p class="quiet">
          Tags:{" "}
          <Untrusted text={[...tags.add.map((tag) => `+${tag}`), ...tags.remove.map((tag) => `−${tag}`)].join(", ")} />
        </p>
      )}
      {notes > 0 && <p class="quiet">{counted(notes, "note")} added</p>}
      {files.length > 0 && <p class="quiet">attached: {files.join(", ")}</p>}
      {drift.length > 0 && (
        <p class="quiet">
          Changed in the tool, left alone: <Untrusted text={drift.join(", ")} />
        </p>
      )}
    </div>
  );
}

function FieldTable({
  fields,
  caption,
}: {
  readonly fields: readonly PreviewedField[];
  readonly caption: string;
}): VNode {
  return (
    <div class="previewed-fields" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ field, from, to, why }) => (
            <tr key={field}>
              <th scope="row">
                <Untrusted text={field} />
              </th>
              <td>{from === null ? <span class="quiet">not known</span> : <Value text={from} />}</td>
              <td>
                <Value text={to} />
              </td>
              <td>{Object.hasOwn(REASON_WORDS, why) ? REASON_WORDS[why] : "Not known"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ text }: { readonly text: string }): VNode {
  if (text === "") return <span class="quiet">empty</span>;
  return (
    <span class="previewed-value">
      <Untrusted text={text} />
    </span>
  );
}
