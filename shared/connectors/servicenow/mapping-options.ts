import { PermanentError } from "../../errors.ts";
import type { Classification, Severity } from "../../incident/verdict.ts";
import { type MappedStage, type ServiceNowTable, TABLES } from "./tables.ts";

/** What a user may set; what is left out has the default of a base instance. */
export interface ServiceNowMapping {
  readonly states?: Partial<Record<MappedStage, string>>;
  /** `sys_id` or name of the group that acts when it is the customer's turn. */
  readonly assignmentGroup?: string;
  readonly impact?: Partial<Record<Severity, string>>;
  readonly urgency?: Partial<Record<Severity, string>>;
  readonly closeCodes?: Partial<Record<Classification, string>>;
  readonly duplicateCloseCode?: string;
  /** Awaiting Customer Action as On Hold / Awaiting Caller: for a provider whose caller is the customer. */
  readonly onHold?: boolean;
  /** `sys_id` or name. */
  readonly callerId?: string;
  readonly category?: string;
  /** Column that ties a merged ticket to its survivor's; "" for none. */
  readonly parentField?: string;
  /** "comments" is what the customer sees. */
  readonly notes?: "workNotes" | "comments";
  /** The evidence as a file, on the handover and on the resolution. */
  readonly attachEvidence?: boolean;
  /** Columns of the user's own with the same value in each ticket: what a data policy demands. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** The mapping with its defaults filled in; "" where a field is not written at all. */
export interface FullMapping {
  readonly table: ServiceNowTable;
  readonly states: Readonly<Record<MappedStage, string>>;
  readonly assignmentGroup: string;
  readonly impact: Readonly<Record<Severity, string>>;
  readonly urgency: Readonly<Record<Severity, string>>;
  readonly closeCodes: Readonly<Record<Classification, string>>;
  readonly duplicateCloseCode: string;
  readonly onHold: boolean;
  readonly callerId: string;
  readonly category: string;
  readonly parentField: string;
  readonly notesField: "work_notes" | "comments";
  readonly attachEvidence: boolean;
  readonly fields: Readonly<Record<string, string>>;
}

/** `incident.state`. */
const ON_HOLD = "3";
const CLOSED = "7";

/** 1 High, 2 Medium, 3 Low; ServiceNow makes the priority of both: high P2, medium P3, low P4, informational P5. */
const IMPACT: Record<Severity, string> = {
  high: "2",
  medium: "2",
  low: "3",
  informational: "3",
  unknown: "2",
  unrecognised: "2",
};
const URGENCY: Record<Severity, string> = {
  high: "1",
  medium: "2",
  low: "2",
  informational: "3",
  unknown: "2",
  unrecognised: "2",
};

export function fullMapping(mapping: ServiceNowMapping, table: ServiceNowTable = "incident"): FullMapping {
  const facts = TABLES[table];
  const onHold = mapping.onHold ?? false;
  const states = {
    ...facts.states,
    ...(onHold ? { awaitingCustomerAction: ON_HOLD } : {}),
    redirected: mapping.states?.resolved ?? facts.states.redirected,
    ...mapping.states,
  };
  const closing = Object.entries(states).find(([, state]) => state === CLOSED);
  if (table === "incident" && closing !== undefined) {
    throw new PermanentError(
      "misconfigured",
      `mapping.states.${closing[0]} is 7 (Closed), which takes no more changes`,
      {
        mend: "use 6 (Resolved); the instance closes resolved incidents by itself",
      },
    );
  }
  return {
    table,
    states,
    assignmentGroup: mapping.assignmentGroup ?? "",
    impact: { ...IMPACT, ...mapping.impact },
    urgency: { ...URGENCY, ...mapping.urgency },
    closeCodes: { ...everyCode(facts.closeCode), ...mapping.closeCodes },
    duplicateCloseCode: mapping.duplicateCloseCode ?? facts.duplicateCloseCode,
    onHold,
    callerId: mapping.callerId ?? "",
    category: mapping.category ?? "",
    parentField: mapping.parentField ?? facts.parentField,
    notesField: mapping.notes === "comments" ? "comments" : "work_notes",
    attachEvidence: mapping.attachEvidence ?? false,
    fields: mapping.fields ?? {},
  };
}

function everyCode(code: string): Readonly<Record<Classification, string>> {
  return {
    truePositive: code,
    informationalExpectedActivity: code,
    falsePositive: code,
    unknown: code,
    unrecognised: code,
  };
}
