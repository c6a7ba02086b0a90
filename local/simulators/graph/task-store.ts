import type { SimulatorClock } from "../clock.ts";
import { idFrom } from "../stable-id.ts";
import type { GraphBehaviour } from "./graph-behaviour.ts";
import { ticksOf } from "./ticks.ts";

/** A managed-response action of Defender Experts (`incidentTask`, beta). */
export interface TaskRecord extends Required<TaskFields> {
  readonly id: string;
  readonly incidentId: string;
  readonly createdTicks: bigint;
  readonly modifiedTicks: bigint;
  readonly modifiedBy: string;
  readonly actionStatus: string;
  /** How often its response action was set off; more than once is a fault of the caller. */
  readonly executions: number;
}

export interface TaskFields {
  readonly displayName?: string;
  readonly description?: string;
  readonly status?: string;
  readonly source?: string;
  readonly actionType?: string;
  /** The device, file or user the action is for; "" where it is for none. */
  readonly identifierValue?: string;
  /** For `stopAndQuarantineFile`: the device the file is on. */
  readonly deviceId?: string;
}

export interface TaskStore {
  add(incidentId: string, fields?: TaskFields): TaskRecord;
  setStatus(id: string, status: string, by: string): TaskRecord;
  /** Sets off the response action: in progress at once, completed after the configured time. */
  execute(id: string, by: string): TaskRecord;
  get(id: string): TaskRecord | undefined;
  of(incidentId: string): readonly TaskRecord[];
  all(): readonly TaskRecord[];
  drop(incidentId: string): void;
}

export function createTaskStore(clock: SimulatorClock, behaviour: GraphBehaviour): TaskStore {
  const tasks = new Map<string, TaskRecord>();
  const running = new Map<string, number>();
  let made = 0;

  function settle(): void {
    for (const [id, until] of running) {
      if (until > clock.now()) continue;
      running.delete(id);
      const task = tasks.get(id);
      if (task !== undefined) put({ ...task, actionStatus: "completed", status: "completed" });
    }
  }

  function put(task: TaskRecord): TaskRecord {
    const stamped = { ...task, modifiedTicks: ticksOf(clock.now()) };
    tasks.set(task.id, stamped);
    return stamped;
  }

  function require(id: string): TaskRecord {
    settle();
    const task = tasks.get(id);
    if (task === undefined) throw new Error(`the simulated tenant has no task ${id}`);
    return task;
  }

  return {
    add(incidentId, fields = {}) {
      made += 1;
      const ticks = ticksOf(clock.now());
      return put({
        displayName: "Review the managed response",
        description: "",
        status: "open",
        source: "defenderExpertsGuidedResponse",
        actionType: "text",
        identifierValue: "",
        deviceId: "",
        ...fields,
        id: idFrom("task", incidentId, String(made)),
        incidentId,
        createdTicks: ticks,
        modifiedTicks: ticks,
        modifiedBy: "Defender Experts",
        actionStatus: "notStarted",
        executions: 0,
      });
    },
    setStatus: (id, status, by) => put({ ...require(id), status, modifiedBy: by }),
    execute(id, by) {
      const task = require(id);
      running.set(id, clock.now() + behaviour.actionDurationMs);
      return put({
        ...task,
        actionStatus: "inProgress",
        status: "inProgress",
        modifiedBy: by,
        executions: task.executions + 1,
      });
    },
    get(id) {
      settle();
      return tasks.get(id);
    },
    of(incidentId) {
      settle();
      return [...tasks.values()].filter((task) => task.incidentId === incidentId);
    },
    all() {
      settle();
      return [...tasks.values()];
    },
    drop(incidentId) {
      for (const [id, task] of tasks) if (task.incidentId === incidentId) tasks.delete(id);
    },
  };
}
