import type { AlertsPart, Incident, IncidentId, NotificationPart, Task } from "../../incident/incident.ts";
import type { Revision } from "../../incident/revision.ts";

/** Where incidents come from: Graph, for one tenant. Calls throw `RetryableError` or `PermanentError`; each costs one request of the tenant's quota unless it says otherwise. */
export interface Source {
  listPage(page: ListRequest | NextPage, signal: AbortSignal): Promise<SourcePage>;
  /** Undefined where the source says that there is none. It may answer the id of a merged incident with the one it went into. */
  get(id: IncidentId, signal: AbortSignal): Promise<SourceRow | undefined>;
  /** An incident with its alerts: one request, more where there are many alerts or the source cannot put the two together. */
  details(id: IncidentId, signal: AbortSignal): Promise<IncidentDetails | Refused>;
  /** The 500 newest of the experts' tasks, of all incidents. */
  tasks(signal: AbortSignal): Promise<TaskList | Refused>;
  /** What only a Defender Experts Notification has. */
  notification(id: IncidentId, signal: AbortSignal): Promise<NotificationText | Refused>;
  /** Alerts by creation, for those of the experts' among them. */
  alertsPage(page: Window | NextPage, signal: AbortSignal): Promise<AlertsPage | Refused>;
}

/** Incidents last updated in [from, to], both ends inclusive; by creation as well where one moment holds too many. */
export interface Window {
  readonly from: Revision;
  readonly to?: Revision;
  readonly created?: { readonly from: Revision; readonly to: Revision };
}

/** A window, or a part of one: used only to find what a page cannot hold. */
export interface ListRequest extends Window {
  readonly top?: number;
  readonly skip?: number;
  /** How many there are in all is told with the page, where the source can. */
  readonly isCounted?: true;
}

/** Opaque; good for one tenant and one window only. */
export interface NextPage {
  readonly next: string;
}

export interface SourcePage {
  readonly rows: readonly SourceRow[];
  readonly next?: string;
  readonly count?: number;
  /** The response's `Date`, milliseconds since 1970; undefined where it had none. */
  readonly servedAt: number | undefined;
  /** 206: a provider behind the source failed; what is here is good, but not all. */
  readonly isPartial: boolean;
}

export type SourceRow =
  | { readonly kind: "incident"; readonly incident: Incident }
  | { readonly kind: "malformed"; readonly id: string; readonly problem: string; readonly body: unknown };

export interface IncidentDetails {
  /** Undefined where only the alerts could be read. */
  readonly incident: Incident | undefined;
  readonly alerts: AlertsPart;
  readonly requests: number;
}

export interface TaskList {
  readonly readAt: number;
  readonly rows: readonly { readonly incidentId: IncidentId; readonly task: Task }[];
  /** False where there are more than were listed: then a task that is missing may still be there. */
  readonly isComplete: boolean;
  /** Absent where it took one. */
  readonly requests?: number;
}

export type NotificationText = Omit<NotificationPart, "readAt" | "foundBy">;

export interface AlertsPage {
  readonly rows: readonly AlertStub[];
  /** Rows of the page, those that cannot be read included; as many as `rows` where it is absent. */
  readonly size?: number;
  readonly next?: string;
  /** 206: what is here is good, but not all. */
  readonly isPartial?: boolean;
}

export interface AlertStub {
  /** "" where the alert belongs to no incident. */
  readonly incidentId: string;
  readonly detectionSource: string;
  readonly created: Revision;
  readonly updated: Revision;
}

/** The source has no such thing for us: not in this cloud, not in this version, or not with these rights. */
export interface Refused {
  readonly refused: number;
  /** Absent where it took one. */
  readonly requests?: number;
}
