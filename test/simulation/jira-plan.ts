import type { JiraWorkflowKind } from "./jira-workflow.ts";
import type { TenantName } from "./product-config.ts";
import type { Prng } from "./prng.ts";

export type TicketTool = "servicenow" | "jira";

/** Which lanes a tenant has for its tickets. */
export type TicketTools = Readonly<Record<TenantName, readonly TicketTool[]>>;

export interface JiraPlan {
  readonly flavor: "cloud" | "dataCenter";
  readonly workflow: JiraWorkflowKind;
  /** One of Jira Service Management: a comment is shown to customers unless it says otherwise. */
  readonly isServiceProject: boolean;
  readonly searchLagMs: number;
  /** Set in the configuration; undefined: the product's own. */
  readonly settleMs: number | undefined;
  /** Writes that one issue takes in ten seconds; 0: any number. */
  readonly writesPerIssue: number;
  /** An edit or a transition meets somebody else's. */
  readonly conflict: number;
}

export const SERVICENOW_ALONE: TicketTools = { a: ["servicenow"], b: ["servicenow"] };

/** Most have one, so that a history costs what it did when there was but one. */
export function drawTicketTools(random: Prng): TicketTools {
  const draw = (): readonly TicketTool[] => {
    const drawn = random.next();
    if (drawn < 0.1) return ["servicenow", "jira"];
    return drawn < 0.55 ? ["servicenow"] : ["jira"];
  };
  return { a: draw(), b: draw() };
}

export function drawJira(random: Prng): JiraPlan {
  return {
    flavor: random.pick(["cloud", "dataCenter"]),
    workflow: random.pick(["simple", "steps", "final"]),
    isServiceProject: random.chance(0.3),
    searchLagMs: random.pick([0, 3_000, 50_000]),
    settleMs: undefined,
    writesPerIssue: random.pick([0, 0, 4]),
    conflict: random.chance(0.3) ? random.between(0.02, 0.15) : 0,
  };
}
