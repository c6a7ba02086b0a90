/** What may be wrong with a history. */
export type ViolationKind =
  | "lost"
  | "duplicate"
  | "regressed"
  | "comment twice"
  | "comment missing"
  | "cross-tenant"
  | "person overwritten"
  | "shown to customers"
  | "not wanted"
  | "told wrong"
  | "told again"
  | "not parked"
  | "still parked"
  | "done though dropped"
  | "not quiet"
  | "busy loop";

export interface Violation {
  readonly kind: ViolationKind;
  readonly tenant: string;
  readonly incidentId: string;
  readonly tool: string;
  readonly what: string;
  /** What else was so, for telling findings apart. */
  readonly hints: readonly string[];
  /** Milliseconds since the history began. */
  readonly at: number;
}
