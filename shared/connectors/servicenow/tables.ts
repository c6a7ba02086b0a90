import type { Stage } from "../../incident/lifecycle.ts";

export type ServiceNowTable = "incident" | "sn_si_incident";
export type MappedStage = Exclude<Stage, "unrecognised">;

/** What differs between the two tables that hold tickets. Numbers are a base system's; an instance may have others. */
export interface TableFacts {
  readonly states: Readonly<Record<MappedStage, string>>;
  /** In these states the work is over; `takesNoChange` says whether a record in one of them can still be written to by an ordinary account. */
  readonly closedStates: readonly string[];
  readonly takesNoChange: readonly string[];
  /** Whether the instance may refuse to leave out a state between two others. */
  readonly mayRefuseJumps: boolean;
  /** "" where the base system's close codes are not documented: then each is to be configured. */
  readonly closeCode: string;
  readonly duplicateCloseCode: string;
  readonly parentField: string;
  /** What people call it, for messages. */
  readonly codeName: string;
}

/** Source: ServiceNow documentation, "Incident management state model"; Closed (7) belongs to the instance's own timer. */
const INCIDENT: TableFacts = {
  states: { active: "1", inProgress: "2", awaitingCustomerAction: "2", resolved: "6", redirected: "6" },
  closedStates: ["7"],
  takesNoChange: ["7"],
  mayRefuseJumps: false,
  closeCode: "Solution provided",
  duplicateCloseCode: "Duplicate",
  parentField: "parent_incident",
  codeName: "resolution code",
};

/** Draft, Analysis, Contain, Closed. Whether Closed takes changes, and which jumps are allowed, is the instance's process definition. */
const SECURITY_INCIDENT: TableFacts = {
  states: { active: "10", inProgress: "16", awaitingCustomerAction: "18", resolved: "3", redirected: "3" },
  closedStates: ["3", "7"],
  takesNoChange: [],
  mayRefuseJumps: true,
  closeCode: "",
  duplicateCloseCode: "",
  parentField: "parent",
  codeName: "close code",
};

export const TABLES: Readonly<Record<ServiceNowTable, TableFacts>> = {
  incident: INCIDENT,
  sn_si_incident: SECURITY_INCIDENT,
};
