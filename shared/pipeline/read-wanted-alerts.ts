import { PermanentError, RetryableError } from "../errors.ts";
import type { Incident, NotificationPart } from "../incident/incident.ts";
import { lifecycleOf } from "../incident/lifecycle.ts";
import { msOfRevision } from "../incident/revision.ts";
import { hasNotificationTitle, isExpertsDetection } from "../incident/scope.ts";
import { isOffered, isRefused } from "./capability.ts";
import { mayEnrich } from "./enrichment-budget.ts";
import { type PollRun, countRequests, nextOrder, publish } from "./poll-run.ts";
import type { IncidentDetails } from "./ports/source.ts";
import { ConflictError, type Row } from "./ports/table.ts";
import { readSnapshot, saveReading } from "./save-reading.ts";
import { ALERTS_INTERVAL_MS, type Want } from "./want-alerts.ts";

const ROWS_READ = 500;
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 60 * 60_000;

/** Reads the alerts of incidents that wait for it, those due longest first, while time and the share of the budget last. */
export async function readWantedAlerts(run: PollRun, until: number): Promise<void> {
  const { deps } = run;
  if (!mayEnrich(run) || !isOffered(run, "alerts")) return;
  const rows = await deps.tables.open.range(deps.tenant.id, { from: "wants:", to: "wants;", limit: ROWS_READ });
  const now = deps.clock.now();
  const due = rows
    .filter((row) => (row.value as Want).dueAt <= now)
    .toSorted((a, b) => (a.value as Want).dueAt - (b.value as Want).dueAt);
  for (const row of due) {
    if (!mayEnrich(run) || !isOffered(run, "alerts")) return;
    await readOne(run, row);
    if (deps.clock.now() >= until) return;
  }
}

async function readOne(run: PollRun, row: Row): Promise<void> {
  const { deps } = run;
  const want = row.value as Want;
  const order = nextOrder(run);
  run.stream = "alerts";
  try {
    const details = await deps.source.details(want.incidentId, run.signal);
    if (isRefused(run, "alerts", details)) return;
    countRequests(run, details.requests - 1);
    const before = await readSnapshot(deps, want.incidentId);
    if (before === undefined) return await done(run, row, undefined);
    const incident = await withDetails(run, before.snapshot.incident, details);
    const outcome = await saveReading(deps, incident, order);
    if (outcome?.isOwing === true) await publish(run, [outcome]);
    const isHandover = lifecycleOf(incident).stage === "awaitingCustomerAction";
    // Approvals change by themselves, without a stamp of the incident.
    await done(run, row, isHandover ? details.alerts.readAt + ALERTS_INTERVAL_MS : undefined);
  } catch (error) {
    await failed(run, row, error);
  }
}

/** The parts, on the newer of what was read with them and what is known. */
async function withDetails(run: PollRun, known: Incident, details: IncidentDetails): Promise<Incident> {
  const read = details.incident;
  const newer = read !== undefined && read.revision >= known.revision ? read : known;
  const notification = await notificationOf(run, { ...newer, alerts: details.alerts }, known.notification);
  return { ...newer, alerts: details.alerts, ...(notification === undefined ? {} : { notification }) };
}

/** Undefined where it is none, or where nothing new was read of it. */
async function notificationOf(
  run: PollRun,
  incident: Incident,
  known: NotificationPart | undefined,
): Promise<NotificationPart | undefined> {
  const isFoundByAlert = incident.alerts?.rows.some((alert) => isExpertsDetection(alert.detectionSource)) === true;
  const isFoundByTitle = hasNotificationTitle(incident.title);
  if (!isFoundByAlert && !isFoundByTitle && known === undefined) return undefined;
  const isFresh =
    known !== undefined && known.executiveSummary !== "" && known.readAt >= msOfRevision(incident.revision);
  if (incident.notification !== undefined && incident.notification !== known) return incident.notification;
  if (isFresh) return known;
  const foundBy = known?.foundBy ?? (isFoundByTitle ? "title" : "alert");
  const readAt = run.deps.clock.now();
  const nothing = { readAt, foundBy, executiveSummary: "", recommendedActions: "", huntingQueries: [] } as const;
  if (!isOffered(run, "notifications") || run.state.enrichment.left < 1) return known ?? nothing;
  run.stream = "notifications";
  const text = await run.deps.source.notification(incident.id, run.signal);
  if (isRefused(run, "notifications", text)) return known ?? nothing;
  return { readAt, foundBy, ...text };
}

/** Wanted again at `dueAt`, or no more; what somebody wanted meanwhile stays wanted. */
async function done(run: PollRun, row: Row, dueAt: number | undefined): Promise<void> {
  const { open } = run.deps.tables;
  const { incidentId } = row.value as Want;
  try {
    if (dueAt === undefined) await open.delete(run.deps.tenant.id, row.row, row.etag);
    else await open.put(run.deps.tenant.id, row.row, { incidentId, dueAt } satisfies Want, { etag: row.etag });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** One incident whose alerts cannot be had holds up nobody; its ticket goes without them until they can. */
async function failed(run: PollRun, row: Row, error: unknown): Promise<void> {
  const { deps } = run;
  const isPermanent = error instanceof PermanentError;
  if (!isPermanent && !(error instanceof RetryableError)) throw error;
  if (error.reason === "throttled" || (!isPermanent && error.reason === "unauthorized")) throw error;
  const { incidentId, tries = 0 } = row.value as Want;
  deps.log.warn("alerts of an incident cannot be read", {
    tenantId: deps.tenant.id,
    incidentId,
    reason: error.reason,
    tries: tries + 1,
  });
  if (isPermanent) return done(run, row, undefined);
  const pauseMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 10));
  const want: Want = { incidentId, dueAt: deps.clock.now() + pauseMs, tries: tries + 1 };
  try {
    await deps.tables.open.put(deps.tenant.id, row.row, want, { etag: row.etag });
  } catch (conflict) {
    if (!(conflict instanceof ConflictError)) throw conflict;
  }
}
