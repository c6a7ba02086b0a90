import type { IncidentId, TenantId } from "../../incident/incident.ts";
import { startDeadline } from "../deadline.ts";
import type { IncidentSummary } from "../incident-summary.ts";
import { readAllKnown } from "../repair/newest-incidents.ts";
import { type PreviewDeps, createPreviewer, readOnlyTenant, unreadableWords } from "./preview.ts";
import type { PreviewedIncident } from "./previewed.ts";
import { type WalkPlace, placeOfAll, rowsAt } from "../repair/walk-rows.ts";

/** One step of what a rebuild would write. */
export interface RebuildPreview {
  readonly tenantId: string;
  readonly checked: number;
  /** Those whose ticket would be created or changed, waits, or could not be asked for. */
  readonly incidents: readonly PreviewedIncident[];
  /** Incidents that could not be looked at; one sentence each. */
  readonly problems: readonly string[];
  /** Where the next step goes on; undefined at the end. */
  readonly next: WalkPlace | undefined;
}

const STEP_MS = 10_000;
const DEADLINE_MS = 40_000;
const AT_ONCE = 4;
/** Nothing would be done. */
const IDLE: ReadonlySet<string> = new Set(["none", "unrouted", "absent"]);

export async function previewRebuild(
  deps: PreviewDeps,
  asked: {
    readonly tenantId: TenantId;
    readonly connector: string;
    readonly since: number;
    readonly from: WalkPlace | undefined;
  },
): Promise<RebuildPreview> {
  const tenant = await readOnlyTenant(deps, asked.tenantId);
  const previewOf = createPreviewer(deps, asked.connector, true);
  const until = deps.clock.now() + STEP_MS;
  const deadline = startDeadline(deps.clock, deps.clock.now() + DEADLINE_MS);
  const incidents: PreviewedIncident[] = [];
  const problems: string[] = [];
  let place: WalkPlace | undefined = asked.from ?? placeOfAll();
  let checked = 0;
  try {
    while (place !== undefined && deps.clock.now() < until) {
      const { rows, next }: Awaited<ReturnType<typeof rowsAt>> = await rowsAt(tenant, place);
      const ids = rows
        .map(({ value }) => value as IncidentSummary)
        .filter(({ changedAt }) => changedAt >= asked.since)
        .map(({ incidentId }) => incidentId as IncidentId);
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const known = await readAllKnown(tenant, ids.slice(from, from + AT_ONCE));
        incidents.push(...(await Promise.all(known.found.map((one) => previewOf(one, deadline.signal)))));
        problems.push(...unreadableWords(asked.tenantId, known));
      }
      checked += ids.length;
      place = next;
    }
  } finally {
    deadline.stop();
  }
  const busy = incidents.filter(({ tickets }) => tickets.some(({ action }) => !IDLE.has(action)));
  return { tenantId: asked.tenantId, checked, incidents: busy, problems, next: place };
}
