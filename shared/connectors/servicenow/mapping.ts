import { assertNever } from "../../assert-never.ts";
import type { Projection } from "../../incident/projection.ts";
import type { FieldOwner, MappingContext, WantedTicket } from "../connector.ts";
import { CLOSED_BY_TEXT } from "../description-words.ts";
import { plainLine, plainText } from "../neutralise-servicenow.ts";
import { notificationNotes } from "../notification-note.ts";
import { toDescription } from "./description.ts";
import { toAttachments } from "./evidence-file.ts";
import { fieldRules } from "./field-rules.ts";
import type { FullMapping } from "./mapping-options.ts";

/** Longest `short_description` and longest `close_notes` of a base instance, characters. */
const SHORT_DESCRIPTION_MAX = 160;
const TEXT_MAX = 4_000;
/** An incident's id as the source wrote it, in a line of ours. */
const ID_MAX = 200;
const CORRELATION_DISPLAY = "Microsoft Defender XDR";
/** `hold_reason`: Awaiting Caller. */
const AWAITING_CALLER = "1";
/** One step up of 1 High, 2 Medium, 3 Low; a value of the user's own stays. */
const ONE_STEP_UP: Readonly<Record<string, string>> = { "3": "2", "2": "1" };

/** The fields of a ticket for a projection. */
export function toWanted(
  projection: Projection,
  context: MappingContext,
  mapping: FullMapping,
  portalHosts: readonly string[],
): WantedTicket {
  const description = toDescription(projection, context, portalHosts);
  const values = toValues(projection, context, mapping, description.text);
  const owned = (owner: FieldOwner): readonly string[] =>
    fieldRules(mapping)
      .filter(({ field, wins }) => wins === owner && values[field] !== undefined)
      .map(({ field }) => field);
  return {
    fields: { values, tags: [] },
    statusFields: owned("onStage"),
    ownFields: owned("ours"),
    expected: {},
    notes: description.hasWholeNotification ? [] : notificationNotes(projection),
    ...(mapping.attachEvidence ? { attachments: toAttachments(projection) } : {}),
  };
}

function toValues(
  projection: Projection,
  context: MappingContext,
  mapping: FullMapping,
  description: string,
): Readonly<Record<string, string>> {
  const isMerged = projection.lifecycle.stage === "redirected" && context.survivor !== undefined;
  // What is configured comes first: whatever it says, the key and the state are ours.
  return {
    ...mapping.fields,
    ...(isMerged && mapping.parentField !== "" ? { [mapping.parentField]: context.survivor?.id ?? "" } : {}),
    correlation_id: projection.key,
    correlation_display: CORRELATION_DISPLAY,
    short_description: toShortDescription(projection),
    description,
    impact: mapping.impact[projection.severity],
    urgency: toUrgency(projection, mapping),
    ...(mapping.category === "" ? {} : { category: mapping.category }),
    ...(mapping.callerId === "" ? {} : { caller_id: mapping.callerId }),
    ...toStatus(projection, context, mapping),
  };
}

/** The state and what goes with it; nothing for a status of tomorrow: then the ticket's state is left alone. */
function toStatus(
  projection: Projection,
  context: MappingContext,
  mapping: FullMapping,
): Readonly<Record<string, string>> {
  const { lifecycle } = projection;
  // On hold has its reason; every other stage clears it, for not every instance does so by itself.
  const notHeld = mapping.onHold ? { hold_reason: "" } : {};
  switch (lifecycle.stage) {
    case "active":
      // A ticket that was resolved goes back to work, not back to New; and stays there as long as the incident stays so.
      return { state: mapping.states[projection.isReopened ? "inProgress" : "active"], ...notHeld };
    case "inProgress":
      return { state: mapping.states.inProgress, ...notHeld };
    case "awaitingCustomerAction":
      return {
        state: mapping.states.awaitingCustomerAction,
        ...(mapping.onHold ? { hold_reason: AWAITING_CALLER } : {}),
        ...(mapping.assignmentGroup === "" ? {} : { assignment_group: mapping.assignmentGroup }),
      };
    case "resolved":
      return {
        state: mapping.states.resolved,
        ...closeCode(mapping.closeCodes[projection.classification]),
        close_notes: plainText(resolvedNotes(projection), TEXT_MAX),
        ...notHeld,
      };
    case "redirected":
      return {
        state: mapping.states.redirected,
        ...closeCode(mapping.duplicateCloseCode),
        close_notes: plainText(mergedNotes(lifecycle.into, context), TEXT_MAX),
        ...notHeld,
      };
    case "unrecognised":
      return {};
    default:
      return assertNever(lifecycle);
  }
}

/** Where none is configured or known, it is left to people: a guess would be refused, or believed. */
function closeCode(code: string): Readonly<Record<string, string>> {
  return code === "" ? {} : { close_code: code };
}

function toUrgency(projection: Projection, mapping: FullMapping): string {
  const urgency = mapping.urgency[projection.severity];
  return projection.lifecycle.stage === "awaitingCustomerAction" ? (ONE_STEP_UP[urgency] ?? urgency) : urgency;
}

function toShortDescription(projection: Projection): string {
  const title = plainLine(projection.title, SHORT_DESCRIPTION_MAX);
  return title === "" ? `Microsoft Defender XDR incident ${projection.incidentId}` : title;
}

function resolvedNotes(projection: Projection): string {
  const classification = plainLine(projection.classificationRaw, 64);
  const said = projection.resolvingComment.trim();
  const closedBy = CLOSED_BY_TEXT[projection.closedBy ?? "unknown"];
  return [
    "Resolved in Microsoft Defender XDR.",
    `Classification: ${classification === "" ? "not set" : classification}`,
    `Determination: ${projection.determination === "unknown" ? "not set" : plainLine(projection.determination, 64)}`,
    ...(closedBy === "" ? [] : [`Closed by: ${closedBy}`]),
    ...(said === "" ? [] : ["", "Resolving comment, as written there:", said]),
  ].join("\n");
}

function mergedNotes(into: string | undefined, context: MappingContext): string {
  const id = plainLine(into ?? "", ID_MAX);
  if (id === "") return "Merged into another incident in Microsoft Defender XDR.";
  const ticket = context.survivor === undefined ? "" : ` (${context.survivor.label})`;
  return `Merged in Microsoft Defender XDR into incident ${id}${ticket}; the work goes on there.`;
}
