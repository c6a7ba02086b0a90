import type { EventComment, LifecycleEvent } from "../../incident/lifecycle-event.ts";
import type { Task } from "../../incident/incident.ts";
import { cutText, portalLink, visibleLine, visibleText } from "../neutralise.ts";
import type { CloudEvent, EventData } from "./schema.ts";

/** Standard Webhooks advises to stay below 20 kB. */
export const LONGEST_BYTES = 20_000;

/** How much goes in: the first that fits is taken, and the last one always does. */
const LIMITS: readonly Limits[] = [
  { text: 4_000, line: 500, items: 50 },
  { text: 2_000, line: 500, items: 30 },
  { text: 1_000, line: 200, items: 20 },
  { text: 500, line: 200, items: 10 },
  { text: 200, line: 100, items: 5 },
  { text: 60, line: 60, items: 3 },
];
const UNLIMITED: Limits = { text: Infinity, line: Infinity, items: Infinity };

interface Limits {
  /** UTF-16 units of a text of several lines. */
  readonly text: number;
  readonly line: number;
  readonly items: number;
}

const LONGEST_URL = 500;

/** The event as it is sent. The same event gives the same text, byte for byte. */
export function bodyOf(event: LifecycleEvent, portalHosts: readonly string[]): string {
  const all = toCloudEvent(event, portalHosts, UNLIMITED);
  let body = "";
  for (const limits of LIMITS) {
    const cut = toCloudEvent(event, portalHosts, limits);
    body = inertJson({ ...cut, data: { ...cut.data, truncated: truncatedIn(cut.data, all.data) } });
    if (Buffer.byteLength(body) <= LONGEST_BYTES) break;
  }
  return body;
}

/** JSON in which no element of HTML can begin and no line end, wherever somebody prints it. It says the same. */
function inertJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function toCloudEvent(event: LifecycleEvent, portalHosts: readonly string[], limits: Limits): CloudEvent {
  return {
    specversion: "1.0",
    id: event.id,
    source: `/dex-sync/tenants/${event.tenantId}`,
    type: `dexsync.incident.${event.type}`,
    subject: event.projection.key,
    time: moment(event.at),
    datacontenttype: "application/json",
    sequence: String(event.seq).padStart(16, "0"),
    data: toData(event, portalHosts, limits),
  };
}

function toData(event: LifecycleEvent, portalHosts: readonly string[], limits: Limits): EventData {
  const { items } = limits;
  const { projection } = event;
  const { lifecycle, notification, alerts, tasks } = projection;
  const url = portalLink(projection.url, portalHosts) ?? "";
  const line = (value: string): string => visibleLine(value, limits.line);
  const long = (value: string): string => cutText(visibleText(value), limits.text);
  return {
    v: 1,
    tenantId: event.tenantId,
    incidentId: event.incidentId,
    sequence: event.seq,
    stage: lifecycle.stage,
    previousStage: event.from ?? null,
    skipped: [...event.skipped],
    changed: [...event.changed],
    status: line(event.status),
    owner: { name: line(projection.assignedTo), turn: projection.ball },
    severity: projection.severity,
    classification: projection.classification,
    determination: line(projection.determination),
    title: line(projection.title),
    description: long(projection.description),
    summary: long(projection.summary),
    resolvingComment: long(projection.resolvingComment),
    tags: projection.customTags.slice(0, items).map(line),
    dexTags: [...projection.tags],
    url: url === "" || url.length > LONGEST_URL ? null : url,
    createdAt: line(projection.createdAt),
    // The source's own stamp may move alone: then a repeat under this id would have another text.
    updatedAt: moment(event.at),
    stageSince: moment(projection.stageSince),
    customersTurnSince: projection.handoverSince === undefined ? null : moment(projection.handoverSince),
    isReopened: projection.isReopened,
    isExpertsWork: projection.isExpertsWork,
    isNotification: projection.isNotification,
    mergedInto: lifecycle.stage === "redirected" ? (lifecycle.into ?? null) : null,
    mergedFrom: projection.mergedFrom.slice(-items),
    alertCount: alerts?.count ?? null,
    pendingApprovals: projection.pendingApprovals,
    pendingTasks:
      tasks === undefined ? null : projection.pendingTasks.slice(0, items).map((task) => toTask(task, line, long)),
    // The newest tell where it stands.
    comments: event.comments.slice(-items).map((comment) => toComment(comment, line, long)),
    notification:
      notification === undefined
        ? null
        : {
            executiveSummary: long(notification.executiveSummary),
            recommendedActions: long(notification.recommendedActions),
            huntingQueries: notification.huntingQueries.slice(0, items).map(long),
          },
    truncated: [],
  };
}

type Cut = (text: string) => string;

function toTask({ id, title, description, status, actionType, target }: Task, line: Cut, long: Cut) {
  return {
    id: line(id),
    title: line(title),
    description: long(description),
    status: line(status),
    actionType: line(actionType),
    target: line(target),
  };
}

function toComment({ id, author, createdAt, text }: EventComment, line: Cut, long: Cut) {
  return { id, author: line(author), createdAt: line(createdAt), text: long(text) };
}

function truncatedIn(cut: EventData, all: EventData): string[] {
  return (Object.keys(all) as (keyof EventData)[]).filter(
    (name) => JSON.stringify(cut[name]) !== JSON.stringify(all[name]),
  );
}

function moment(ms: number): string {
  return new Date(ms).toISOString();
}
