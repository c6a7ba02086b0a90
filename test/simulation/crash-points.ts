import { type HistoryResult, runHistory } from "./history.ts";
import type { Watch } from "./life.ts";
import { type Plan, calmPlan } from "./plan.ts";
import type { TicketTool } from "./jira-plan.ts";
import { PLAIN_RECEIVER } from "./receiver-plan.ts";
import { hostOf } from "./product-config.ts";
import type { World } from "./world.ts";

/** The one tool of a fixed history. */
export type OneTool = TicketTool | "receiver";

export type Side = "before" | "after";

/** The process dies at this call of a port: before it is done, or once it is done and before its answer returns. */
export interface Kill {
  readonly call: number;
  readonly side: Side;
}

export interface KilledHistory {
  readonly result: HistoryResult;
  /** Every call of a port, in order, by what it was. */
  readonly calls: readonly string[];
  readonly kills: number;
}

const SECOND = 1_000;
const AWAY_MS = 1_000;

/** What a fixed history is made of; the calls in it are found by running it. */
interface FixedHistory {
  readonly activeMs: number;
  script(world: World): void;
}

/** A new ticket, with a remark. */
export const CREATE_PATH: FixedHistory = {
  activeMs: 45 * SECOND,
  script(world) {
    const [tenant] = world.tenants;
    world.timeline.at(world.startedAt + 5 * SECOND, () => {
      const incident = tenant?.experts.create("100");
      if (incident !== undefined) tenant?.experts.comment(incident);
    });
  },
};

/** Two incidents: created, worked on with a remark while the tool is away, resolved, reopened, and one merged into the other. */
export const WHOLE_LIFE: FixedHistory = {
  activeMs: 165 * SECOND,
  script(world) {
    const [tenant] = world.tenants;
    const { timeline, startedAt, network } = world;
    if (tenant === undefined) return;
    const { experts, incidents } = tenant;
    const at = (second: number, work: () => void): void => void timeline.at(startedAt + second * SECOND, work);
    const change = (id: string, fields: Parameters<typeof experts.change>[1]): void => {
      const incident = incidents.get(id);
      if (incident !== undefined) experts.change(incident, fields);
    };
    at(5, () => {
      experts.create("100");
      experts.create("101", { severity: "low" });
    });
    at(35, () => {
      change("100", { status: "inProgress", assignedTo: "Defender Experts" });
      const incident = incidents.get("100");
      if (incident !== undefined) experts.comment(incident);
      // The update meets a tool that is away: a copy waits.
      for (const tool of toolsOf(world.plan)) network.fail(hostOf(tool, "a"), startedAt + 47 * SECOND);
    });
    at(65, () => change("100", { status: "resolved", classification: "truePositive", determination: "malware" }));
    at(95, () => change("100", { status: "active", severity: "high" }));
    at(125, () => {
      const [loser, survivor] = [incidents.get("101"), incidents.get("100")];
      if (loser !== undefined && survivor !== undefined) experts.merge(loser, survivor);
    });
  },
};

/** A fixed history, with the process killed at these calls. A kill of the second life counts that life's calls from 1. */
export async function runKilled(
  history: FixedHistory,
  kills: readonly Kill[],
  tool: OneTool = "servicenow",
): Promise<KilledHistory> {
  const calls: string[] = [];
  let done = 0;
  let numberInLife = 0;
  const result = await runHistory(1, {
    plan: planOf(history, tool),
    script: (world) => history.script(world),
    watch: (world): Watch => {
      const die = (number: number, side: Side): void => {
        const next = kills[done];
        if (next?.call !== number || next.side !== side) return;
        done += 1;
        numberInLife = 0;
        const [life] = world().lives();
        if (life !== undefined) world().kill(life);
        world().timeline.after(AWAY_MS, () => world().start());
      };
      return {
        before(call) {
          numberInLife += 1;
          const number = numberInLife;
          if (world().timeline.now() <= world().until) calls.push(call);
          die(number, "before");
          return number;
        },
        after: (number) => die(number, "after"),
      };
    },
  });
  return { result, calls, kills: done };
}

function toolsOf({ ticketTools, receiver }: Plan): readonly OneTool[] {
  return receiver === undefined ? ticketTools.a : [...ticketTools.a, "receiver"];
}

function planOf({ activeMs }: FixedHistory, tool: OneTool): Plan {
  const plan = calmPlan(1);
  return {
    ...plan,
    tenants: ["a"],
    ticketTools: tool === "receiver" ? { a: [], b: [] } : { a: [tool], b: [tool] },
    receiver: tool === "receiver" ? PLAIN_RECEIVER : undefined,
    hasSentinel: tool === "servicenow",
    incidents: 0,
    activeMs,
    intervalMs: 15 * SECOND,
    requestsPerMinute: 1_000,
    experts: "all",
    onHold: false,
    source: { ...plan.source, pageSize: 50, order: "updated", lateRow: 0, sharedStamp: 0, staleRead: 0 },
    serviceNow: { searchLagMs: 4_000, isJournalReadable: true, closesAfterMs: 0 },
    jira: { ...plan.jira, flavor: "cloud", workflow: "steps", searchLagMs: 30_000, writesPerIssue: 0, conflict: 0 },
    sentinel: { twinAfterMs: 0, takesFilter: true },
    person: 0,
  };
}
