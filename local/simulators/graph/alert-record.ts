/** A simulated alert; the rest of what alerts_v2 shows is derived from it. */
export interface AlertRecord extends Required<AlertFields> {
  readonly id: string;
  readonly ordinal: number;
  readonly incidentId: string;
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
  readonly evidence?: readonly Evidence[];
}

/** A thing an alert names. */
export type Evidence =
  | { readonly kind: "device"; readonly name: string; readonly os?: string; readonly remediation?: string }
  | { readonly kind: "user"; readonly upn: string; readonly name?: string; readonly remediation?: string }
  | {
      readonly kind: "file";
      readonly name: string;
      readonly path?: string;
      readonly sha1?: string;
      readonly remediation?: string;
    }
  | {
      readonly kind: "mail";
      readonly subject: string;
      readonly recipient: string;
      readonly sender?: string;
      readonly remediation?: string;
    }
  | { readonly kind: "mailbox"; readonly address: string; readonly remediation?: string }
  | { readonly kind: "ip"; readonly address: string; readonly remediation?: string }
  | { readonly kind: "url"; readonly url: string; readonly remediation?: string }
  | { readonly kind: "process"; readonly name: string; readonly commandLine: string; readonly remediation?: string };

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
    evidence: [],
  };
}
