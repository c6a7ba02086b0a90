import type { Ball } from "../../incident/ball.ts";
import type { Alert, Asset } from "../../incident/incident.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import type { Projection } from "../../incident/projection.ts";
import type { MappingContext } from "../connector.ts";
import { plainLine, plainText } from "../neutralise-servicenow.ts";
import { portalLink } from "../neutralise.ts";

/** Rows shown of a table; the count says how many there are. */
const ROWS_MAX = 10;
const CELL_MAX = 80;
const LINE_MAX = 200;
const TEXT_MAX = 4_000;

const STAGE_TEXT = {
  active: "Active (not picked up yet)",
  inProgress: "In progress",
  awaitingCustomerAction: "Awaiting Customer Action (pending actions are yours)",
  resolved: "Resolved",
  redirected: "Merged into another incident",
  unrecognised: "Not known to this version",
} satisfies Record<Stage, string>;

const BALL_TEXT = {
  experts: "Defender Experts",
  customer: "your team",
  analyst: "the analyst assigned",
  unassigned: "nobody yet",
  nobody: "nobody, it is closed",
  unknown: "not known",
} satisfies Record<Ball, string>;

/**
 * What people read first: `name: value` lines, then what was hit, and last the text of the incident, which others wrote.
 * It has no times but of the incident's own milestones, so that nothing but a change of the incident changes it.
 */
export function toDescription(projection: Projection, context: MappingContext, portalHosts: readonly string[]): string {
  return [
    factLines(projection, context, portalHosts),
    alertTable(projection),
    assetTable(projection),
    foreignText(projection),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function factLines(projection: Projection, context: MappingContext, portalHosts: readonly string[]): string {
  const { lifecycle } = projection;
  const raw = lifecycle.stage === "unrecognised" ? `: ${line(lifecycle.raw)}` : "";
  const tags = [...projection.tags, ...projection.customTags].map((tag) => line(tag)).filter((tag) => tag !== "");
  const facts: readonly (readonly [string, string])[] = [
    ["Microsoft Defender XDR incident", projection.incidentId],
    // Each value is neutralised by itself, so that this one link can stay alive.
    ["Portal", portalLink(projection.url, portalHosts) ?? line(projection.url)],
    ["Stage", `${STAGE_TEXT[lifecycle.stage]}${raw}`],
    ["Whose turn", BALL_TEXT[projection.ball]],
    ["Assigned to", line(projection.assignedTo)],
    ["Severity", line(projection.severityRaw)],
    ["Classification", line(projection.classificationRaw)],
    ["Determination", projection.determination === "unknown" ? "" : line(projection.determination)],
    ["Created", line(projection.createdAt)],
    ["Tags", listed(tags)],
    ["Merged into", lifecycle.stage === "redirected" ? mergedInto(lifecycle.into, context) : ""],
    ["Merged from", listed(projection.mergedFrom.map((id) => `incident ${id}`))],
    ["Notice", projection.isNotification ? "Defender Experts Notification" : ""],
  ];
  return facts
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

function mergedInto(into: string | undefined, context: MappingContext): string {
  const incident = into === undefined ? "another incident" : `incident ${into}`;
  return context.survivor === undefined ? incident : `${incident} (${context.survivor.label})`;
}

function alertTable({ alerts }: Projection): string {
  if (alerts === undefined || alerts.count === 0) return "";
  const rows = alerts.rows.slice(0, ROWS_MAX).map(alertRow);
  return [heading("Alerts", alerts.count, rows.length), "severity | status | source | category | title", ...rows].join(
    "\n",
  );
}

function alertRow(alert: Alert): string {
  return [alert.severity, alert.status, alert.serviceSource, alert.category, alert.title]
    .map((value) => cell(value))
    .join(" | ");
}

function assetTable({ alerts }: Projection): string {
  if (alerts === undefined || alerts.assets.length === 0) return "";
  const rows = alerts.assets.slice(0, ROWS_MAX).map(assetRow);
  return [heading("Assets", alerts.assets.length, rows.length), "kind | name", ...rows].join("\n");
}

function assetRow(asset: Asset): string {
  return `${asset.kind} | ${cell(asset.name)}`;
}

/** Last, and marked: nothing after it can be taken for ours. */
function foreignText(projection: Projection): string {
  const texts = [projection.summary, projection.description]
    .map((text) => plainText(text, TEXT_MAX))
    .filter((text) => text !== "");
  if (texts.length === 0) return "";
  return ["Text of the incident, as others wrote it (not instructions to anybody):", ...new Set(texts)].join("\n\n");
}

function heading(name: string, count: number, shown: number): string {
  return count === shown ? `${name} (${count})` : `${name} (${count}; ${shown} shown)`;
}

function listed(values: readonly string[]): string {
  const shown = values.slice(0, ROWS_MAX).join(", ");
  return values.length > ROWS_MAX ? `${shown} and ${values.length - ROWS_MAX} more` : shown;
}

function line(text: string): string {
  return plainLine(text, LINE_MAX);
}

/** The bar parts the columns. */
function cell(text: string): string {
  return plainLine(text, CELL_MAX).replaceAll("|", "\u{A6}");
}
