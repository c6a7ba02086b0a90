import type {
  Preview,
  PreviewReason,
  PreviewedField,
  PreviewedIncident,
  PreviewedTicket,
} from "../shared/pipeline/preview/previewed.ts";
import { printable } from "./terminal-words.ts";

const VALUE_MAX = 60;

const ACTIONS = {
  create: "create a ticket",
  adopt: "take over",
  update: "change",
  send: "send an event:",
  none: "as it should be",
  wait: "waits",
  absent: "no ticket",
  unrouted: "not for this tool",
  unknown: "could not be asked",
} satisfies Record<PreviewedTicket["action"], string>;

const REASONS = {
  first: "never written yet",
  changed: "Defender changed it",
  entering: "entering the stage",
  ours: "ours outright, and somebody changed it",
  mapping: "the mapping changed; written with the next change, by a rebuild, or in turn while the incident is open",
} satisfies Record<PreviewReason, string>;

/** A preview for people at a terminal; nothing an incident says can move the cursor or start a line. */
export function previewText(preview: Preview): string {
  const isOfMany = new Set(preview.incidents.map(({ tenantId }) => tenantId)).size > 1;
  const lines = preview.incidents.flatMap((incident) => incidentLines(incident, isOfMany));
  return [...lines, ...problemLines(preview.problems), ...totals(preview)].join("\n");
}

export function problemLines(problems: readonly string[]): readonly string[] {
  return problems.map((problem) => printable(`could not be looked at: ${problem}`));
}

export function incidentLines(incident: PreviewedIncident, isNamed: boolean): readonly string[] {
  const { incidentId, tenantId, stage, severity, title, tickets } = incident;
  return [
    printable(`${incidentId}${isNamed ? ` of ${tenantId}` : ""}  ${stage}  ${severity}  ${title}`),
    ...tickets.flatMap((ticket) => ticketLines(ticket)),
  ];
}

/** `itsm: 3 create a ticket, 2 change` */
export function totalLines(incidents: readonly PreviewedIncident[]): readonly string[] {
  const tickets = incidents.flatMap((incident) => incident.tickets);
  const connectors = [...new Set(tickets.map(({ connector }) => connector))];
  return connectors.map((connector) => {
    const own = tickets.filter((ticket) => ticket.connector === connector);
    const counts = Object.entries(ACTIONS)
      .map(([action, words]) => [own.filter((ticket) => ticket.action === action).length, words] as const)
      .filter(([count]) => count > 0)
      .map(([count, words]) => `${count} ${words}`);
    return printable(`${connector}: ${counts.join(", ")}`);
  });
}

function ticketLines(ticket: PreviewedTicket): readonly string[] {
  const { connector, action, label, fields, tags, notes, files, drift, reason } = ticket;
  const changes = [...tags.add.map((tag) => `+${tag}`), ...tags.remove.map((tag) => `-${tag}`)];
  const why = reason === "" ? "" : ` (${reason})`;
  return [
    printable(`  ${connector}: ${ACTIONS[action]}${label === "" ? "" : ` ${label}`}${why}`),
    ...fields.map((field) => `    ${fieldLine(field)}`),
    ...(changes.length === 0 ? [] : [printable(`    tags: ${changes.join(", ")}`)]),
    ...(notes === 0 ? [] : [`    ${notes} note${notes === 1 ? "" : "s"}`]),
    ...files.map((name) => printable(`    attached: ${name}`)),
    ...(drift.length === 0 ? [] : [printable(`    left alone, changed in the tool: ${drift.join(", ")}`)]),
  ];
}

function fieldLine({ field, from, to, why }: PreviewedField): string {
  const before = from === null || from === "" ? "" : `${shortened(from)} -> `;
  return `${printable(field)}: ${before}${shortened(to)}  [${REASONS[why]}]`;
}

function shortened(value: string): string {
  const text = printable(value, VALUE_MAX + 1);
  return text.length > VALUE_MAX ? `"${text.slice(0, VALUE_MAX)}…"` : `"${text}"`;
}

function totals({ incidents, left }: Preview): readonly string[] {
  return [
    ...(left === 0 ? [] : [`${left} were not reached in time: ask for fewer with --last`]),
    ...totalLines(incidents),
    `${incidents.length} incident${incidents.length === 1 ? "" : "s"} looked at; nothing was written`,
  ];
}
