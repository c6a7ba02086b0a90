import { isSafeId } from "../../incident/correlation-key.ts";
import type { IncidentId } from "../../incident/incident.ts";
import { type Revision, earlierBy, maxRevision, minRevision, revisionFromMs } from "../../incident/revision.ts";
import { isExpertsDetection } from "../../incident/scope.ts";
import { ask, isOfOnePart, isOffered, isRefused } from "./capability.ts";
import { digestOf } from "../digest.ts";
import { mayEnrich } from "./enrichment-budget.ts";
import { isDue } from "../is-due.ts";
import { type PollRun, nextOrder, publish } from "../detect/poll-run.ts";
import type { AlertsPage, Window } from "../ports/source.ts";
import type { Keyset } from "../read/keyset.ts";
import { type ReadPage, readWindows } from "../read/read-window.ts";
import { requestTouch } from "../request-polls.ts";
import { readSnapshot, saveReading } from "../detect/save-reading.ts";
import { wantAlertsBy } from "../detect/want-alerts.ts";

const EVERY_MS = 5 * 60_000;
/** Alerts appear late, like incidents: by ten minutes, and right after a look. */
const OVERLAP_MS = 10 * 60_000 + EVERY_MS;
const FIRST_LOOK_MS = 24 * 60 * 60_000;
const ALERT_PAGE = 100;
/** More windows than this come only from a source whose pages lie. */
const MOST_WINDOWS = 50;

/**
 * A Defender Experts Notification whose title was edited away is still known by its alert (`microsoftThreatExperts`). That cannot be
 * filtered on, so every five minutes the alerts created since are looked through, and the incidents of the experts' taken into scope.
 */
export async function findExpertsAlerts(run: PollRun, until: number): Promise<void> {
  const { deps } = run;
  const now = deps.clock.now();
  const { alerts } = run.state;
  const isTime = isDue(alerts.readAt, EVERY_MS, now);
  if ((!isTime && alerts.unread.length === 0) || !isOffered(run, "expertsAlerts") || !mayEnrich(run)) return;
  const since = alerts.cursor ?? earlierBy(run.state.cursor ?? revisionFromMs(now), FIRST_LOOK_MS);
  const live: Window = { from: alerts.cursor === undefined ? since : earlierBy(since, OVERLAP_MS) };
  const windows = isTime ? [live, ...alerts.unread] : alerts.unread;
  let newest = since;
  run.state = { ...run.state, alerts: { ...alerts, readAt: isTime ? now : alerts.readAt } };
  run.stream = "expertsAlerts";
  let isOff = false;
  const keyset = keysetOf(run, () => {
    isOff = true;
  });
  try {
    for await (const page of readWindows(keyset, windows, run.signal)) {
      // No page came: nothing moves, and what is unread stays so.
      if (isOff) return;
      if (page.isPartial === true) {
        await takeIncidents(run, page);
        keepForLater(run, page, since);
        return;
      }
      newest = page.rows.reduce((most, row) => maxRevision(most, row.created), newest);
      await takeIncidents(run, page);
      const unread = page.unread.slice(0, MOST_WINDOWS);
      run.state = { ...run.state, alerts: { ...run.state.alerts, unread, cursor: cursorOf(run, newest) } };
      run.stream = "expertsAlerts";
      if (!mayEnrich(run) || deps.clock.now() >= until) return;
    }
  } catch (error) {
    if (!isOfOnePart(error)) throw error;
    // Nothing moved: the same windows are read again in five minutes.
    deps.log.warn("alerts could not be looked through", { tenantId: deps.tenant.id, reason: error.reason });
  }
}

/** Never past the source's present, which the incidents' cursor tells: a row from the future freezes nothing. */
function cursorOf(run: PollRun, newest: Revision): Revision {
  const present = run.state.cursor;
  return present !== undefined && newest > present ? present : newest;
}

/** A page that was answered in part (206) is not read: the next look, in five minutes, begins no later than its window. */
function keepForLater(run: PollRun, page: ReadPage<AlertsPage, Window>, since: Revision): void {
  const { alerts } = run.state;
  const { window } = page;
  const cursor = minRevision(alerts.cursor ?? since, earlierBy(window.from, -OVERLAP_MS));
  const unread = page.unread.filter((other) => !isInside(other, window)).slice(0, MOST_WINDOWS);
  run.state = { ...run.state, alerts: { ...alerts, cursor, unread } };
}

function isInside(part: Window, whole: Window): boolean {
  if (part.from < whole.from) return false;
  return whole.to === undefined || (part.to !== undefined && part.to <= whole.to);
}

function keysetOf(run: PollRun, onRefusal: () => void): Keyset<AlertsPage> {
  return {
    async list(page, signal) {
      const answer = await ask(() => run.deps.source.alertsPage(page, signal));
      if (!isRefused(run, "expertsAlerts", answer)) return answer;
      onRefusal();
      return { rows: [] };
    },
    stampsOf: (page) => page.rows.map((row) => ({ id: "", at: row.created, second: row.updated })),
    sizeOf: (page) => page.size ?? page.rows.length,
    pageSize: ALERT_PAGE,
    isDescending: () => true,
    isCountable: () => false,
  };
}

async function takeIncidents(run: PollRun, page: AlertsPage): Promise<void> {
  const ids = page.rows
    .filter((row) => isExpertsDetection(row.detectionSource) && isSafeId(row.incidentId))
    .map((row) => row.incidentId as IncidentId);
  for (const id of new Set(ids)) {
    try {
      await takeIncident(run, id);
    } catch (error) {
      if (!isOfOnePart(error)) throw error;
      // One that cannot be had now holds up none of the others: it is asked for again by name.
      const { id: tenantId } = run.deps.tenant;
      run.deps.log.warn("an incident of the experts' could not be taken", {
        tenantId,
        incidentId: id,
        reason: error.reason,
      });
      await requestTouch(run.deps, tenantId, [id], "look-again", digestOf([tenantId, id, run.state.fence]));
    }
  }
}

async function takeIncident(run: PollRun, id: IncidentId): Promise<void> {
  const { deps } = run;
  const held = await readSnapshot(deps, id);
  if (held?.snapshot.incident.notification !== undefined) return;
  if (held === undefined) {
    const order = nextOrder(run);
    run.stream = "named";
    const row = await deps.source.get(id, run.signal);
    if (row === undefined || row.kind === "malformed") return;
    const outcome = await saveReading(deps, row.incident, order, { takeAnyway: true });
    if (outcome?.isOwing === true) await publish(run, [outcome]);
  }
  // Its alerts tell that it is a notification; what it says is read with them.
  await wantAlertsBy(deps, id, deps.clock.now(), { urgency: "urgent" });
}
