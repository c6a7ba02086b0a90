import type { SimulatorClock } from "../clock.ts";

/** An offense as the console keeps it. */
export interface Offense {
  readonly id: number;
  readonly offense_source: string;
  readonly description: string;
  readonly start_time: number;
  status: "OPEN" | "HIDDEN" | "CLOSED";
  follow_up: boolean;
  protected: boolean;
  assigned_to: string | null;
  closing_reason_id: number | null;
  close_time: number | null;
  last_persisted_time: number;
  event_count: number;
  readonly log_sources: ReadonlyArray<{ readonly id: number; readonly name: string }>;
}

export interface ClosingReason {
  readonly id: number;
  readonly text: string;
  readonly is_deleted: boolean;
  readonly is_reserved: boolean;
}

export interface LogSource {
  readonly id: number;
  readonly name: string;
  readonly type_id: number;
  readonly coalesce_events: boolean;
  readonly store_event_payload: boolean;
  readonly identifier: string;
}

export interface Property {
  readonly identifier: string;
  readonly name: string;
  readonly use_for_rule_engine: boolean;
  /** The key of LEEF that it is taken out of. */
  key?: string;
}

export interface QRadarStore {
  readonly offenses: Map<number, Offense>;
  readonly notes: Map<number, string[]>;
  readonly reasons: ClosingReason[];
  readonly tables: Map<string, Map<string, Map<string, string>>>;
  readonly logSources: LogSource[];
  readonly properties: Property[];
  /** Raises one, for the console's own rules too. */
  raise(source: string, description: string, logSource: string): Offense;
  touch(offense: Offense): void;
}

export const UNIVERSAL_LEEF = 247;

export function createQRadarStore(clock: SimulatorClock): QRadarStore {
  let lastId = 100;
  const store: QRadarStore = {
    offenses: new Map(),
    notes: new Map(),
    reasons: ["Non-Issue", "False-Positive, Tuned", "Policy Violation"].map((text, index) => ({
      id: index + 1,
      text,
      is_deleted: false,
      is_reserved: false,
    })),
    tables: new Map(),
    logSources: [],
    properties: [],
    raise(source, description, logSource) {
      const now = clock.now();
      lastId += 1;
      const offense: Offense = {
        id: lastId,
        offense_source: source,
        description,
        start_time: now,
        status: "OPEN",
        follow_up: false,
        protected: false,
        assigned_to: null,
        closing_reason_id: null,
        close_time: null,
        last_persisted_time: now,
        event_count: 0,
        log_sources: [{ id: 62, name: logSource }],
      };
      store.offenses.set(offense.id, offense);
      return offense;
    },
    touch(offense) {
      offense.last_persisted_time = clock.now();
    },
  };
  return store;
}
