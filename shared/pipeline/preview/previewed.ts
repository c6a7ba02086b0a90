import type { Stage } from "../../incident/lifecycle.ts";
import type { Severity } from "../../incident/verdict.ts";

/** What `GET /api/preview` answers: what would be written, and why. Texts are raw and hostile: shown as text, never as markup. */
export interface Preview {
  readonly generatedAt: number;
  /** The newest change first. */
  readonly incidents: readonly PreviewedIncident[];
  /** Incidents that the time did not reach. */
  readonly left: number;
  /** Tenants and incidents that could not be looked at; one sentence each. */
  readonly problems: readonly string[];
}

export interface PreviewedIncident {
  readonly tenantId: string;
  readonly incidentId: string;
  readonly title: string;
  readonly stage: Stage;
  readonly severity: Severity;
  readonly changedAt: number;
  /** "source": it is not known here yet, and was read from Defender now. */
  readonly readFrom: "state" | "source";
  readonly tickets: readonly PreviewedTicket[];
}

export interface PreviewedTicket {
  readonly connector: string;
  readonly kind: string;
  /**
   * "send": an event is sent, named in `label`; "adopt": one was found, is taken as ours and gets the fields listed; "none": it is as it should be; "absent": no ticket, and none is
   * made; "unrouted": the connector's route does not want it; "unknown": the tool could not be asked.
   */
  readonly action: "create" | "adopt" | "update" | "send" | "none" | "wait" | "absent" | "unrouted" | "unknown";
  readonly label: string;
  readonly url: string;
  /** True where the ticket shows the newest change: what is listed is written with the next change, or by a rebuild. */
  readonly isShown: boolean;
  readonly fields: readonly PreviewedField[];
  readonly tags: { readonly add: readonly string[]; readonly remove: readonly string[] };
  readonly notes: number;
  /** Names of files that would be attached. */
  readonly files: readonly string[];
  /** Fields that others changed in the tool, and that are left as they are. */
  readonly drift: readonly string[];
  /** Why it waits, is absent or unknown, or what holds the work up; "" otherwise. */
  readonly reason: string;
}

export interface PreviewedField {
  readonly field: string;
  /** As the ticket was last seen; null where that is not known. */
  readonly from: string | null;
  readonly to: string;
  readonly why: PreviewReason;
}

/** "first": never written by us; "mapping": the incident is as it was, the mapping is not; "ours": others changed what is ours outright. */
export type PreviewReason = "first" | "changed" | "entering" | "ours" | "mapping";
