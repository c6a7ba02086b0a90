/** One version of a simulated incident. A change makes a new record; a record never changes. */
export interface IncidentRecord extends Required<IncidentFields> {
  readonly id: string;
  /** Its place among all incidents made; tells apart those of one stamp. */
  readonly ordinal: number;
  /** Counts the changes of this incident. */
  readonly version: number;
  readonly createdTicks: bigint;
  readonly updatedTicks: bigint;
  readonly comments: readonly CommentRecord[];
}

/** What a tenant may set. */
export interface IncidentFields {
  readonly displayName?: string;
  readonly description?: string | null;
  readonly summary?: string | null;
  readonly resolvingComment?: string | null;
  /** Any text: an unknown one is a member of an enum that has grown. */
  readonly status?: string;
  readonly severity?: string;
  readonly classification?: string | null;
  readonly determination?: string | null;
  readonly assignedTo?: string | null;
  readonly customTags?: readonly string[];
  readonly systemTags?: readonly string[];
  readonly priorityScore?: number | null;
  readonly redirectIncidentId?: string | null;
  readonly lastModifiedBy?: string;
  /** On beta only. */
  readonly recommendedActions?: string;
  readonly recommendedHuntingQueries?: readonly string[];
}

export interface CommentRecord {
  readonly author: string;
  readonly ticks: bigint;
  readonly text: string;
}

/** How a change is made, where it is not the plain way. */
export interface ChangeManner {
  /** The stamp to write instead of the clock's, as text with up to 7 fraction digits; may lie in the past, or be another's. */
  readonly stamp?: string;
  /** Lists show the change only so much later. */
  readonly visibleAfterMs?: number;
  /** The incident's lastUpdateDateTime stays where it is; for alerts, `stamp` is then the alert's alone. */
  readonly keepsStamp?: boolean;
  /** Who did it; ends up in lastModifiedBy. */
  readonly by?: string;
}

export const EXPERTS_TAG = "Defender Experts";

export function newIncidentFields(): Required<IncidentFields> {
  return {
    displayName: "Suspicious activity on one endpoint",
    description: null,
    summary: null,
    resolvingComment: null,
    status: "active",
    severity: "medium",
    classification: "unknown",
    determination: "unknown",
    assignedTo: null,
    customTags: [],
    systemTags: [EXPERTS_TAG],
    priorityScore: null,
    redirectIncidentId: null,
    lastModifiedBy: "Microsoft 365 Defender-IncidentCreation",
    recommendedActions: "",
    recommendedHuntingQueries: [],
  };
}
