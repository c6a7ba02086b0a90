import type { EventType, LifecycleEvent } from "../../incident/lifecycle-event.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import type { Severity } from "../../incident/verdict.ts";
import { portalLink } from "../neutralise.ts";
import { cutBytes, leefText } from "../neutralise-qradar.ts";
import { type LeefAttribute, type LeefEvent, LEEF_DELIMITER } from "./leef.ts";

/** Rules name these: the same words for ever. */
export const EVENT_IDS = {
  opened: "IncidentCreated",
  inProgress: "IncidentInProgress",
  awaitingCustomerAction: "IncidentAwaitingCustomerAction",
  resolved: "IncidentResolved",
  redirected: "IncidentRedirected",
  reopened: "IncidentReopened",
  updated: "IncidentUpdated",
} satisfies Record<EventType, string>;

const CATEGORIES = {
  active: "Active",
  inProgress: "InProgress",
  awaitingCustomerAction: "AwaitingCustomerAction",
  resolved: "Resolved",
  redirected: "Redirected",
  unrecognised: "Unrecognised",
} satisfies Record<Stage, string>;

/** 1 to 10. */
const SEVERITIES = {
  high: 8,
  medium: 6,
  low: 4,
  informational: 2,
  unknown: 5,
  unrecognised: 5,
} satisfies Record<Severity, number>;
/** Added while the customer has to act. */
const AWAITING = 2;

/** Bytes. Together with keys and header they stay below what a receiver takes by default (4,096): the test of this file adds them up. */
const SHORT = 100;
const LIST = 300;
const LINK = 500;
const TITLE = 900;

/** The title comes last: whatever cuts a long event, cuts it alone. */
export function leefOfEvent(event: LifecycleEvent, source: string, portalHosts: readonly string[]): LeefEvent {
  return { source, at: event.at, eventId: EVENT_IDS[event.type], attributes: attributesOf(event, portalHosts) };
}

function attributesOf(event: LifecycleEvent, portalHosts: readonly string[]): readonly LeefAttribute[] {
  const { projection, skipped, changed } = event;
  const { lifecycle, severity } = projection;
  const { stage } = lifecycle;
  const awaiting = stage === "awaitingCustomerAction" ? AWAITING : 0;
  return [
    ["devTime", String(event.at)],
    ["cat", CATEGORIES[stage]],
    ["sev", String(SEVERITIES[severity] + awaiting)],
    ["mdxEventId", event.id],
    ["mdxSeq", String(event.seq)],
    ["mdxKey", projection.key],
    ["mdxTenantId", leefText(event.tenantId, SHORT)],
    ["mdxIncidentId", leefText(event.incidentId, SHORT)],
    ["mdxStage", stage],
    ["mdxStatus", leefText(event.status, SHORT)],
    ["mdxFrom", event.from ?? ""],
    ["mdxSkipped", cutBytes(skipped.join(","), LIST)],
    ["mdxChanged", changed.join(",")],
    ["mdxBall", projection.ball],
    ["mdxAssignedTo", leefText(projection.assignedTo, SHORT)],
    ["mdxSeverity", leefText(projection.severityRaw, SHORT)],
    ["mdxClassification", leefText(projection.classificationRaw, SHORT)],
    ["mdxDetermination", leefText(projection.determination, SHORT)],
    ["mdxPendingActions", String(projection.pendingTasks.length + projection.pendingApprovals)],
    ["mdxMergedInto", lifecycle.stage === "redirected" ? leefText(lifecycle.into ?? "", SHORT) : ""],
    ["url", linkOf(projection.url, portalHosts)],
    ["mdxTitle", leefText(projection.title, TITLE)],
  ];
}

/** The incident's own page; any other address is text that nothing is made of. One that would be cut leads nowhere. */
function linkOf(url: string, portalHosts: readonly string[]): string {
  const link = portalLink(url, portalHosts);
  const fits = link !== undefined && Buffer.byteLength(link) <= LINK && !link.includes(LEEF_DELIMITER);
  return fits ? link : "";
}
