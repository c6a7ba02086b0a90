import { escapeHtml, fieldTable, htmlPage, textBlock } from "../http/html.ts";
import { COLUMNS } from "./columns.ts";
import type { Names } from "./render-record.ts";
import type { JournalEntry, Ticket, TicketStore } from "./ticket-store.ts";

/** The record that `/nav_to.do?uri=incident.do?…` (or `sn_si_incident.do`) means, by sys_id, number or correlation_id. */
export function ticketOfLink(query: URLSearchParams, tickets: TicketStore): Ticket | undefined {
  const target = [...query].flat().join("&");
  const [, sysId] = /sys_id=([0-9a-f]{32})/.exec(target) ?? [];
  if (sysId !== undefined) return tickets.get(sysId);
  const [, number] = /number=((?:INC|SIR)\d+)/.exec(target) ?? [];
  if (number !== undefined) return tickets.byNumber(number);
  const [, correlationId] = /correlation_id=([A-Za-z0-9:_-]+)/.exec(target) ?? [];
  return correlationId === undefined ? undefined : tickets.byCorrelation(correlationId)[0];
}

/** The ticket as a person would see it. Read-only. */
export function recordPage({ fields, sysId }: Ticket, tickets: TicketStore, names: Names): string {
  const rows = Object.entries(fields)
    .filter(([name]) => COLUMNS[name]?.kind !== "journal")
    .map(([name, value]) => [name, shown(name, value, names, fields["sys_class_name"] ?? "")] as const);
  const notes = [...tickets.journal(sysId)].reverse().map(noteBlock);
  return htmlPage(
    `${fields["number"] ?? sysId}: ${fields["short_description"] ?? ""}`,
    `<p class="banner">A simulated ServiceNow.</p>
<h2>Work notes and comments (${notes.length}, newest first)</h2>${notes.join("")}<h2>Fields</h2>${fieldTable(rows)}`,
  );
}

function noteBlock({ element, sys_created_by: by, sys_created_on: on, value }: JournalEntry): string {
  const danger = /\[code\]/i.test(value)
    ? '<p class="danger">ServiceNow would render the [code] part of this note as HTML.</p>'
    : "";
  return `<div class="note"><div class="meta">${escapeHtml(`${element}, ${by}, ${on}`)}</div>${danger}${textBlock(value)}</div>`;
}

function shown(name: string, value: string, names: Names, tableName: string): string {
  const table = COLUMNS[name]?.table;
  const label =
    table === undefined ? names.choices.labelOf(tableName, name, value) : names.directory.nameOf(table, value);
  return label === undefined || label === value ? value : `${label} (${value})`;
}
