/** One change of a simulated incident, at the moment it happened. */
export interface IncidentChange {
  readonly sequence: number;
  readonly incidentId: string;
  readonly kind: ChangeKind;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** lastUpdateDateTime as it stands after the change. */
  readonly stamp: string;
  /** `api`: asked for by a request; `tenant`: done by the simulated people. */
  readonly via: "api" | "tenant";
}

export type ChangeKind = "create" | "change" | "comment" | "alert" | "merge" | "redirect" | "drop";

/** What happened, for tests that measure latency and for what follows the incidents (Sentinel's connector, subscriptions). */
export interface ChangeLog {
  add(change: Omit<IncidentChange, "sequence">): void;
  /** Changes after a sequence number; the oldest are forgotten. */
  since(sequence: number): readonly IncidentChange[];
  size(): number;
  /** Called at once, in the middle of the change: must be quick and must not throw. Answers how to stop. */
  listen(listener: (change: IncidentChange) => void): () => void;
}

const KEPT_CHANGES = 200_000;

export function createChangeLog(): ChangeLog {
  const listeners = new Set<(change: IncidentChange) => void>();
  let kept: IncidentChange[] = [];
  let sequence = 0;
  return {
    add(change) {
      sequence += 1;
      const numbered = { ...change, sequence };
      kept.push(numbered);
      if (kept.length > KEPT_CHANGES * 1.25) kept = kept.slice(-KEPT_CHANGES);
      for (const listener of listeners) listener(numbered);
    },
    since(after) {
      const first = kept[0]?.sequence ?? sequence + 1;
      return kept.slice(Math.max(0, after + 1 - first));
    },
    size: () => sequence,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
