// The tables of what each tool gets by default, in the pages docs/<kind>.md: made of the mappings themselves.
import type { ConnectorKind } from "../shared/config/connector-kinds.ts";
import { eventTables } from "./event-catalogue.ts";
import { fullMapping as fullJiraMapping } from "../shared/connectors/jira/mapping-options.ts";
import { everyProjection } from "../shared/connectors/mapping-totality.ts";
import { EVENT_IDS } from "../shared/connectors/qradar/leef-of-event.ts";
import { toWanted as qradarWanted } from "../shared/connectors/qradar/mapping.ts";
import { fullMapping as fullQRadarMapping } from "../shared/connectors/qradar/mapping-options.ts";
import { type SentinelMode, toWanted as sentinelWanted } from "../shared/connectors/sentinel/mapping.ts";
import { fullMapping } from "../shared/connectors/servicenow/mapping-options.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../shared/incident/ball.ts";
import { STAGES } from "../shared/incident/lifecycle.ts";
import { AWAITING_TAG, type Projection } from "../shared/incident/projection.ts";
import { CLASSIFICATIONS, SEVERITIES } from "../shared/incident/verdict.ts";

type Row = readonly string[];

const MAPPED_STAGES = ["active", "inProgress", "awaitingCustomerAction", "resolved", "redirected"] as const;
const NONE = "none";
const FOR_WANT_OF_DATA = "`falsePositive`, for want of data";

const TABLES = {
  servicenow: serviceNowTables,
  jira: jiraTables,
  sentinel: sentinelTables,
  qradar: qradarTables,
  webhook: eventTables,
} satisfies Record<ConnectorKind, () => string>;

const BEGIN = "<!-- made of the code by `npm run schemas`: begin -->";
const END = "<!-- end -->";

/** The page with its tables as the code has them; it must have the two marks. */
export function withMappingTables(page: string, kind: ConnectorKind): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to < from) throw new Error(`docs/${kind}.md has no place for its mapping tables`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${TABLES[kind]()}\n${page.slice(to)}`;
}

function serviceNowTables(): string {
  const plain = fullMapping({});
  const onHold = fullMapping({ onHold: true });
  const security = fullMapping({}, "sn_si_incident");
  return [
    table(
      ["stage", "`state` of `incident`", "the same with `onHold`", "`state` of `sn_si_incident`"],
      MAPPED_STAGES.map((stage) => [code(stage), plain.states[stage], onHold.states[stage], security.states[stage]]),
    ),
    table(
      ["severity", "`impact`", "`urgency`"],
      SEVERITIES.map((name) => [code(name), plain.impact[name], plain.urgency[name]]),
    ),
    table(
      ["classification", "`close_code` of `incident`", "of `sn_si_incident`"],
      [
        ...CLASSIFICATIONS.map((name) => [code(name), shown(plain.closeCodes[name]), shown(security.closeCodes[name])]),
        ["merged into another", shown(plain.duplicateCloseCode), shown(security.duplicateCloseCode)],
      ],
    ),
  ].join("\n");
}

function jiraTables(): string {
  const { statuses, priorities, resolutions, duplicateResolution } = fullJiraMapping({});
  return [
    table(
      ["stage", "status"],
      MAPPED_STAGES.map((stage) => [code(stage), code(statuses[stage])]),
    ),
    table(
      ["severity", "priority"],
      SEVERITIES.map((name) => [code(name), priorities[name]]),
    ),
    table(
      ["classification", "resolution, where the screen has it"],
      [...CLASSIFICATIONS.map((name) => [code(name), resolutions[name]]), ["merged into another", duplicateResolution]],
    ),
  ].join("\n");
}

function sentinelTables(): string {
  const wanted = (
    isIt: (projection: Projection) => boolean,
    mode: SentinelMode = "tag",
  ): ReturnType<typeof sentinelWanted> => {
    const found = [...everyProjection()].find(isIt);
    if (found === undefined) throw new Error("no incident of this kind is ever looked at");
    const options = { mode, assignees: DEFAULT_ASSIGNEE_NAMES, portalHosts: [] };
    return sentinelWanted(found, { survivor: undefined }, options);
  };
  const stages = STAGES.map((stage) => {
    const isIt = ({ lifecycle }: Projection): boolean => lifecycle.stage === stage;
    const { expected, fields } = wanted(isIt);
    const managed = wanted(isIt, "manage").fields;
    const tag = fields.tags.find((name) => name.startsWith("dex:stage=")) ?? NONE;
    const tags = managed.tags.filter((name) => name === tag || name === AWAITING_TAG).map(code);
    const owned = [shown(managed.values["status"]), tags.join(", ")];
    return [code(stage), shown(expected["status"]), shown(expected["awaitingTag"]), code(tag), ...owned];
  });
  const verdicts = [...CLASSIFICATIONS, FOR_WANT_OF_DATA].map((name) => {
    const isIt = ({ lifecycle, classification, determination }: Projection): boolean =>
      lifecycle.stage === "resolved" &&
      (name === FOR_WANT_OF_DATA
        ? classification === "falsePositive" && determination === "notEnoughDataToValidate"
        : classification === name && determination === "unknown");
    const { expected } = wanted(isIt);
    const { values } = wanted(isIt, "manage").fields;
    const compared = [shown(expected["classification"]), shown(expected["classificationReason"])];
    const written = [shown(values["classification"]), shown(values["classificationReason"])];
    return [name === FOR_WANT_OF_DATA ? name : code(name), ...compared, ...written];
  });
  const severities = SEVERITIES.map((name) => {
    const { values } = wanted(({ severity }) => severity === name, "manage").fields;
    return [code(name), shown(values["severity"])];
  });
  return [
    table(
      ["stage", "status compared", "tag compared", "label in mode `tag`", "status in `manage`", "labels in `manage`"],
      stages,
    ),
    table(
      ["classification", "compared", "reason compared", "written in `manage`", "reason written in `manage`"],
      verdicts,
    ),
    table(["severity", "written in `manage`"], severities),
  ].join("\n");
}

function qradarTables(): string {
  const plain = fullQRadarMapping({});
  const closing = fullQRadarMapping({ close: true });
  const offenseOf = (stage: string, mapping: typeof plain): Readonly<Record<string, string>> => {
    const found = [...everyProjection()].find(({ lifecycle }) => lifecycle.stage === stage);
    if (found === undefined) throw new Error("no incident of this stage is ever looked at");
    return qradarWanted(found, { survivor: undefined }, mapping).fields.values;
  };
  return [
    table(
      ["event", "EventID"],
      Object.entries(EVENT_IDS).map(([type, id]) => [code(type), code(id)]),
    ),
    table(
      ["stage", "follow-up flag", "with `close`"],
      STAGES.map((stage) => [
        code(stage),
        shown(offenseOf(stage, plain)["followUp"]),
        shown(offenseOf(stage, closing)["status"]),
      ]),
    ),
    table(
      ["classification", "closing reason, with `close`"],
      CLASSIFICATIONS.map((name) => [code(name), plain.closingReasons[name]]),
    ),
  ].join("\n");
}

function table(columns: Row, rows: readonly Row[]): string {
  return [columns, columns.map(() => "-"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")
    .concat("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

function shown(text: string | undefined): string {
  return text === undefined || text === "" ? NONE : text;
}
