import type { AlertsPart, Incident, NotificationPart, TasksPart } from "../../incident/incident.ts";
import { type CutLevel, type StoredSnapshot, packSnapshot } from "../stored-snapshot.ts";

/** Characters of a snapshot; its row may hold 460,800, and what is merged into it later needs room too. */
const FITS = 400_000;
const EVIDENCE_IN_SHORT = 20;
const ALERTS_IN_SHORT = 10;
const QUERIES_IN_SHORT = 3;
const COMMENTS_IN_SHORT = 100;

export const MOST_CUT = 5;

export function fits(snapshot: StoredSnapshot): boolean {
  return JSON.stringify(packSnapshot(snapshot)).length <= FITS;
}

/** The incident cut to a level, and with it the parts that it keeps from before: the same however often it is cut. */
export function cutTo(level: CutLevel, incident: Incident, before: Incident | undefined): Incident {
  if (level === 0) return incident;
  const alerts = incident.alerts ?? before?.alerts;
  const tasks = incident.tasks ?? before?.tasks;
  const notification = incident.notification ?? before?.notification;
  return {
    ...incident,
    comments: level >= 5 ? incident.comments.slice(-COMMENTS_IN_SHORT) : incident.comments,
    ...(alerts === undefined ? {} : { alerts: alertsIn(level, alerts) }),
    ...(tasks === undefined ? {} : { tasks: tasksIn(level, tasks) }),
    ...(notification === undefined ? {} : { notification: notificationIn(level, notification) }),
  };
}

function alertsIn(level: CutLevel, alerts: AlertsPart): AlertsPart {
  return {
    ...alerts,
    evidence: alerts.evidence.slice(0, EVIDENCE_IN_SHORT),
    rows: level >= 2 ? alerts.rows.slice(0, ALERTS_IN_SHORT) : alerts.rows,
  };
}

function tasksIn(level: CutLevel, tasks: TasksPart): TasksPart {
  return level >= 3 ? { ...tasks, rows: tasks.rows.map((task) => ({ ...task, description: "" })) } : tasks;
}

function notificationIn(level: CutLevel, notification: NotificationPart): NotificationPart {
  return level >= 4
    ? { ...notification, huntingQueries: notification.huntingQueries.slice(0, QUERIES_IN_SHORT) }
    : notification;
}
