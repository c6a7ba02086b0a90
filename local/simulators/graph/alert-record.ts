/** A simulated alert; the rest of what alerts_v2 shows is derived from it. */
export interface AlertRecord extends Required<AlertFields> {
  readonly id: string;
  readonly ordinal: number;
  readonly incidentId: string;
  /** Counts the changes of this alert. */
  readonly version: number;
  readonly createdTicks: bigint;
  readonly updatedTicks: bigint;
}

export interface AlertFields {
  readonly title?: string;
  readonly description?: string;
  readonly severity?: string;
  readonly status?: string;
  readonly category?: string;
  readonly serviceSource?: string;
  readonly detectionSource?: string;
  readonly mitreTechniques?: readonly string[];
  readonly assignedTo?: string | null;
  readonly classification?: string | null;
  readonly determination?: string | null;
  readonly recommendedActions?: string;
  /** How far automated investigation and response has come. */
  readonly investigationState?: string;
  readonly evidence?: readonly Evidence[];
}

/** A thing an alert names. */
export type Evidence = EvidenceState &
  (
    | { readonly kind: "device"; readonly name: string; readonly os?: string }
    | { readonly kind: "user"; readonly upn: string; readonly name?: string }
    | {
        readonly kind: "file";
        readonly name: string;
        readonly path?: string;
        readonly sha1?: string;
        readonly sha256?: string;
      }
    | { readonly kind: "mail"; readonly subject: string; readonly recipient: string; readonly sender?: string }
    | { readonly kind: "mailbox"; readonly address: string }
    | { readonly kind: "ip"; readonly address: string }
    | { readonly kind: "url"; readonly url: string }
    | { readonly kind: "process"; readonly name: string; readonly commandLine: string }
  );

interface EvidenceState {
  /** "none" where absent. */
  readonly remediation?: string;
  readonly remediationDetails?: string;
  /** "suspicious" where absent. */
  readonly verdict?: string;
}

export function newAlertFields(): Required<AlertFields> {
  return {
    title: "Suspicious process executed",
    description: "",
    severity: "medium",
    status: "new",
    category: "Execution",
    serviceSource: "microsoftDefenderForEndpoint",
    detectionSource: "microsoftDefenderForEndpoint",
    mitreTechniques: [],
    assignedTo: null,
    classification: null,
    determination: null,
    recommendedActions: "",
    investigationState: "unknown",
    evidence: [],
  };
}
