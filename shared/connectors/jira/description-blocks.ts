import type { Projection } from "../../incident/projection.ts";
import type { MappingContext } from "../connector.ts";
import { BALL_TEXT, STAGE_TEXT } from "../description-words.ts";
import { cutText, portalLink, visibleText } from "../neutralise.ts";
import { notificationSections } from "../notification-sections.ts";
import type { Block } from "./blocks.ts";
import { sectionBlocks } from "./section-blocks.ts";

/** How much is shown: characters of each text of others, and rows of each table, whose heading says how many there are. */
export interface DescriptionBudget {
  readonly textMax: number;
  readonly rowsMax: number;
}

/** Names shown in a line. */
const NAMES_MAX = 10;
/** So many assets are kept of an incident: where there are as many, there may be more. */
const ASSETS_KEPT = 100;

/**
 * What people read first: the portal's link and the facts; then what is to be done and what was hit; last what others wrote. It has no times but of the incident's own milestones, so that nothing but a change of the incident changes it.
 */
export function descriptionBlocks(
  projection: Projection,
  context: MappingContext,
  portalHosts: readonly string[],
  { textMax, rowsMax }: DescriptionBudget,
): readonly Block[] {
  const url = portalLink(projection.url, portalHosts);
  return [
    ...(url === undefined ? [] : [{ kind: "link" as const, text: "Open in Microsoft Defender", url }]),
    {
      kind: "table",
      columns: ["Microsoft Defender XDR", `incident ${projection.incidentId}`],
      rows: facts(projection, context),
    },
    ...[actionTable(projection), alertTable(projection), assetTable(projection)].flatMap((one) => table(one, rowsMax)),
    ...foreignBlocks(projection, textMax),
  ];
}

function facts(projection: Projection, context: MappingContext): readonly (readonly [string, string])[] {
  const { lifecycle } = projection;
  const rows: readonly (readonly [string, string])[] = [
    ["Continues", context.continued === undefined ? "" : `${context.continued.label}, which cannot be reopened`],
    ["Stage", `${STAGE_TEXT[lifecycle.stage]}${lifecycle.stage === "unrecognised" ? `: ${lifecycle.raw}` : ""}`],
    ["Whose turn", BALL_TEXT[projection.ball]],
    ["Pending approvals", projection.pendingApprovals === 0 ? "" : String(projection.pendingApprovals)],
    ["Assigned to", projection.assignedTo],
    ["Severity", projection.severityRaw],
    ["Classification", projection.classificationRaw],
    ["Determination", projection.determination === "unknown" ? "" : projection.determination],
    ["Resolving comment", projection.resolvingComment],
    ["MITRE ATT&CK", listed(distinct(projection.alerts?.rows.flatMap((alert) => alert.mitreTechniques)))],
    ["Detected by", listed(distinct(projection.alerts?.rows.map((alert) => alert.detectionSource)))],
    ["Created", projection.createdAt],
    ["Tags of the incident", listed(projection.customTags)],
    ["Merged into", lifecycle.stage === "redirected" ? mergedInto(lifecycle.into, context) : ""],
    ["Merged from", listed(projection.mergedFrom.map((id) => `incident ${id}`))],
    ["Notice", projection.isNotification ? "Defender Experts Notification" : ""],
  ];
  return rows.filter(([, value]) => value.trim() !== "");
}

function mergedInto(into: string | undefined, context: MappingContext): string {
  const incident = into === undefined ? "another incident" : `incident ${into}`;
  return context.survivor === undefined ? incident : `${incident} (${context.survivor.label})`;
}

/** What the experts ask for, or are doing, and what is not done yet. */
function actionTable({ pendingTasks }: Projection): Table {
  return {
    name: "Pending actions",
    count: pendingTasks.length,
    isAtLeast: false,
    columns: ["Action", "Status", "Target", "Title"],
    rows: pendingTasks.map((task) => [task.actionType, task.status, task.target, task.title]),
  };
}

function alertTable({ alerts }: Projection): Table {
  return {
    name: "Alerts",
    count: alerts?.count ?? 0,
    isAtLeast: alerts?.isCut === true,
    columns: ["Severity", "Status", "Source", "Category", "Title"],
    rows: (alerts?.rows ?? []).map((alert) => [
      alert.severity,
      alert.status,
      alert.serviceSource,
      alert.category,
      alert.title,
    ]),
  };
}

function assetTable({ alerts }: Projection): Table {
  const assets = alerts?.assets ?? [];
  return {
    name: "Assets",
    count: assets.length,
    isAtLeast: alerts?.isCut === true || assets.length >= ASSETS_KEPT,
    columns: ["Kind", "Name"],
    rows: assets.map((asset) => [asset.kind, asset.name]),
  };
}

interface Table {
  readonly name: string;
  readonly count: number;
  readonly isAtLeast: boolean;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Nothing where there is nothing to show. */
function table(content: Table, rowsMax: number): readonly Block[] {
  if (content.count === 0) return [];
  const rows = content.rows.slice(0, rowsMax);
  const total = content.isAtLeast ? `at least ${content.count}` : String(content.count);
  const shown = content.count === rows.length && !content.isAtLeast ? "" : `; ${rows.length} shown`;
  return [
    { kind: "heading", text: `${content.name} (${total}${shown})` },
    { kind: "table", columns: content.columns, rows },
  ];
}

/** Marked as others' words; a Defender Experts Notification's before the incident's own. */
function foreignBlocks(projection: Projection, textMax: number): readonly Block[] {
  const { notification } = projection;
  const said = [notification?.executiveSummary, notification?.recommendedActions];
  const own = [projection.summary, projection.description].filter((text, index, all) => all.indexOf(text) === index);
  const blocks: readonly Block[] = [
    ...notificationBlocks(projection, textMax),
    ...own.filter((text) => !said.includes(text)).flatMap((text) => foreignText(text, textMax)),
  ];
  if (blocks.length === 0) return [];
  return [
    { kind: "heading", text: "Text of the incident, as others wrote it (not instructions to anybody)" },
    ...blocks,
  ];
}

/** True where each section of the notification is whole in a description of texts so long; else a comment has them all. */
export function showsWholeNotification(projection: Projection, textMax: number): boolean {
  return notificationSections(projection).every((section) => sectionBlocks(section, textMax).isWhole);
}

function notificationBlocks(projection: Projection, textMax: number): readonly Block[] {
  const sections = notificationSections(projection).map((section) => sectionBlocks(section, textMax));
  const cut = sections.filter(({ isWhole }) => !isWhole).length;
  const missing = `${cut} of ${sections.length} sections cut or left out here: a comment has them all.`;
  return [
    ...sections.flatMap(({ blocks }) => blocks),
    ...(cut === 0 ? [] : [{ kind: "head" as const, text: missing }]),
  ];
}

function foreignText(text: string, textMax: number): readonly Block[] {
  const shown = cutText(visibleText(text), textMax);
  return shown === "" ? [] : [{ kind: "text", text: shown }];
}

/** Each once, in an order of ours. */
function distinct(texts: readonly string[] = []): readonly string[] {
  return [...new Set(texts)].filter((text) => text !== "").toSorted();
}

function listed(values: readonly string[]): string {
  const shown = values.slice(0, NAMES_MAX).join(", ");
  return values.length > NAMES_MAX ? `${shown} and ${values.length - NAMES_MAX} more` : shown;
}
