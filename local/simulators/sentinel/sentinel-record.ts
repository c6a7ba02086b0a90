/** One version of a simulated Sentinel incident. */
export interface SentinelIncident extends SentinelFields {
  /** The resource name, a GUID. */
  readonly name: string;
  readonly number: number;
  readonly etag: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly providerName: string;
  /** The Defender incident id for a twin; the incident number otherwise. */
  readonly providerIncidentId: string;
  readonly providerIncidentUrl: string;
  readonly alertsCount: number;
  readonly alertProductNames: readonly string[];
  readonly tactics: readonly string[];
}

/** What a PUT replaces, whole. */
export interface SentinelFields {
  readonly title: string;
  readonly description: string;
  readonly severity: string;
  readonly status: string;
  readonly classification: string | undefined;
  readonly classificationReason: string | undefined;
  readonly classificationComment: string | undefined;
  readonly labels: readonly SentinelLabel[];
  readonly owner: SentinelOwner;
}

export interface SentinelLabel {
  readonly labelName: string;
  /** Read-only in the API. */
  readonly labelType: "User" | "AutoAssigned";
}

export interface SentinelOwner {
  readonly objectId: string | null;
  readonly email: string | null;
  readonly assignedTo: string | null;
  readonly userPrincipalName: string | null;
}

/** A comment or a task of an incident. */
export interface SentinelChild {
  readonly name: string;
  readonly etag: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** message for a comment; title, description, status for a task. */
  readonly properties: Readonly<Record<string, string>>;
}

export const NO_OWNER: SentinelOwner = { objectId: null, email: null, assignedTo: null, userPrincipalName: null };

/** Times in this API have seven fraction digits. */
export function sentinelTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "0000Z");
}
