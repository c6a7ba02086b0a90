import type { RequestCount } from "../local/simulators/http/request-counters.ts";
import type { ConnectorId } from "../shared/connectors/connector.ts";
import { handleDelta } from "../shared/pipeline/lane/handle-delta.ts";
import { handlePollMessage } from "../shared/pipeline/handle-poll-request.ts";
import { type InProcess, configOf, jiraConfigOf, startInProcess } from "./in-process.ts";

export const TARGETS = ["ServiceNow", "Jira Cloud", "Jira Data Center", "Sentinel"] as const;
export type Target = (typeof TARGETS)[number];

/** A handler run that called the tool, by the tool's own count of requests over HTTP. */
export interface Pass {
  readonly reads: number;
  readonly writes: number;
}

export interface PassCount {
  /** Numbers given to snapshots: each is sent to the lane once. */
  readonly changes: number;
  readonly passes: readonly Pass[];
}

export interface PassCounter {
  readonly product: InProcess;
  /** Does the work, polls, and counts all that follows from both. */
  count(work: () => void | Promise<void>): Promise<PassCount>;
  /** Reads the source and saves what changed; the lane works beside it. */
  detect(): Promise<void>;
  /** The lane is busy with what it has until this is called. */
  hold(): () => void;
  close(): Promise<void>;
}

const PLACE_OF = {
  ServiceNow: { id: "itsm", service: "serviceNow", flavor: "cloud" },
  "Jira Cloud": { id: "jira", service: "jira", flavor: "cloud" },
  "Jira Data Center": { id: "jira", service: "jira", flavor: "dataCenter" },
  Sentinel: { id: "sentinel", service: "sentinel", flavor: "cloud" },
} as const satisfies Record<Target, object>;

/** The product with one connector alone; its lane's handlers run one after the other, so that each request has its pass. */
export async function startPassCounter(target: Target): Promise<PassCounter> {
  const { id, service, flavor } = PLACE_OF[target];
  const product = await startInProcess(
    (tenant) => {
      const all = [...(configOf(tenant)["connectors"] as readonly object[]), jiraConfigOf(tenant)];
      return { connectors: all.filter((connector) => "id" in connector && connector.id === id) };
    },
    { jira: { flavor } },
  );
  const { requests } = product.tenant[service];
  const body = { v: 1, tenantId: product.tenant.graph.tenantId, cause: "timer" };
  let passes: Pass[] = [];
  let before = Promise.resolve();
  product.bus.on(`incident-deltas-${id}`, (message) => {
    before = before.then(() => run(message));
    return before;
  });

  async function run(message: unknown): Promise<void> {
    const start = countOf(requests.read());
    await handleDelta(product.composition, id as ConnectorId, message, Date.now());
    const end = countOf(requests.read());
    const pass = { reads: end.reads - start.reads, writes: end.writes - start.writes };
    if (pass.reads + pass.writes > 0) passes.push(pass);
  }

  return {
    product,
    async count(work) {
      passes = [];
      const lines = product.lines.length;
      await work();
      await product.poll();
      return { changes: changesIn(product.lines.slice(lines)), passes };
    },
    detect: () => handlePollMessage(product.composition, { ...body, requestedAt: Date.now() }, Date.now()),
    hold() {
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      before = before.then(() => held);
      return release;
    },
    close: () => product.close(),
  };
}

function countOf({ byKind }: RequestCount): Pass {
  let reads = 0;
  let writes = 0;
  for (const [kind, count] of Object.entries(byKind)) {
    if (/^(GET|list|read) /.test(kind)) reads += count;
    else writes += count;
  }
  return { reads, writes };
}

/** What was read, survivors of merges, and losers that are told of a ticket. */
function changesIn(lines: InProcess["lines"]): number {
  const raised = lines.filter(({ message }) => message === "change saved" || message === "survivor raised").length;
  const told = lines
    .filter(({ message, fields }) => message === "tenant polled" && fields["outcome"] === "republished")
    .reduce((sum, { fields }) => sum + Number(fields["changes"]), 0);
  return raised + told;
}
