import { applyRules } from "./business-rules.ts";
import type { ChoiceList } from "./choice-list.ts";
import { type Column, INCIDENT_COLUMNS, SECURITY_COLUMNS } from "./columns.ts";
import { applySecurityRules } from "./security-rules.ts";
import type { ServiceNowBehaviour } from "./servicenow-behaviour.ts";
import { type Fields, type Refusal, type WriteContext, mandatory } from "./write-context.ts";

export type TicketTable = "incident" | "sn_si_incident";

/** What makes a table of tickets: its columns, and the rules that a write meets. */
export interface TableDefinition {
  readonly name: TicketTable;
  readonly numberPrefix: string;
  readonly columns: Readonly<Record<string, Column>>;
  write(context: Omit<WriteContext, "isChoice">): Fields | Refusal;
}

export function incidentTable(behaviour: ServiceNowBehaviour, choices: ChoiceList): TableDefinition {
  return definition("incident", "INC", INCIDENT_COLUMNS, applyRules, behaviour, choices);
}

export function securityTable(behaviour: ServiceNowBehaviour, choices: ChoiceList): TableDefinition {
  const rules = (context: WriteContext): Fields | Refusal => applySecurityRules(context, behaviour);
  return definition("sn_si_incident", "SIR", SECURITY_COLUMNS, rules, behaviour, choices);
}

function definition(
  name: TicketTable,
  numberPrefix: string,
  columns: TableDefinition["columns"],
  rules: (context: WriteContext) => Fields | Refusal,
  behaviour: ServiceNowBehaviour,
  choices: ChoiceList,
): TableDefinition {
  return {
    name,
    numberPrefix,
    columns,
    write(context) {
      const isChoice = (element: string, value: string): boolean => choices.has(name, element, value);
      const after = rules({ ...context, isChoice });
      if (context.isAdmin || "detail" in after) return after;
      const demanded = behaviour.mandatoryColumns.split(",").filter((column) => Object.hasOwn(columns, column));
      const detail = mandatory(after, Object.fromEntries(demanded.map((column) => [column, column])));
      return detail === undefined ? after : { status: 403, detail };
    },
  };
}
