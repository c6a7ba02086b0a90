import type { CheckFinding } from "../../connectors/connector.ts";
import type { Ball } from "../../incident/ball.ts";
import type { ClosedBy } from "../../incident/closed-by.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import type { GrowingField, UnknownValues } from "../../incident/unknown-values.ts";
import type { Classification, Severity } from "../../incident/verdict.ts";

/** What `GET /api/overview` answers: everything the page shows. Moments are milliseconds since 1970. Texts are raw and hostile: shown as text, never as markup. */
export interface Overview {
  readonly generatedAt: number;
  /** True on the simulated tenant of `npm start` without a configuration. */
  readonly isDemo: boolean;
  readonly pollIntervalMs: number;
  readonly tenants: readonly TenantOverview[];
  readonly connectors: readonly ConnectorOverview[];
  /** Open incidents and those closed most recently; the customer's turn first, then the newest change. */
  readonly incidents: readonly IncidentOverview[];
  /** How many more open ones there are than are listed. */
  readonly moreOpen: number;
  /** Parked messages that do not say whose they are; absent where there are none. */
  readonly unreadable?: number;
}

export interface TenantOverview {
  readonly id: string;
  readonly name: string;
  /** Defender's own queue. */
  readonly portalUrl: string;
  readonly card: {
    readonly awaitingCustomerAction: number;
    readonly inProgress: number;
    readonly active: number;
    readonly resolvedIn30Days: number;
  };
  readonly lastPollAt: number;
  /** "" when the last poll went well. */
  readonly problem: string;
  /** Incidents that could not be read or kept, and messages of this tenant that no worker could read; absent where there are none. */
  readonly parked?: number;
  /** What Graph refuses to this application, so that it is left out of tickets; absent where there is nothing. */
  readonly notRead?: readonly string[];
  /** Values that this version does not know, of open incidents and those closed in 30 days; absent where there are none. */
  readonly unknownValues?: UnknownValueCounts;
  /** The bell at Graph; absent where none is asked for. Nothing depends on it. */
  readonly push?: PushOverview;
}

export interface UnknownValueCounts {
  /** The most frequent; raw and hostile. */
  readonly values: readonly { readonly field: GrowingField; readonly value: string; readonly incidents: number }[];
  /** How many more values there are than are listed. */
  readonly more: number;
}

export interface PushOverview {
  /** Whether Graph rings when something changes; the timer reads everything either way. */
  readonly isOn: boolean;
  /** Why it does not; "" where it does, or will within a minute. */
  readonly reason: string;
  readonly since: number;
}

export interface ConnectorOverview {
  readonly id: string;
  readonly kind: string;
  /** Where people open the tool. */
  readonly url: string;
  readonly parked: number;
  readonly waiting: number;
  readonly drifted: number;
  /** Incidents of those listed that its route does not want; absent where there are none. */
  readonly unrouted?: number;
  /** Why its route cannot be followed; absent where it can. */
  readonly routeProblem?: string;
  /** Incidents whose ticket was deleted in the tool, until an operator replays or drops them; absent where there are none. */
  readonly detached?: number;
  /** Nothing is sent to the tool as a whole: an operator holds it, or its breaker is open; `problem` says which. */
  readonly isHeld?: true;
  /** Change to ticket over the incidents listed, milliseconds; null without any. */
  readonly lagMs: { readonly median: number; readonly slowest: number } | null;
  readonly problem: string;
  /** What in its configuration does not fit the tool; absent where nothing was found. */
  readonly findings?: readonly CheckFinding[];
}

export interface IncidentOverview {
  readonly tenantId: string;
  readonly incidentId: string;
  readonly title: string;
  readonly url: string;
  readonly stage: Stage;
  /** Raw status; shown where the stage is `unrecognised`. */
  readonly statusRaw: string;
  readonly ball: Ball;
  readonly assignedTo: string;
  readonly severity: Severity;
  readonly classification: Classification;
  readonly determination: string;
  readonly isNotification: boolean;
  readonly isExpertsWork: boolean;
  readonly tags: readonly string[];
  readonly createdAt: string;
  readonly stageSince: number;
  /** When the customer's turn began; null while it is not. */
  readonly handoverSince: number | null;
  /** Null while it is open. */
  readonly closedBy: ClosedBy | null;
  readonly changedAt: number;
  readonly mergedInto: string;
  readonly mergedFrom: readonly string[];
  readonly commentCount: number;
  /** Raw, what this version does not know of it; absent where it knows everything. */
  readonly unknownValues?: UnknownValues;
  readonly tickets: readonly TicketOverview[];
}

export interface TicketOverview {
  readonly connector: string;
  readonly kind: string;
  /**
   * "absent": nothing to adopt yet; "behind": the ticket does not show the newest change yet; "dropped": an operator decided that it need
   * not; "unrouted": the connector's route does not want it; "detached": the ticket was deleted.
   */
  readonly state: "shown" | "behind" | "waiting" | "parked" | "absent" | "dropped" | "unrouted" | "detached";
  readonly label: string;
  readonly url: string;
  /** Tags of ours that the ticket carries. */
  readonly tags: readonly string[];
  readonly drift: readonly string[];
  /** From the change at the source to the ticket having it; null before the first write. */
  readonly lagMs: number | null;
  /** Why it waits or is parked; "" otherwise. */
  readonly problem: string;
  /** What a person can do about it, where it is parked and that is known. */
  readonly mend?: string;
}
