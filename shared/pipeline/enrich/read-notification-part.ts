import { PermanentError, RetryableError } from "../../errors.ts";
import type { Incident, NotificationPart } from "../../incident/incident.ts";
import { msOfRevision } from "../../incident/revision.ts";
import { hasNotificationTitle, isExpertsDetection } from "../../incident/scope.ts";
import { ask, isOfOneIncident, isOfOnePart, isOffered, isRefused } from "./capability.ts";
import type { PollRun } from "../detect/poll-run.ts";

export interface NotificationReading {
  /** Undefined where it is none, or where nothing is known of it yet. */
  readonly part: NotificationPart | undefined;
  /** Its text is to be asked for again. */
  readonly isOwed: boolean;
  /** What concerns more than this text, to be thrown once the alerts are kept. */
  readonly failure?: RetryableError | PermanentError;
}

/** What only a Defender Experts Notification has, for an incident whose alerts were just read. Its failure withholds no alerts. */
export async function readNotificationPart(
  run: PollRun,
  incident: Incident,
  known: NotificationPart | undefined,
): Promise<NotificationReading> {
  const isFoundByAlert = incident.alerts?.rows.some((alert) => isExpertsDetection(alert.detectionSource)) === true;
  const isFoundByTitle = hasNotificationTitle(incident.title);
  if (!isFoundByAlert && !isFoundByTitle && known === undefined) return { part: undefined, isOwed: false };
  if (incident.notification !== undefined && incident.notification !== known) {
    return { part: incident.notification, isOwed: false };
  }
  if (isFresh(incident, known)) return { part: known, isOwed: false };
  const foundBy = known?.foundBy ?? (isFoundByTitle ? "title" : "alert");
  const readAt = run.deps.clock.now();
  const nothing = { readAt, foundBy, executiveSummary: "", recommendedActions: "", huntingQueries: [] } as const;
  if (!isOffered(run, "notifications")) return { part: known ?? nothing, isOwed: false };
  if (run.state.enrichment.left < 1) return { part: known ?? nothing, isOwed: true };
  run.stream = "notifications";
  try {
    const text = await ask(() => run.deps.source.notification(incident.id, run.signal));
    if ("refused" in text && isOfOneIncident(text)) return { part: known ?? nothing, isOwed: true };
    if (isRefused(run, "notifications", text)) return { part: known ?? nothing, isOwed: false };
    return { part: { readAt, foundBy, ...text }, isOwed: false };
  } catch (error) {
    if (!(error instanceof RetryableError) && !(error instanceof PermanentError)) throw error;
    if (!isOfOnePart(error)) return { part: known, isOwed: true, failure: error };
    const { id: tenantId } = run.deps.tenant;
    const { reason } = error;
    run.deps.log.warn("the text of a notification cannot be read", { tenantId, incidentId: incident.id, reason });
    return { part: known, isOwed: true };
  }
}

function isFresh(incident: Incident, known: NotificationPart | undefined): boolean {
  return known !== undefined && known.executiveSummary !== "" && known.readAt >= msOfRevision(incident.revision);
}
