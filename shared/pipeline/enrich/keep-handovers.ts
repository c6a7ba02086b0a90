import { PermanentError } from "../../errors.ts";
import type { IncidentId, Task, TasksPart } from "../../incident/incident.ts";
import { lifecycleOf } from "../../incident/lifecycle.ts";
import { ask, isOfOnePart, isOffered, isRefused } from "./capability.ts";
import { mayEnrich } from "./enrichment-budget.ts";
import { isDue } from "../is-due.ts";
import { type PollRun, countRequests, nextOrder, publish } from "../detect/poll-run.ts";
import type { TaskList } from "../ports/source.ts";
import { readSnapshot, saveReading } from "../detect/save-reading.ts";
import type { ReadingOrder } from "../stored-snapshot.ts";
import { ALERTS_INTERVAL_MS, wantAlertsBy } from "../detect/want-alerts.ts";

const EVERY_MS = 60_000;
const HANDOVERS_READ = 500;
const TASKS_KEPT = 50;
/** What all descriptions of an incident's tasks may hold together, characters: a row must stay below 1 MiB. */
const DESCRIPTIONS_TOTAL = 40_000;

/**
 * While it is the customer's turn anywhere: one list of the experts' tasks a minute, compared here, and the alerts read again every five
 * minutes, for approvals change without a stamp. A handover that ended is compared once more, then its row goes.
 */
export async function keepHandovers(run: PollRun): Promise<void> {
  const { deps } = run;
  const now = deps.clock.now();
  if (!isDue(run.state.tasksReadAt, EVERY_MS, now)) return;
  const rows = await deps.tables.open.range(deps.tenant.id, {
    from: "handover:",
    to: "handover;",
    limit: HANDOVERS_READ,
  });
  // Without a request to spare it is the first thing that the next poll does.
  if (rows.length > 0 && isOffered(run, "tasks") && !mayEnrich(run)) return;
  run.state = { ...run.state, tasksReadAt: now };
  if (rows.length === 0) return;
  const order = nextOrder(run);
  const list = await listTasks(run);
  for (const row of rows) {
    const id = row.row.slice("handover:".length) as IncidentId;
    const isOpen = await compareOrSay(run, id, list, order);
    const isCompared = list !== undefined || !isOffered(run, "tasks");
    if (!isOpen && isCompared) await deps.tables.open.delete(deps.tenant.id, row.row, "any");
  }
}

/** Undefined where there are none to be had. */
async function listTasks(run: PollRun): Promise<TaskList | undefined> {
  if (!isOffered(run, "tasks")) return undefined;
  run.stream = "tasks";
  try {
    const list = await ask(() => run.deps.source.tasks(run.signal));
    countRequests(run, (list.requests ?? 1) - 1);
    return isRefused(run, "tasks", list) ? undefined : list;
  } catch (error) {
    if (!isOfOnePart(error)) throw error;
    run.deps.log.warn("tasks could not be listed", { tenantId: run.deps.tenant.id, reason: error.reason });
    return undefined;
  }
}

/** One incident that cannot be kept holds up none of the others; its row stays, and it is tried again with the next list. */
async function compareOrSay(...args: Parameters<typeof compare>): Promise<boolean> {
  try {
    return await compare(...args);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const [{ deps }, incidentId] = args;
    deps.log.error("the tasks of an incident cannot be kept", {
      tenantId: deps.tenant.id,
      incidentId,
      reason: error.reason,
    });
    return true;
  }
}

/** False where it is no longer the customer's turn. */
async function compare(
  run: PollRun,
  id: IncidentId,
  list: TaskList | undefined,
  order: ReadingOrder,
): Promise<boolean> {
  const { deps } = run;
  const held = await readSnapshot(deps, id);
  if (held === undefined) return false;
  const { incident } = held.snapshot;
  if (list !== undefined) {
    const tasks = tasksPartOf(incident.tasks, id, list);
    if (tasks.rows.length > 0 || incident.tasks !== undefined) {
      const outcome = await saveReading(deps, { ...incident, tasks }, order);
      if (outcome?.isOwing === true) await publish(run, [outcome]);
    }
  }
  const isOpen = lifecycleOf(incident).stage === "awaitingCustomerAction";
  if (isOpen) {
    const { alerts } = incident;
    const again = alerts === undefined ? {} : ({ isAgain: true } as const);
    await wantAlertsBy(deps, id, (alerts?.readAt ?? 0) + ALERTS_INTERVAL_MS, { ...again, urgency: "urgent" });
  }
  return isOpen;
}

/** A task that is missing from a list that is not all of them may still be there: it keeps its last state. */
function tasksPartOf(before: TasksPart | undefined, id: IncidentId, list: TaskList): TasksPart {
  const listed = list.rows.filter((row) => row.incidentId === id).map((row) => row.task);
  const ids = new Set(listed.map((task) => task.id));
  const kept = list.isComplete ? [] : (before?.rows ?? []).filter((task) => !ids.has(task.id));
  const rows = [...listed, ...kept].toSorted(byAge).slice(-TASKS_KEPT);
  return { readAt: list.readAt, rows: withinBounds(rows) };
}

function byAge(a: Task, b: Task): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function withinBounds(rows: readonly Task[]): readonly Task[] {
  let total = 0;
  return rows.map((task) => {
    const room = Math.max(0, DESCRIPTIONS_TOTAL - total);
    total += task.description.length;
    return task.description.length <= room
      ? task
      : { ...task, description: task.description.slice(0, room).toWellFormed() };
  });
}
