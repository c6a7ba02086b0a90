import { PermanentError, RetryableError } from "../../errors.ts";
import type { Incident, IncidentId } from "../../incident/incident.ts";
import { lifecycleOf } from "../../incident/lifecycle.ts";
import { ask, isOfOneIncident, isOffered, isRefused } from "./capability.ts";
import { mayEnrich } from "./enrichment-budget.ts";
import { type PollRun, countRequests, nextOrder, publish } from "../detect/poll-run.ts";
import type { IncidentDetails } from "../ports/source.ts";
import { ConflictError, type Row } from "../ports/table.ts";
import { type NotificationReading, readNotificationPart } from "./read-notification-part.ts";
import { type HeldSnapshot, putSnapshot, readSnapshot, saveReading } from "../detect/save-reading.ts";
import { ALERTS_INTERVAL_MS, type Want } from "../detect/want-alerts.ts";
import { URGENCIES, type Urgency, urgencyOf, wantRow } from "../detect/want-rows.ts";

const ROWS_READ = 500;
/** Of those that come first by name none may be due: then further ones are looked at, so far. */
const READS = 4;
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 60 * 60_000;
/** Half a day of tries: an incident that the source does not know is left out then, until it is touched. */
const MOST_TRIES = 16;

/** What is wanted of one incident: usually one row, two where it became urgent while it waited. */
interface Wanted {
  readonly incidentId: IncidentId;
  readonly dueAt: number;
  readonly tries: number;
  readonly isAgain: boolean;
  readonly urgency: Urgency;
  readonly rows: readonly Row[];
}

/**
 * Reads the alerts of incidents that wait for it while time and the share of the budget last: handovers and incidents that moved first, then
 * those due longest.
 */
export async function readWantedAlerts(run: PollRun, until: number): Promise<void> {
  const { deps } = run;
  if (!mayEnrich(run) || !isOffered(run, "alerts")) return;
  for (const wanted of await findDue(run)) {
    if (!mayEnrich(run) || !isOffered(run, "alerts")) return;
    await readOne(run, wanted);
    if (deps.clock.now() >= until) return;
  }
}

/** What is due, in the order it is to be read. */
async function findDue({ deps }: PollRun): Promise<readonly Wanted[]> {
  const now = deps.clock.now();
  let from = "wants:";
  for (let reads = 1; ; reads += 1) {
    const rows = await deps.tables.open.range(deps.tenant.id, { from, to: "wants;", limit: ROWS_READ });
    const due = wantedOf(rows).filter((wanted) => wanted.dueAt <= now);
    const last = rows.at(-1);
    if (due.length > 0 || last === undefined || rows.length < ROWS_READ || reads === READS) {
      return due.toSorted((a, b) => rankOf(a) - rankOf(b) || a.dueAt - b.dueAt);
    }
    // Sorted right after it.
    from = `${last.row}!`;
  }
}

/** Among the urgent, what is read again by time alone comes after what is new. */
function rankOf({ urgency, isAgain }: Wanted): number {
  return 2 * URGENCIES.indexOf(urgency) + (isAgain ? 1 : 0);
}

function wantedOf(rows: readonly Row[]): readonly Wanted[] {
  const wanted = new Map<IncidentId, Wanted>();
  for (const row of rows) {
    const { incidentId, dueAt, tries = 0, isAgain = false } = row.value as Want;
    const before = wanted.get(incidentId);
    wanted.set(incidentId, {
      incidentId,
      dueAt: Math.min(before?.dueAt ?? dueAt, dueAt),
      tries: Math.max(before?.tries ?? 0, tries),
      isAgain: before?.isAgain ?? isAgain,
      // The most urgent row comes first by its name.
      urgency: before?.urgency ?? urgencyOf(row.row),
      rows: [...(before?.rows ?? []), row],
    });
  }
  return [...wanted.values()];
}

async function readOne(run: PollRun, wanted: Wanted): Promise<void> {
  const { deps } = run;
  const order = nextOrder(run);
  run.stream = "alerts";
  try {
    const details = await ask(() => deps.source.details(wanted.incidentId, run.signal));
    countRequests(run, (details.requests ?? 1) - 1);
    if ("refused" in details && isOfOneIncident(details)) {
      throw new PermanentError("rejected", `the source answered ${details.refused} to one incident's alerts`);
    }
    if (isRefused(run, "alerts", details)) return;
    const before = await readSnapshot(deps, wanted.incidentId);
    if (before === undefined) return await settle(run, wanted, undefined);
    const known = before.snapshot.incident;
    const read = withAlerts(known, details);
    const notification = await readNotificationPart(run, read, known.notification);
    const incident = notification.part === undefined ? read : { ...read, notification: notification.part };
    const outcome = await saveReading(deps, incident, order);
    if (outcome === undefined) await rememberRead(run, before, details.alerts.readAt);
    if (outcome?.isOwing === true) await publish(run, [outcome]);
    await settleRead(run, wanted, incident, notification);
    if (notification.failure !== undefined) throw notification.failure;
  } catch (error) {
    await failed(run, wanted, error);
  }
}

/** The alerts, on the newer of what was read with them and what is known. */
function withAlerts(known: Incident, { incident: read, alerts }: IncidentDetails): Incident {
  return { ...(read !== undefined && read.revision >= known.revision ? read : known), alerts };
}

/** Alerts that are as they were have been read all the same: a touch soon after asks for them no earlier than for others. */
async function rememberRead(run: PollRun, { snapshot, etag }: HeldSnapshot, readAt: number): Promise<void> {
  const { incident } = snapshot;
  if (incident.alerts === undefined) return;
  const after = { ...snapshot, incident: { ...incident, alerts: { ...incident.alerts, readAt } } };
  try {
    await putSnapshot(run.deps, after, etag);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** Approvals change by themselves, without a stamp of the incident; a text that is still owed is asked for less and less often. */
async function settleRead(
  run: PollRun,
  wanted: Wanted,
  incident: Incident,
  { isOwed }: NotificationReading,
): Promise<void> {
  const isHandover = lifecycleOf(incident).stage === "awaitingCustomerAction";
  const again = (incident.alerts?.readAt ?? 0) + ALERTS_INTERVAL_MS;
  const tries = isOwed ? wanted.tries + 1 : 0;
  const retryAt = run.deps.clock.now() + pauseMsAfter(wanted.tries);
  if (isHandover) {
    const dueAt = isOwed ? Math.min(again, retryAt) : again;
    return settle(run, { ...wanted, tries }, { dueAt, tries, isAgain: true, isUrgent: true });
  }
  return settle(run, wanted, isOwed && tries < MOST_TRIES ? { dueAt: retryAt, tries } : undefined);
}

function pauseMsAfter(tries: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 10));
}

/** Wanted again in this way, or no more; what somebody wanted meanwhile stays wanted. */
async function settle(
  run: PollRun,
  { incidentId, urgency, rows }: Wanted,
  next: (Omit<Want, "incidentId"> & { readonly isUrgent?: boolean }) | undefined,
): Promise<void> {
  const { open } = run.deps.tables;
  const tenantId = run.deps.tenant.id;
  const { isUrgent = false, ...rest } = next ?? {};
  const kept = next === undefined ? undefined : wantRow(isUrgent ? "urgent" : urgency, incidentId);
  const before = rows.find(({ row }) => row === kept);
  if (kept !== undefined) {
    const condition = before === undefined ? "absent" : { etag: before.etag };
    await unlessChanged(() => open.put(tenantId, kept, { incidentId, ...rest }, condition));
  }
  for (const { row, etag } of rows) {
    if (row !== kept) await unlessChanged(() => open.delete(tenantId, row, etag));
  }
}

async function unlessChanged(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** One incident whose alerts cannot be had holds up nobody; its ticket goes without them until they can. */
async function failed(run: PollRun, wanted: Wanted, error: unknown): Promise<void> {
  const { deps } = run;
  const isPermanent = error instanceof PermanentError;
  if (!isPermanent && !(error instanceof RetryableError)) throw error;
  if (error.reason === "throttled" || (!isPermanent && error.reason === "unauthorized")) throw error;
  const { incidentId } = wanted;
  const tries = wanted.tries + 1;
  deps.log.warn("alerts of an incident cannot be read", {
    tenantId: deps.tenant.id,
    incidentId,
    reason: error.reason,
    tries,
  });
  const isGivenUp = isPermanent && tries >= MOST_TRIES;
  await settle(run, wanted, isGivenUp ? undefined : { dueAt: deps.clock.now() + pauseMsAfter(wanted.tries), tries });
}
