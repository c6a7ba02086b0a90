import type { IncidentId } from "../../incident/incident.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { owedRow } from "../keys.ts";
import { ConflictError } from "../ports/table.ts";

/** A mark that could not be cleared at once. */
export interface Owed {
  readonly incidentId: IncidentId;
  readonly since: number;
  readonly tries?: number;
  readonly dueAt?: number;
}

/** One that is owed already keeps its turn. */
export async function putOwed(deps: DetectDeps, id: IncidentId): Promise<void> {
  try {
    const owed: Owed = { incidentId: id, since: deps.clock.now() };
    await deps.tables.open.put(deps.tenant.id, owedRow(id), owed, "absent");
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}
