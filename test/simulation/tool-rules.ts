import { serviceNowFields, tagsOf } from "./expected.ts";
import { isOurLabel, jiraTagsOf } from "./expected-jira.ts";
import { isFinal } from "./jira-workflow.ts";
import type { TicketPlace } from "./oracle.ts";
import type { Plan } from "./plan.ts";
import type { SourceIncident, SourceVersion } from "./source-record.ts";
import type { TicketRecord } from "./ticket-record.ts";

/** What the oracle must know of a tool to judge a write there. */
export interface ToolRules {
  /** Written when a stage is entered, whatever was last written. */
  readonly statusFields: readonly string[];
  /** Not compared with what people wrote: appended, ours outright, or judged elsewhere. */
  readonly aside: readonly string[];
  /** It takes no more changes, or none that opens it again: another ticket may continue it. */
  isFinal(record: TicketRecord): boolean;
  isOurLabel(label: string): boolean;
  /** Labels that are ours, but `dex:experts`. */
  tagsOf(version: SourceVersion): readonly string[];
  /** Whether a field should hold this by the newest version; absent where that does not say whose a value is. */
  isWanted?(incident: SourceIncident, name: string, value: string): boolean;
}

export function rulesOf(tool: TicketPlace["tool"], plan: Plan): ToolRules {
  if (tool === "jira") {
    return {
      statusFields: [],
      aside: ["correlation_id", "labels", "status", "resolution", "link", "links", "work_notes", "seen_by"],
      isFinal: (record) => isFinal(plan.jira.workflow, record.values["status"]),
      isOurLabel,
      tagsOf: jiraTagsOf,
    };
  }
  return {
    statusFields: ["state", "close_code", "close_notes", "hold_reason", "assignment_group"],
    aside: ["correlation_id", "correlation_display", "work_notes", "comments"],
    isFinal: (record) => record.values["state"] === "7",
    isOurLabel: (label) => label.startsWith("dex:"),
    tagsOf,
    isWanted(incident, name, value) {
      const fields = serviceNowFields(incident, { onHold: plan.onHold, wasResolvedThere: false, survivors: [] });
      return fields.get(name)?.(value) === true;
    },
  };
}
