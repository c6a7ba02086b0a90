import { type AssigneeNames, isOneOf } from "../../incident/ball.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import type { Projection } from "../../incident/projection.ts";
import type { Classification } from "../../incident/verdict.ts";

const EXPERTS = "Defender Experts";
const CUSTOMER = "Customer";

/** Undefined: Sentinel's own connector is promised nothing for it. */
export const STATUS = {
  active: "New",
  inProgress: "Active",
  awaitingCustomerAction: "Active",
  resolved: "Closed",
  redirected: "Closed",
  unrecognised: undefined,
} satisfies Record<Stage, string | undefined>;

type Verdict = Readonly<Record<"classification" | "classificationReason", string>>;

const VERDICT = {
  truePositive: { classification: "TruePositive", classificationReason: "SuspiciousActivity" },
  informationalExpectedActivity: { classification: "BenignPositive", classificationReason: "SuspiciousButExpected" },
  falsePositive: { classification: "FalsePositive", classificationReason: "IncorrectAlertLogic" },
  unknown: { classification: "Undetermined", classificationReason: "" },
  unrecognised: undefined,
} satisfies Record<Classification, Verdict | undefined>;

/** False positives for want of data. */
const INACCURATE_DATA: Verdict = { classification: "FalsePositive", classificationReason: "InaccurateData" };

export function toVerdict(projection: Projection): Verdict | undefined {
  const isForWantOfData = projection.determination === "notEnoughDataToValidate";
  return projection.classification === "falsePositive" && isForWantOfData
    ? INACCURATE_DATA
    : VERDICT[projection.classification];
}

/** One name for the two assignees whatever the tenant calls them; undefined for anybody else. */
export function ownerName(assignedTo: string, assignees: AssigneeNames): string | undefined {
  if (isOneOf(assignedTo, assignees.experts)) return EXPERTS;
  return isOneOf(assignedTo, assignees.customer) ? CUSTOMER : undefined;
}
