import { PermanentError } from "../../errors.ts";
import type { Classification, Severity } from "../../incident/verdict.ts";

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
}

type MappedStage = "active" | "inProgress" | "awaitingCustomerAction" | "resolved" | "redirected";

/** The mapping with its defaults filled in; "" where a field is not written at all. */
export interface FullMapping {
  readonly states: Readonly<Record<MappedStage, string>>;
  readonly assignmentGroup: string;
  readonly impact: Readonly<Record<Severity, string>>;
  readonly urgency: Readonly<Record<Severity, string>>;
  readonly closeCodes: Readonly<Record<Classification, string>>;
  readonly duplicateCloseCode: string;
  readonly onHold: boolean;
  readonly callerId: string;
  readonly category: string;
}

/** Base states. Closed is not among them: it belongs to the instance's own timer, and takes no more changes. */
const NEW = "1";
const IN_PROGRESS = "2";
const ON_HOLD = "3";
const RESOLVED = "6";
export const CLOSED = "7";

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

const CLOSE_CODE = "Solution provided";
const CLOSE_CODES: Record<Classification, string> = {
  truePositive: CLOSE_CODE,
  informationalExpectedActivity: CLOSE_CODE,
  falsePositive: CLOSE_CODE,
  unknown: CLOSE_CODE,
  unrecognised: CLOSE_CODE,
};

export function fullMapping(mapping: ServiceNowMapping): FullMapping {
  const onHold = mapping.onHold ?? false;
  const states = {
    active: NEW,
    inProgress: IN_PROGRESS,
    awaitingCustomerAction: onHold ? ON_HOLD : IN_PROGRESS,
    resolved: RESOLVED,
    redirected: mapping.states?.resolved ?? RESOLVED,
    ...mapping.states,
  };
  const closing = Object.entries(states).find(([, state]) => state === CLOSED);
  if (closing !== undefined) {
    throw new PermanentError(
      "misconfigured",
      `mapping.states.${closing[0]} is 7 (Closed), which takes no more changes`,
      {
        mend: "use 6 (Resolved); the instance closes resolved incidents by itself",
      },
    );
  }
  return {
    states,
    assignmentGroup: mapping.assignmentGroup ?? "",
    impact: { ...IMPACT, ...mapping.impact },
    urgency: { ...URGENCY, ...mapping.urgency },
    closeCodes: { ...CLOSE_CODES, ...mapping.closeCodes },
    duplicateCloseCode: mapping.duplicateCloseCode ?? "Duplicate",
    onHold,
    callerId: mapping.callerId ?? "",
    category: mapping.category ?? "",
  };
}
