import type { Projection } from "../../incident/projection.ts";
import type { MappingContext } from "../connector.ts";
import { BALL_TEXT, STAGE_TEXT } from "../description-words.ts";
import { plainLine } from "../neutralise-servicenow.ts";
import { cutText, portalLink } from "../neutralise.ts";
import { ROWS_MAX, actionTable, alertTable, assetTable } from "./description-tables.ts";
import { incidentText, notificationText } from "./foreign-text.ts";

const LINE_MAX = 200;
/** Longest `description` of a base instance, characters. */
const TEXT_MAX = 4_000;

export interface Description {
  readonly text: string;
  /** False where a Defender Experts Notification did not fit whole: then a note has it. */
  readonly hasWholeNotification: boolean;
}

/**
 * What people read first: `name: value` lines, what they have to do, and what Defender Experts say in a notification; then what was hit, and
 * last the text of the incident, which others wrote. It has no times but of the incident's own milestones, so that nothing but a change of
 * the incident changes it.
 */
export function toDescription(
  projection: Projection,
  context: MappingContext,
  portalHosts: readonly string[],
): Description {
  const facts = factLines(projection, context, portalHosts);
  const actions = actionTable(projection);
  const hits = [alertTable(projection), assetTable(projection)];
  const isCustomersTurn = projection.ball === "customer";
  const first = joined(isCustomersTurn ? [facts, actions] : [facts]);
  const tables = isCustomersTurn ? hits : [...hits, actions];
  const said = notificationText(projection, TEXT_MAX - first.length - GAP.length);
  const whole = joined([first, said.text, ...tables, incidentText(projection)]);
  return { text: cutText(whole.trimEnd(), TEXT_MAX), hasWholeNotification: said.cut === 0 };
}

const GAP = "\n\n";

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(GAP);
}

function factLines(projection: Projection, context: MappingContext, portalHosts: readonly string[]): string {
  const { lifecycle } = projection;
  const raw = lifecycle.stage === "unrecognised" ? `: ${line(lifecycle.raw)}` : "";
  const tags = [...projection.tags, ...projection.customTags].map((tag) => line(tag)).filter((tag) => tag !== "");
  const facts: readonly (readonly [string, string])[] = [
    ["Microsoft Defender XDR incident", projection.incidentId],
    // Each value is neutralised by itself, so that this one link can stay alive.
    ["Portal", portalLink(projection.url, portalHosts) ?? line(projection.url)],
    ["Continues", context.continued === undefined ? "" : `${context.continued.label}, which stays closed`],
    ["Stage", `${STAGE_TEXT[lifecycle.stage]}${raw}`],
    ["Whose turn", BALL_TEXT[projection.ball]],
    ["Pending approvals", projection.pendingApprovals === 0 ? "" : String(projection.pendingApprovals)],
    ["Assigned to", line(projection.assignedTo)],
    ["Severity", line(projection.severityRaw)],
    ["Classification", line(projection.classificationRaw)],
    ["Determination", projection.determination === "unknown" ? "" : line(projection.determination)],
    ["MITRE ATT&CK", listed(distinct(projection.alerts?.rows.flatMap((alert) => alert.mitreTechniques)))],
    ["Detected by", listed(distinct(projection.alerts?.rows.map((alert) => alert.detectionSource)))],
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
  const id = line(into ?? "");
  const incident = id === "" ? "another incident" : `incident ${id}`;
  return context.survivor === undefined ? incident : `${incident} (${context.survivor.label})`;
}

/** Each once, in an order of ours. */
function distinct(texts: readonly string[] = []): readonly string[] {
  return [...new Set(texts.map((text) => line(text)))].filter((text) => text !== "").toSorted();
}

function listed(values: readonly string[]): string {
  const shown = values.slice(0, ROWS_MAX).join(", ");
  return values.length > ROWS_MAX ? `${shown} and ${values.length - ROWS_MAX} more` : shown;
}

function line(text: string): string {
  return plainLine(text, LINE_MAX);
}
