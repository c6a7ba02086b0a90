// The catalogue of events: their schemas and examples in docs/events, and the tables of docs/webhook.md, made of the code that sends them.
import { bodyOf } from "../shared/connectors/webhook/mapping.ts";
import { CloudEventSchema, EventDataSchema } from "../shared/connectors/webhook/schema.ts";
import type { ConnectorId } from "../shared/connectors/connector.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../shared/incident/ball.ts";
import type { Incident, IncidentId, TenantId } from "../shared/incident/incident.ts";
import { EVENT_PARTS, EVENT_TYPES, type EventPart, type EventType } from "../shared/incident/lifecycle-event.ts";
import { STAGES } from "../shared/incident/lifecycle.ts";
import { projectionOf } from "../shared/incident/projection.ts";
import { revisionFromMs } from "../shared/incident/revision.ts";
import { judgeReading } from "../shared/pipeline/detect/judge-reading.ts";
import { type ToldBefore, nextEvent } from "../shared/pipeline/lane/next-event.ts";
import type { StoredSnapshot } from "../shared/pipeline/stored-snapshot.ts";

const DRAFT = "http://json-schema.org/draft-07/schema#";

interface Entry {
  /** When it is sent. */
  readonly when: string;
  /** What its data is held to beside the schema of all. */
  readonly data: Readonly<Record<string, object>>;
}

const CATALOGUE: Readonly<Record<EventType, Entry>> = {
  opened: {
    when: "the first event of an incident that nobody has yet",
    data: { stage: { enum: ["active", "unrecognised"] }, previousStage: { const: null } },
  },
  inProgress: {
    when: "Defender Experts (or an analyst) work on it",
    data: { stage: { const: "inProgress" } },
  },
  awaitingCustomerAction: {
    when: "it is your turn, each time anew: `pendingTasks` has what is asked of you",
    data: { stage: { const: "awaitingCustomerAction" }, customersTurnSince: { type: "string" } },
  },
  resolved: {
    when: "it is closed, with `classification` and `determination`",
    data: { stage: { const: "resolved" } },
  },
  redirected: {
    when: "it was merged into another incident, which goes on: `mergedInto`",
    data: { stage: { const: "redirected" } },
  },
  reopened: {
    when: "it was closed, and is active or in progress again",
    data: { stage: { enum: ["active", "inProgress"] } },
  },
  updated: {
    when: "something else changed: `changed` says what; back to active, and a status that this version does not know, are here too",
    data: { stage: { enum: [...STAGES] }, previousStage: { enum: [...STAGES] } },
  },
};

const PARTS: Readonly<Record<EventPart, string>> = {
  status: "`status`, `stage`, `mergedInto`",
  owner: "`owner`",
  severity: "`severity`",
  classification: "`classification`, `determination`",
  title: "`title`",
  description: "`description`, `summary`, `resolvingComment`",
  tags: "`tags`, and the system's own tags of the incident",
  comments: "`comments`: those that no event had before",
  tasks: "`pendingTasks`, and what became of those that are done",
  alerts: "`alertCount`, `pendingApprovals`",
  notification: "`notification`",
  mergedFrom: "`mergedFrom`",
};

/** File names below docs/events, and what is in them. */
export function eventFiles(): Readonly<Record<string, unknown>> {
  const examples = exampleEvents();
  return {
    "event.schema.json": { $schema: DRAFT, ...CloudEventSchema },
    ...Object.fromEntries(
      EVENT_TYPES.flatMap((type) => [
        [`${type}.schema.json`, schemaOf(type)],
        [`${type}.example.json`, examples.get(type)],
      ]),
    ),
  };
}

function schemaOf(type: EventType): unknown {
  return {
    $schema: DRAFT,
    title: `dexsync.incident.${type}`,
    description: CATALOGUE[type].when.replaceAll("`", ""),
    allOf: [
      { $ref: "event.schema.json" },
      { properties: { type: { const: `dexsync.incident.${type}` }, data: { properties: CATALOGUE[type].data } } },
    ],
  };
}

export function eventTables(): string {
  return [
    table(
      ["`type`", "sent when", "schema", "example"],
      EVENT_TYPES.map((type) => [
        `\`dexsync.incident.${type}\``,
        CATALOGUE[type].when,
        `[schema](events/${type}.schema.json)`,
        `[example](events/${type}.example.json)`,
      ]),
    ),
    "",
    table(
      ["in `changed`", "what of the data it is about"],
      EVENT_PARTS.map((part) => [`\`${part}\``, PARTS[part]]),
    ),
    "",
    table(
      ["of the data", "what it is"],
      Object.entries(EventDataSchema.properties).map(([name, schema]) => [
        `\`${name}\``,
        (schema as { readonly description?: string }).description ?? "as Defender has it",
      ]),
    ),
  ].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const MINUTE_MS = 60_000;
const BEGIN = Date.UTC(2026, 1, 25, 9);

/** A life in which everything happens once; a receiver is told of each step. */
function exampleEvents(): ReadonlyMap<string, unknown> {
  const steps: readonly Partial<Incident>[] = [
    {},
    { status: "inProgress", assignedTo: "Defender Experts" },
    { comments: [commentAt(12, "The device beacons to a known command and control address.")] },
    {
      status: "awaitingAction",
      assignedTo: "Customer",
      tasks: {
        readAt: BEGIN,
        rows: [
          {
            id: "task-1",
            title: "Isolate the device",
            description: "Isolate host-01 from the network until it is rebuilt.",
            status: "open",
            actionStatus: "",
            actionType: "isolateDevice",
            source: "defenderExpertsGuidedResponse",
            target: "host-01",
            createdAt: "2026-02-25T09:20:00Z",
            updatedAt: "2026-02-25T09:20:00Z",
            updatedBy: "Defender Experts",
          },
        ],
      },
    },
    { status: "resolved", assignedTo: "", classification: "truePositive", determination: "malware" },
    { status: "active" },
    { status: "redirected", redirectIncidentId: "4712" },
  ];
  const events = new Map<string, unknown>();
  let snapshot: StoredSnapshot | undefined;
  let told: ToldBefore = { event: undefined, parts: {}, comments: [] };
  for (const [index, fields] of steps.entries()) {
    const now = BEGIN + index * 5 * MINUTE_MS;
    const incident: Incident = {
      ...(snapshot?.incident ?? FIRST),
      ...fields,
      revision: revisionFromMs(now),
      updatedAt: new Date(now).toISOString(),
    };
    const judged = judgeReading(snapshot, { incident, order: { fence: 1, counter: index }, now, marks: [] });
    if (judged.kind === "unchanged") throw new Error("an example in which nothing changes");
    ({ snapshot } = judged);
    const next = nextEvent("soar" as ConnectorId, snapshot, projectionOf(snapshot, DEFAULT_ASSIGNEE_NAMES), told);
    if (next === undefined) throw new Error("an example in which there is nothing to tell");
    ({ told } = next);
    events.set(next.event.type, JSON.parse(bodyOf(next.event, ["security.microsoft.com"])));
  }
  return events;
}

function commentAt(minute: number, text: string): Incident["comments"][number] {
  return { author: "Defender Experts", createdAt: new Date(BEGIN + minute * MINUTE_MS).toISOString(), text };
}

const FIRST: Omit<Incident, "revision" | "updatedAt"> = {
  tenantId: "cfcdbe43-297b-4c6b-ac7e-8d7f6befb514" as TenantId,
  id: "4711" as IncidentId,
  createdAt: "2026-02-25T08:55:00Z",
  title: "Multi-stage incident involving Execution on one endpoint",
  description: "A device ran a file that is known to be malware.",
  summary: "",
  resolvingComment: "",
  status: "active",
  severity: "high",
  classification: "",
  determination: "",
  assignedTo: "",
  customTags: ["vip"],
  systemTags: ["Defender Experts"],
  comments: [],
  redirectIncidentId: "",
  url: "https://security.microsoft.com/incident2/4711/overview?tid=cfcdbe43-297b-4c6b-ac7e-8d7f6befb514",
  lastModifiedBy: "",
  priorityScore: null,
};
