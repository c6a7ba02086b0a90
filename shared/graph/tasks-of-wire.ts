import { isSafeId } from "../incident/correlation-key.ts";
import type { IncidentId, Task } from "../incident/incident.ts";
import type { TaskList } from "../pipeline/ports/source.ts";
import { cut } from "./cut.ts";
import type { WireTask } from "./schema.ts";

const TITLE_MAX = 300;
const DESCRIPTION_MAX = 2_000;
const WORD_MAX = 200;

/** The experts' tasks with the incident each belongs to; one that names none is left out. */
export function tasksOf(tasks: readonly WireTask[]): TaskList["rows"] {
  return tasks.flatMap((wire) => {
    const incidentId = wire.incident?.id ?? wire.incidentId ?? "";
    return isSafeId(incidentId) ? [{ incidentId: incidentId as IncidentId, task: taskOf(wire) }] : [];
  });
}

function taskOf(wire: WireTask): Task {
  return {
    id: cut(wire.id, WORD_MAX),
    title: cut(wire.displayName, TITLE_MAX),
    description: cut(wire.description, DESCRIPTION_MAX),
    status: cut(wire.status, WORD_MAX),
    actionStatus: cut(wire.actionStatus, WORD_MAX),
    actionType: cut(wire.actionType, WORD_MAX),
    source: cut(wire.source, WORD_MAX),
    target: cut(wire.responseAction?.identifierValue, WORD_MAX),
    createdAt: cut(wire.createdDateTime, WORD_MAX),
    updatedAt: cut(wire.lastModifiedDateTime ?? wire.lastUpdateDateTime, WORD_MAX),
    updatedBy: cut(wire.lastModifiedByDisplayName, WORD_MAX),
  };
}
