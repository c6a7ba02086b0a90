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
  /** How many there are; `rows` may hold fewer. */
  readonly count: number;
  readonly rows: readonly Alert[];
  readonly assets: readonly Asset[];
}

export interface Alert {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly status: string;
  readonly serviceSource: string;
  readonly category: string;
  readonly createdAt: string;
}

/** A thing an alert names: what was hit. */
export interface Asset {
  readonly kind: "device" | "user" | "mailbox" | "cloudApp";
  readonly name: string;
}

export type TenantId = string & { readonly __tenantId: never };
export type IncidentId = string & { readonly __incidentId: never };
