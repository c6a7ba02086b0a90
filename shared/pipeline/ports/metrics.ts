/** Figures for an operator. Dimensions are ids and words of ours; never text of an incident. */
export interface Metrics {
  /** Counts what happened since the last call. */
  add<N extends CounterName>(name: N, count: number, dimensions: DimensionsOf<N>): void;
  /** One duration, in seconds. */
  record<N extends DurationName>(name: N, seconds: number, dimensions: DimensionsOf<N>): void;
  /** How things stand now: replaces everything that was said of this figure before. */
  set<N extends GaugeName>(name: N, points: readonly GaugePoint<N>[]): void;
}

export interface GaugePoint<N extends GaugeName> {
  readonly value: number;
  readonly dimensions: DimensionsOf<N>;
}

interface Figure {
  readonly kind: "counter" | "duration" | "gauge";
  /** As UCUM writes it; words that are counted in braces. */
  readonly unit: string;
  readonly description: string;
  readonly dimensions: readonly string[];
}

/** Every figure there is, with what it can be split by. `docs/metrics.md` and the workbook name no other. */
export const FIGURES = {
  "dexsync.deltas": {
    kind: "counter",
    unit: "{delta}",
    description: "Changes of incidents that were saved, by the stage they led to",
    dimensions: ["tenant", "stage"],
  },
  "dexsync.lag.seen": {
    kind: "duration",
    unit: "s",
    description: "From a change at Defender to its being read",
    dimensions: ["tenant"],
  },
  "dexsync.lag.queued": {
    kind: "duration",
    unit: "s",
    description: "From a change at Defender to its delta in a connector's queue",
    dimensions: ["tenant", "connector"],
  },
  "dexsync.lag.written": {
    kind: "duration",
    unit: "s",
    description: "From a change at Defender to the ticket that shows it",
    dimensions: ["tenant", "connector"],
  },
  "dexsync.passes": {
    kind: "counter",
    unit: "{pass}",
    description:
      "Looks at an incident's ticket, by what came of them: created, updated, sent, unchanged, stale, waiting, parked …",
    dimensions: ["tenant", "connector", "outcome"],
  },
  "dexsync.copies": {
    kind: "counter",
    unit: "{copy}",
    description: "Work put off to be tried again, by the reason",
    dimensions: ["tenant", "connector", "reason"],
  },
  "dexsync.polls": {
    kind: "counter",
    unit: "{poll}",
    description: "Readings of a tenant, by what asked for them and what came of them",
    dimensions: ["tenant", "cause", "outcome"],
  },
  "dexsync.graph.requests": {
    kind: "counter",
    unit: "{request}",
    description: "Requests to Graph, by what they were for",
    dimensions: ["tenant", "stream"],
  },
  "dexsync.findings": {
    kind: "counter",
    unit: "{finding}",
    description: "Tickets that a walk or a comparison found to be behind, missing, extra or drifted",
    dimensions: ["tenant", "connector", "kind"],
  },
  "dexsync.incidents.open": {
    kind: "gauge",
    unit: "{incident}",
    description: "Incidents that are not closed, by stage",
    dimensions: ["tenant", "stage"],
  },
  "dexsync.handovers": {
    kind: "gauge",
    unit: "{handover}",
    description: "Incidents that wait for the customer: within their time (open) and beyond it (overdue)",
    dimensions: ["tenant", "state"],
  },
  "dexsync.tickets.behind": {
    kind: "gauge",
    unit: "{ticket}",
    description: "Of the newest 100 incidents, tickets that do not show the newest change yet, by state",
    dimensions: ["connector", "state"],
  },
  "dexsync.tickets.drifted": {
    kind: "gauge",
    unit: "{ticket}",
    description: "Of the newest 100 incidents, tickets of which others changed what is ours",
    dimensions: ["connector"],
  },
  "dexsync.parked": {
    kind: "gauge",
    unit: "{work}",
    description: "Work that waits for a person",
    dimensions: ["connector"],
  },
  "dexsync.breaker.open": {
    kind: "gauge",
    unit: "1",
    description: "1 while a tool that fails as a whole is left alone but for a probe a minute",
    dimensions: ["connector"],
  },
  "dexsync.paused": {
    kind: "gauge",
    unit: "1",
    description: "1 while an operator holds a connector, or its tool wants nothing more (410)",
    dimensions: ["connector"],
  },
  "dexsync.watermark.age": {
    kind: "gauge",
    unit: "s",
    description: "Since the last complete reading of a tenant, or the first try where there was none",
    dimensions: ["tenant"],
  },
  "dexsync.quota.used": {
    kind: "gauge",
    unit: "%",
    description: "Of a minute's requests to Graph, how many are spent",
    dimensions: ["tenant", "budget"],
  },
  "dexsync.subscription.expiry": {
    kind: "gauge",
    unit: "s",
    description: "Until a Graph subscription ends, where there is one; nothing depends on it",
    dimensions: ["tenant"],
  },
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof FIGURES;
type NameOf<K extends Figure["kind"]> = {
  [N in FigureName]: (typeof FIGURES)[N]["kind"] extends K ? N : never;
}[FigureName];
export type CounterName = NameOf<"counter">;
export type DurationName = NameOf<"duration">;
export type GaugeName = NameOf<"gauge">;
export type DimensionsOf<N extends FigureName> = Readonly<Record<(typeof FIGURES)[N]["dimensions"][number], string>>;

export const NO_METRICS: Metrics = { add: () => undefined, record: () => undefined, set: () => undefined };
