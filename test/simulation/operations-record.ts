/** What was done at the operator's desk and to the whole of bus and state, as whoever did it wrote it down. */
export interface OperationsRecord {
  readonly drops: Drop[];
  readonly poison: PoisonMessage[];
  readonly busLostAt: number[];
  readonly stateLostAt: number[];
}

/** Work of one ticket that somebody decided not to do. */
export interface Drop {
  readonly tenant: string;
  readonly tool: string;
  readonly incidentId: string;
  /** The product's own number of the state that the ticket lacks, as it was listed. */
  readonly seq: number;
  /** When the order was taken; undefined where its answer never came. */
  takenAt: number | undefined;
}

export interface PoisonMessage {
  readonly queue: string;
  /** As it was sent. */
  readonly text: string;
  readonly at: number;
  /** An operator threw it away, or the bus did not say that it has it. */
  isGone: boolean;
}

/** A line of the list of parked work, as an operator sees it. */
export interface ParkedLine {
  readonly tenantId: string;
  readonly incidentId: string;
  /** A connector's id, "source", or a queue. */
  readonly what: string;
  readonly reason: string;
  readonly seq?: number;
  readonly body?: unknown;
}

export function emptyRecord(): OperationsRecord {
  return { drops: [], poison: [], busLostAt: [], stateLostAt: [] };
}

const TOOLS: Readonly<Record<string, string>> = {
  itsm: "servicenow",
  sentinel: "sentinel",
  jira: "jira",
  soar: "webhook",
};

/** Connectors are named by what they are and their tenant's letter; undefined for what is no connector. */
export function toolOf(what: string): { readonly tool: string; readonly tenant: string } | undefined {
  const [, kind = "", tenant = ""] = /^([a-z]+)-([a-z])$/.exec(what) ?? [];
  const tool = TOOLS[kind];
  return tool === undefined ? undefined : { tool, tenant };
}
