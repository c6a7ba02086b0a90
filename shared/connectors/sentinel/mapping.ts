import { type AssigneeNames, isOneOf } from "../../incident/ball.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import { AWAITING_TAG, type Projection } from "../../incident/projection.ts";
import type { Classification } from "../../incident/verdict.ts";
import type { Note, Ticket, WantedTicket } from "../connector.ts";
import { cutText, visibleLine } from "../neutralise.ts";
import { commentText } from "../neutralise-sentinel.ts";
import { notificationNotes } from "../notification-note.ts";
import { sectionsComment } from "./notification-comment.ts";
import type { WireIncident } from "./schema.ts";

export type SentinelMode = "observe" | "tag";

/** The fields that are compared with what Sentinel's own connector should have written. `awaitingTag` stands for its label. */
type Compared = "status" | "classification" | "classificationReason" | "owner" | "awaitingTag";

const EXPERTS = "Defender Experts";
const CUSTOMER = "Customer";
const PRESENT = "present";
/** Longest comment Sentinel takes, characters. */
const COMMENT_MAX = 30_000;

/** Undefined: Sentinel's own connector is promised nothing for it. */
const STATUS = {
  active: "New",
  inProgress: "Active",
  awaitingCustomerAction: "Active",
  resolved: "Closed",
  redirected: "Closed",
  unrecognised: undefined,
} satisfies Record<Stage, string | undefined>;

type Verdict = Readonly<Record<"classification" | "classificationReason", string>>;

const VERDICT = {
  truePositive: { classification: "TruePositive", classificationReason: "SuspiciousActivity" },
  informationalExpectedActivity: { classification: "BenignPositive", classificationReason: "SuspiciousButExpected" },
  falsePositive: { classification: "FalsePositive", classificationReason: "IncorrectAlertLogic" },
  unknown: { classification: "Undetermined", classificationReason: "" },
  unrecognised: undefined,
} satisfies Record<Classification, Verdict | undefined>;

/** False positives for want of data. */
const INACCURATE_DATA: Verdict = { classification: "FalsePositive", classificationReason: "InaccurateData" };

export function toWanted(projection: Projection, mode: SentinelMode, assignees: AssigneeNames): WantedTicket {
  return {
    fields: { values: {}, tags: mode === "tag" ? toLabels(projection) : [] },
    statusFields: [],
    ownFields: [],
    expected: toExpected(projection, assignees),
    notes: mode === "tag" ? notificationNotes(projection) : [],
  };
}

/** Our tags; the one for Awaiting Customer Action belongs to Sentinel's own connector. */
function toLabels(projection: Projection): readonly string[] {
  return projection.tags.filter((tag) => tag !== AWAITING_TAG);
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

function toVerdict(projection: Projection): Verdict | undefined {
  const isForWantOfData = projection.determination === "notEnoughDataToValidate";
  return projection.classification === "falsePositive" && isForWantOfData
    ? INACCURATE_DATA
    : VERDICT[projection.classification];
}

/** One name for the two assignees whatever the tenant calls them; undefined for anybody else. */
function ownerName(assignedTo: string, assignees: AssigneeNames): string | undefined {
  if (isOneOf(assignedTo, assignees.experts)) return EXPERTS;
  return isOneOf(assignedTo, assignees.customer) ? CUSTOMER : undefined;
}

export function toTicket(incident: WireIncident, assignees: AssigneeNames, portalUrl: string): Ticket {
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
    values,
    tags: labels,
    ...(properties.additionalData?.commentsCount === 0 ? { hasNoNotes: true } : {}),
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
