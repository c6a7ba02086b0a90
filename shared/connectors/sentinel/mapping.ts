import type { AssigneeNames } from "../../incident/ball.ts";
import { AWAITING_TAG, type Projection } from "../../incident/projection.ts";
import type { MappingContext, Note, Ticket, WantedTicket } from "../connector.ts";
import { cutText, visibleLine } from "../neutralise.ts";
import { commentText } from "../neutralise-sentinel.ts";
import { notificationNotes } from "../notification-note.ts";
import { taskValues } from "../task-values.ts";
import { MANAGED_STATUS, type Managed, managedValues } from "./managed.ts";
import { sectionsComment } from "./notification-comment.ts";
import type { WireIncident } from "./schema.ts";
import { STATUS, ownerName, toVerdict } from "./states.ts";

export type SentinelMode = "observe" | "tag" | "manage";

/** The fields that are compared with what Sentinel's own connector should have written. `awaitingTag` stands for its label. */
type Compared = "status" | "classification" | "classificationReason" | "owner" | "awaitingTag";

export interface MappingOptions {
  readonly mode: SentinelMode;
  readonly assignees: AssigneeNames;
  /** Hosts whose links stay links: the Defender portal's. */
  readonly portalHosts: readonly string[];
}

/** Each of the experts' actions is a value of the ticket: `task:<task>`. */
export const TASK_PREFIX = "task:";
const PRESENT = "present";
/** Longest comment Sentinel takes, characters. */
const COMMENT_MAX = 30_000;

export function toWanted(
  projection: Projection,
  context: MappingContext,
  { mode, assignees, portalHosts }: MappingOptions,
): WantedTicket {
  const isManaged = mode === "manage";
  const tasks = mode === "observe" ? {} : taskValues(projection, TASK_PREFIX);
  const managed = isManaged ? managedValues(projection, context, assignees, portalHosts) : {};
  return {
    fields: { values: { ...managed, ...tasks }, tags: toLabels(projection, mode) },
    statusFields: isManaged ? MANAGED_STATUS : [],
    ownFields: isManaged ? ["name"] : [],
    expected: isManaged ? {} : toExpected(projection, assignees),
    notes: mode === "observe" ? [] : notificationNotes(projection),
  };
}

/** Our tags; the one for Awaiting Customer Action belongs to Sentinel's own connector, where that is on. */
function toLabels(projection: Projection, mode: SentinelMode): readonly string[] {
  if (mode === "observe") return [];
  return mode === "manage" ? projection.tags : projection.tags.filter((tag) => tag !== AWAITING_TAG);
}

function toExpected(projection: Projection, assignees: AssigneeNames): Readonly<Record<string, string>> {
  const { stage } = projection.lifecycle;
  const status = STATUS[stage];
  const owner = ownerName(projection.assignedTo, assignees);
  const expected: Partial<Record<Compared, string>> = {
    ...(status === undefined ? {} : { status }),
    ...(stage === "resolved" ? toVerdict(projection) : {}),
    // An analyst is named otherwise in Sentinel than in Defender, and a closed incident's owner is documented in two ways.
    ...((stage === "inProgress" || stage === "awaitingCustomerAction") && owner !== undefined ? { owner } : {}),
    // Whether the label is taken away afterwards is not documented.
    ...(stage === "awaitingCustomerAction" ? { awaitingTag: PRESENT } : {}),
  };
  return expected;
}

export function toTicket(incident: WireIncident, { mode, assignees }: MappingOptions, portalUrl: string): Ticket {
  const { properties } = incident;
  const labels = labelsOf(incident);
  const assignedTo = properties.owner?.assignedTo ?? "";
  const values: Record<Compared, string> = {
    status: properties.status,
    classification: properties.classification ?? "",
    classificationReason: properties.classificationReason ?? "",
    owner: ownerName(assignedTo, assignees) ?? assignedTo,
    awaitingTag: labels.some((label) => label.toLowerCase() === AWAITING_TAG.toLowerCase()) ? PRESENT : "absent",
  };
  return {
    ref: {
      id: incident.name,
      label: String(properties.incidentNumber ?? incident.name),
      url: firstOpenable([properties.additionalData?.providerIncidentUrl, properties.incidentUrl]) ?? portalUrl,
    },
    values: mode === "manage" ? { ...values, ...managedIn(incident) } : values,
    tags: labels,
    ...(properties.additionalData?.commentsCount === 0 ? { hasNoNotes: true } : {}),
  };
}

function managedIn({ properties }: WireIncident): Partial<Record<Managed, string>> {
  return {
    title: properties.title,
    description: properties.description ?? "",
    severity: properties.severity,
    classificationComment: properties.classificationComment ?? "",
  };
}

export function labelsOf(incident: WireIncident): readonly string[] {
  return (incident.properties.labels ?? []).map((label) => label.labelName);
}

/** A comment is known by its name, so a note that may be there already is only written over itself. */
export function toComment(note: Note): string {
  const author = commentText(visibleLine(note.author, 100));
  const head = `Microsoft Defender XDR, ${author === "" ? "unknown author" : author}, ${commentText(visibleLine(note.createdAt, 40))}:`;
  const { sections } = note;
  return sections === undefined
    ? cutText(`${head}\n\n${commentText(note.text)}`, COMMENT_MAX)
    : `${head}\n\n${sectionsComment(sections, COMMENT_MAX - head.length - 2)}`;
}

/** https, or the simulator's plain http on this machine. */
function firstOpenable(urls: readonly (string | null | undefined)[]): string | undefined {
  return urls.find((url): url is string => {
    if (typeof url !== "string" || !URL.canParse(url)) return false;
    const { protocol, hostname } = new URL(url);
    return protocol === "https:" || (protocol === "http:" && (hostname === "127.0.0.1" || hostname === "localhost"));
  });
}
