import type { JiraTransition } from "../../local/simulators/jira/jira-project.ts";
import type { JiraOptions } from "../../local/simulators/jira/start-jira.ts";
import type { InProcess } from "../in-process.ts";

/** Something that a configuration does not know of its tool, and hits one incident and not another. */
export interface BadInput {
  readonly name: string;
  readonly connector: "itsm" | "jira";
  readonly mapping?: Readonly<Record<string, unknown>>;
  readonly project?: JiraOptions["project"];
  /** Before anything is written. */
  readonly prepare?: (product: InProcess) => void;
  /** What both incidents are made with. */
  readonly begin?: Readonly<Record<string, unknown>>;
  /** Once both incidents may have their tickets; `flowing` is the id of the one that goes on. */
  readonly spoil?: (product: InProcess, flowing: string) => void;
  /** What happens to the incident that is hit; "new" where it has no ticket before. */
  readonly hit: "new" | Readonly<Record<string, unknown>>;
  readonly flows: Readonly<Record<string, unknown>>;
  /** In the tool's own words, or those of what it offers. */
  readonly said: RegExp;
  readonly mend: RegExp;
  /** Absent where the product looks again a minute later; `servicenow-instance.test.ts` waits for that. */
  readonly repair?: (product: InProcess) => void;
}

const RESOLVED = { status: "resolved", classification: "falsePositive", determination: "notMalicious" };
const IN_WORK = { status: "inProgress", assignedTo: "Defender Experts" };
const HANDED_OVER = { status: "awaitingAction", assignedTo: "Customer" };
const START: JiraTransition = { id: "11", name: "Start", from: "To Do", to: "In Progress" };
const RESOLVE = { id: "41", name: "Resolve", to: "Done", screen: { resolution: { required: true } } };
const SITE = "customfield_10001";

export function badInputs(): readonly BadInput[] {
  // A project's administrators change it while the product runs.
  const requiredFields: Record<string, string> = {};
  const resolutions = ["Fixed"];
  const transitions = [START];
  return [
    {
      name: "ServiceNow: a column that a data policy demands",
      connector: "itsm",
      spoil({ tenant, records }, flowing) {
        const sysId = records(flowing)[0]?.["sys_id"] ?? "";
        tenant.serviceNow.changeAsAdmin(sysId, { subcategory: "Munich" });
        tenant.serviceNow.behaviour.mandatoryColumns = "subcategory";
      },
      hit: "new",
      flows: IN_WORK,
      said: /Data Policy Exception: mandatory: subcategory/,
      mend: /mapping\.fields/,
      repair: ({ tenant }) => void (tenant.serviceNow.behaviour.mandatoryColumns = ""),
    },
    {
      name: "Jira: a field that the project requires",
      connector: "jira",
      project: { requiredFields },
      spoil: () => void (requiredFields[SITE] = "Site"),
      hit: "new",
      flows: IN_WORK,
      said: /customfield_10001: Site is required/,
      mend: /mapping\.fields/,
      repair: () => void Reflect.deleteProperty(requiredFields, SITE),
    },
    {
      name: "ServiceNow: a close code that the instance does not have",
      connector: "itsm",
      mapping: { closeCodes: { falsePositive: "House code" } },
      hit: RESOLVED,
      flows: { ...RESOLVED, classification: "truePositive", determination: "malware" },
      said: /the instance has no resolution code "House code" in incident; it has/,
      mend: /mapping\.closeCodes/,
    },
    {
      name: "ServiceNow: the same where the account cannot look the codes up",
      connector: "itsm",
      mapping: { closeCodes: { falsePositive: "House code" } },
      prepare({ tenant }) {
        tenant.serviceNow.behaviour.choicesReadable = false;
      },
      hit: RESOLVED,
      flows: { ...RESOLVED, classification: "truePositive", determination: "malware" },
      said: /ServiceNow refused the record \(403 \(.*"House code" is not a choice of Resolution code/,
      mend: /mapping\.closeCodes/,
      repair: ({ tenant }) => tenant.serviceNow.choices.add("incident", "close_code", "House code"),
    },
    {
      name: "Jira: a resolution that the closing screen does not offer",
      connector: "jira",
      mapping: { resolutions: { truePositive: "Fixed" } },
      project: { resolutions, transitions: [START, { ...RESOLVE, from: "In Progress" }] },
      begin: IN_WORK,
      hit: RESOLVED,
      flows: { ...RESOLVED, classification: "truePositive", determination: "malware" },
      said: /the screen of the transition "Resolve" requires .*resolution, one of Fixed/,
      mend: /mapping\.resolutions/,
      repair: () => void resolutions.push("Done"),
    },
    {
      name: "ServiceNow: a state that there is not",
      connector: "itsm",
      mapping: { states: { awaitingCustomerAction: "99" } },
      hit: HANDED_OVER,
      flows: IN_WORK,
      said: /the instance has no state "99" in incident; it has 1 \(New\)/,
      mend: /mapping\.states/,
    },
    {
      name: "Jira: a transition that there is not",
      connector: "jira",
      project: { transitions },
      begin: IN_WORK,
      hit: HANDED_OVER,
      flows: { displayName: "A new title" },
      said: /no way through the workflow leads from .* to "Waiting for SOC"/,
      mend: /mapping\.statuses.*add the transition/,
      repair: () => void transitions.push({ id: "21", name: "Hand over", from: "In Progress", to: "Waiting for SOC" }),
    },
    {
      name: "Jira: a project in which the account may make no issue",
      connector: "jira",
      spoil: ({ tenant }) => permit(tenant.jira.behaviour, "CREATE_ISSUES", false),
      hit: "new",
      flows: IN_WORK,
      said: /Jira forbade the write \(403/,
      mend: /permissions Create, Edit/,
      repair: ({ tenant }) => permit(tenant.jira.behaviour, "CREATE_ISSUES", true),
    },
    {
      name: "Jira: a project in which the account may make no transition",
      connector: "jira",
      spoil: ({ tenant }) => permit(tenant.jira.behaviour, "TRANSITION_ISSUES", false),
      hit: IN_WORK,
      flows: { displayName: "A new title" },
      said: /this account may not change its status/,
      mend: /Transition Issues/,
      repair: ({ tenant }) => permit(tenant.jira.behaviour, "TRANSITION_ISSUES", true),
    },
  ];
}

function permit(behaviour: { permissions: string }, permission: string, isPermitted: boolean): void {
  const others = behaviour.permissions.split(",").filter((held) => held !== permission);
  behaviour.permissions = [...others, ...(isPermitted ? [permission] : [])].join(",");
}
