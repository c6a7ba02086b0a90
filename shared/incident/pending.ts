import type { Evidence, Incident, Task } from "./incident.ts";

/** Pieces of evidence that wait for somebody's approval; they change by themselves, without a stamp of the incident. */
export function pendingApprovals(incident: Pick<Incident, "alerts">): readonly Evidence[] {
  return (incident.alerts?.evidence ?? []).filter((item) => item.remediation.toLowerCase() === "pendingapproval");
}

/** The experts' actions that are still to be done by somebody. */
export function pendingTasks(incident: Pick<Incident, "tasks">): readonly Task[] {
  return (incident.tasks?.rows ?? []).filter(isPending);
}

/** A status of tomorrow counts as pending: better shown than missed. */
export function isPending({ status }: Pick<Task, "status">): boolean {
  return !DONE.has(status.toLowerCase());
}

const DONE = new Set(["completed", "failed", "notrelevant"]);
