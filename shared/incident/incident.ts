import type { Revision } from "./revision.ts";

/** A Microsoft Defender XDR incident as it is used here: the source's values kept raw, names and times made uniform. Source: Graph `microsoft.graph.security.incident`. */
export interface Incident {
  readonly tenantId: TenantId;
  readonly id: IncidentId;
  /** `lastUpdateDateTime` in 100 ns ticks. */
  readonly revision: Revision;
  /** `lastUpdateDateTime` and `createdDateTime` as the source wrote them. */
  readonly updatedAt: string;
  readonly createdAt: string;
  readonly title: string;
  readonly description: string;
  readonly summary: string;
  readonly resolvingComment: string;
  /** Raw: `active`, `inProgress`, `awaitingAction`, `resolved`, `redirected`, or anything newer. */
  readonly status: string;
  readonly severity: string;
  /** Raw; "" where the source has null. */
  readonly classification: string;
  readonly determination: string;
  readonly assignedTo: string;
  readonly customTags: readonly string[];
  readonly systemTags: readonly string[];
  readonly comments: readonly Comment[];
  /** "" unless merged into another incident. */
  readonly redirectIncidentId: string;
  readonly url: string;
  readonly lastModifiedBy: string;
  readonly priorityScore: number | null;
  /** Read apart from the incident; a part that was never read is absent, and absent is never "none". */
  readonly alerts?: AlertsPart;
  readonly tasks?: TasksPart;
  readonly notification?: NotificationPart;
}

/** A comment has no id in Graph: author, time and text are all there is to know it by. */
export interface Comment {
  readonly author: string;
  readonly createdAt: string;
  readonly text: string;
}

export interface AlertsPart {
  /** When the read began, milliseconds since 1970. */
  readonly readAt: number;
  /** How many were read; `rows` may hold fewer. */
  readonly count: number;
  /** There are more than were read. */
  readonly isCut?: true;
  readonly rows: readonly Alert[];
  /** What was hit. */
  readonly assets: readonly Asset[];
  /** Everything the alerts name, each thing once; at most 100. */
  readonly evidence: readonly Evidence[];
}

/** Graph `alerts_v2`, in short; enum members raw. */
export interface Alert {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly status: string;
  readonly serviceSource: string;
  readonly detectionSource: string;
  readonly category: string;
  readonly mitreTechniques: readonly string[];
  /** Where automated investigation and response stands. */
  readonly investigationState: string;
  readonly assignedTo: string;
  readonly classification: string;
  readonly determination: string;
  readonly createdAt: string;
  readonly resolvedAt: string;
}

/** A thing an alert names: what was hit. */
export interface Asset {
  readonly kind: "device" | "user" | "mailbox" | "cloudApp";
  readonly name: string;
}

/** Graph's `*Evidence`, made uniform. */
export interface Evidence {
  readonly kind: EvidenceKind;
  /** What people call it: a host name, an address, a file name. */
  readonly name: string;
  /** What tells it from its namesakes (a path and hash, a recipient); "" where there is nothing. */
  readonly detail: string;
  /** The id a response action takes (`mdeDeviceId`, SHA-1, Entra user id, network message id); "" where there is none. */
  readonly actionId: string;
  readonly verdict: string;
  readonly remediation: string;
  readonly remediationDetails: string;
}

export type EvidenceKind =
  "device" | "user" | "mailbox" | "mail" | "file" | "process" | "url" | "ip" | "cloudApp" | "other";

/** The experts' managed-response actions (Graph beta `incidentTask`). */
export interface TasksPart {
  readonly readAt: number;
  readonly rows: readonly Task[];
}

export interface Task {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Raw: open, inProgress, completed, failed, notRelevant, or newer. */
  readonly status: string;
  readonly actionStatus: string;
  readonly actionType: string;
  /** Raw: `defenderExpertsGuidedResponse` is the customer's to do, `defenderExpertsManagedResponse` was done by the experts. */
  readonly source: string;
  /** The device, file or user that the action is for; "" where it is for none. */
  readonly target: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
}

/** A Defender Experts Notification: what the incident's own fields do not hold. Source: Graph beta `security/incidents/{id}`. */
export interface NotificationPart {
  readonly readAt: number;
  /** By the start of the title, or by an alert whose detection source is `microsoftThreatExperts`. */
  readonly foundBy: "title" | "alert";
  /** "" where beta could not be read: then the description is all there is. */
  readonly executiveSummary: string;
  readonly recommendedActions: string;
  /** KQL. */
  readonly huntingQueries: readonly string[];
}

export type TenantId = string & { readonly __tenantId: never };
export type IncidentId = string & { readonly __incidentId: never };
