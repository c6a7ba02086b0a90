import type { FieldRule } from "../connector.ts";
import { STAGES } from "../../incident/lifecycle.ts";
import type { FullMapping } from "./mapping-options.ts";

const KNOWN_STAGES = STAGES.filter((stage) => stage !== "unrecognised");
const CLOSED_STAGES = ["resolved", "redirected"] as const;

/** Who wins which field of a ticket, for a mapping. */
export function fieldRules(mapping: FullMapping): readonly FieldRule[] {
  return [...OURS, ...STATUS, ...LAST_WRITTEN, ...configured(mapping), ...ADDED, ...OTHERS].filter(
    ({ field }) => mapping.table === "incident" || !ONLY_IN_INCIDENT.has(field),
  );
}

const ONLY_IN_INCIDENT: ReadonlySet<string> = new Set(["hold_reason", "caller_id"]);

const OURS: readonly FieldRule[] = [
  {
    field: "correlation_id",
    wins: "ours",
    from: "the correlation key `mdx:<tenant>:<incident>`: every look-up goes by it",
    needed: STAGES,
  },
  { field: "correlation_display", wins: "ours", from: "`Microsoft Defender XDR`", needed: STAGES },
];

const STATUS: readonly FieldRule[] = [
  { field: "state", wins: "onStage", from: "the stage", place: "mapping.states.{stage}", needed: KNOWN_STAGES },
  {
    field: "hold_reason",
    wins: "onStage",
    from: "the stage, with `onHold`; else never written",
    place: "mapping.onHold",
  },
  {
    field: "close_code",
    wins: "onStage",
    from: "the classification; for a merged incident `duplicateCloseCode`",
    place: "mapping.closeCodes.{classification}",
    placeIn: { redirected: "mapping.duplicateCloseCode" },
    needed: CLOSED_STAGES,
  },
  {
    field: "close_notes",
    wins: "onStage",
    from: "classification, determination, who closed it, the resolving comment",
    needed: CLOSED_STAGES,
  },
  {
    field: "assignment_group",
    wins: "onStage",
    from: "`assignmentGroup`, on entering Awaiting Customer Action; else a person's",
    place: "mapping.assignmentGroup",
  },
];

const LAST_WRITTEN: readonly FieldRule[] = [
  { field: "short_description", wins: "lastWritten", from: "the title", needed: STAGES },
  {
    field: "description",
    wins: "lastWritten",
    from: "facts, pending actions, alerts, assets, and the incident's own text",
    needed: STAGES,
  },
  { field: "impact", wins: "lastWritten", from: "the severity", place: "mapping.impact.{severity}", needed: STAGES },
  {
    field: "urgency",
    wins: "lastWritten",
    from: "the severity; one step up while it is the customer's turn",
    place: "mapping.urgency.{severity}",
    needed: STAGES,
  },
  { field: "category", wins: "lastWritten", from: "`category`; else a person's", place: "mapping.category" },
  { field: "caller_id", wins: "lastWritten", from: "`callerId`; else a person's", place: "mapping.callerId" },
];

const ADDED: readonly FieldRule[] = [
  {
    field: "work_notes",
    wins: "added",
    from: "each comment of the incident, once; nothing where `notes` is `comments`",
  },
  {
    field: "comments",
    wins: "added",
    from: "what the customer sees: nothing, but with `notes: comments` each comment, and with `onHold` one line on going On Hold",
  },
  {
    field: "attachments",
    wins: "added",
    from: "the evidence as CSV, with `attachEvidence`",
    place: "mapping.attachEvidence",
  },
];

const OTHERS: readonly FieldRule[] = [
  { field: "assigned_to", wins: "person", from: "the SOC's own assignment" },
  { field: "watch_list", wins: "person", from: "whoever follows the ticket" },
  { field: "priority", wins: "never", from: "ServiceNow computes it of impact and urgency" },
  { field: "any other column", wins: "person", from: "nothing is sent that is not named here" },
];

/** Columns that the user's own configuration names. */
function configured({ parentField, fields }: FullMapping): readonly FieldRule[] {
  const parent: FieldRule = {
    field: parentField,
    wins: "lastWritten",
    from: "the survivor's ticket, once a merged incident's survivor has one",
    place: "mapping.parentField",
  };
  const own = Object.keys(fields).map((field): FieldRule => ({
    field,
    wins: "lastWritten",
    from: "`fields`",
    place: `mapping.fields.${field}`,
  }));
  return [...(parentField === "" ? [] : [parent]), ...own];
}
