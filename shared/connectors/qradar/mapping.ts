import { assertNever } from "../../assert-never.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import type { Projection } from "../../incident/projection.ts";
import type { FieldRule, MappingContext, Ticket, WantedNote, WantedTicket } from "../connector.ts";
import { visibleLine } from "../neutralise.ts";
import { notificationNotes } from "../notification-note.ts";
import type { FullMapping } from "./mapping-options.ts";
import type { WireOffense } from "./schema.ts";

export const CLOSED = "CLOSED";
/** Stands for HIDDEN too: whether an offense is shown is a person's choice. */
export const OPEN = "OPEN";

export function toWanted(projection: Projection, context: MappingContext, mapping: FullMapping): WantedTicket {
  return {
    fields: { values: toValues(projection, mapping), tags: [] },
    statusFields: ["status", "followUp", ...(mapping.close ? ["closingReason"] : [])],
    ownFields: [],
    expected: {},
    notes: [...stageNotes(projection, context), ...notificationNotes(projection)],
  };
}

function toValues(projection: Projection, mapping: FullMapping): Readonly<Record<string, string>> {
  const { stage } = projection.lifecycle;
  switch (stage) {
    case "active":
    case "inProgress":
      return { status: OPEN, followUp: "false" };
    case "awaitingCustomerAction":
      return { status: OPEN, followUp: "true" };
    case "resolved":
    case "redirected": {
      const closingReason = mapping.closingReasons[projection.classification];
      return { followUp: "false", ...(mapping.close ? { status: CLOSED, closingReason } : {}) };
    }
    case "unrecognised":
      return {};
    default:
      return assertNever(stage);
  }
}

/** An offense has no field for where the incident stands: each stay in a stage is a note. */
function stageNotes(projection: Projection, context: MappingContext): readonly WantedNote[] {
  const text = stageText(projection, context);
  const createdAt = new Date(projection.stageSince).toISOString();
  const madeOf = ["stage", projection.lifecycle.stage, String(projection.stageSince)];
  return text === "" ? [] : [{ madeOf, author: "dex-sync", createdAt, text }];
}

function stageText(projection: Projection, context: MappingContext): string {
  const { lifecycle, incidentId, pendingTasks } = projection;
  switch (lifecycle.stage) {
    case "active":
      return projection.isReopened ? `Incident ${incidentId} was opened again.` : "";
    case "inProgress":
      return `Incident ${incidentId} is being investigated by ${visibleLine(projection.assignedTo, 100) || "Defender Experts"}.`;
    case "awaitingCustomerAction": {
      const actions = pendingTasks.map(({ title }) => `- ${visibleLine(title, 200)}`);
      return [`It is your turn: Defender Experts wait for your action on incident ${incidentId}.`, ...actions].join(
        "\n",
      );
    }
    case "resolved":
      return [
        `Incident ${incidentId} was resolved: ${visibleLine(projection.classificationRaw, 60) || "no classification"}, ${visibleLine(projection.determination, 60)}.`,
        ...(projection.resolvingComment === "" ? [] : [projection.resolvingComment]),
      ].join("\n");
    case "redirected": {
      const offense = context.survivor === undefined ? "" : ` (offense ${context.survivor.label})`;
      return `Incident ${incidentId} was merged into incident ${lifecycle.into ?? "unknown"}${offense}; the work goes on there.`;
    }
    case "unrecognised":
      return `Incident ${incidentId} has a status that this version does not know: ${visibleLine(lifecycle.raw, 60)}.`;
    default:
      return assertNever(lifecycle);
  }
}

export function toTicket(offense: WireOffense, url: string, reasonOf: (id: number) => string | undefined): Ticket {
  const id = String(offense.id);
  const isClosed = offense.status.toUpperCase() === CLOSED;
  const reason = offense.closing_reason_id;
  const closingReason = reason === null || reason === undefined ? "" : reasonOf(reason);
  return {
    ref: {
      id,
      label: id,
      url: `${url}/console/qradar/jsp/QRadar.jsp?appName=Sem&pageId=OffenseSummary&summaryId=${id}`,
    },
    values: {
      status: isClosed ? CLOSED : OPEN,
      followUp: String(offense.follow_up === true),
      ...(closingReason === undefined ? {} : { closingReason }),
    },
    tags: [],
    isFinal: isClosed,
  };
}

const OPEN_STAGES = ["active", "inProgress", "awaitingCustomerAction"] as const satisfies readonly Stage[];

/** Who wins which field of an offense. */
export function fieldRules({ close }: FullMapping): readonly FieldRule[] {
  return [
    {
      field: "status",
      wins: "onStage",
      from: close
        ? "CLOSED once the incident is resolved or merged; else only looked at, for none is opened again: a reopened incident gets a new one"
        : "only looked at, for closing is off (`mapping.close`) and none is opened again: a reopened incident gets a new one",
      needed: OPEN_STAGES,
    },
    {
      field: "closingReason",
      wins: close ? "onStage" : "never",
      from: "the classification, by the reason's text",
      place: "mapping.closingReasons.{classification}",
      ...(close ? { needed: ["resolved", "redirected"] as const } : {}),
    },
    {
      field: "followUp",
      wins: "onStage",
      from: "set while it is your turn, taken away on entering any other stage",
      needed: [...OPEN_STAGES, "resolved", "redirected"],
    },
    { field: "notes", wins: "added", from: "each stage, each comment and the notification, once" },
    { field: "assigned_to, protected", wins: "person", from: "nothing is sent for them" },
    { field: "description, magnitude, severity", wins: "never", from: "QRadar makes them of the events" },
  ];
}
