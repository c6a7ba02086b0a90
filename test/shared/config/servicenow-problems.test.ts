import { describe, expect, it } from "vitest";
import type { ConfigFile, ServiceNowConfig } from "../../../shared/config/schema.ts";
import { serviceNowProblems } from "../../../shared/config/servicenow-problems.ts";

const SERVICENOW: ServiceNowConfig = {
  id: "itsm",
  kind: "servicenow",
  url: "https://contoso.service-now.com",
  auth: { kind: "basic", username: "dex-sync", secret: "SERVICENOW_PASSWORD" },
};

function problemsOf(mapping: NonNullable<ServiceNowConfig["mapping"]>, table?: "sn_si_incident"): readonly string[] {
  const connector = { ...SERVICENOW, mapping, ...(table === undefined ? {} : { table }) };
  const file: ConfigFile = { tenants: [], connectors: [connector] };
  return serviceNowProblems(file);
}

describe("a connector to ServiceNow", () => {
  it.each([
    ["with nothing set", {}],
    ["with a parent of the base system", { parentField: "parent" }],
    ["with a parent of its own", { parentField: "u_merged_into" }],
    ["with no parent", { parentField: "" }],
    ["On Hold", { onHold: true }],
    ["On Hold, as the instance numbers it", { onHold: true, states: { awaitingCustomerAction: "18" } }],
    ["with a state of its own, and not On Hold", { states: { awaitingCustomerAction: "2" } }],
  ])("is taken %s", (_what, mapping) => {
    expect(problemsOf(mapping)).toEqual([]);
  });

  it.each(["correlation_id", "correlation_display", "state", "sys_id", "number", "assignment_group", "work_notes"])(
    "is refused where a merge would overwrite %s, with the mend",
    (parentField) => {
      const problem =
        "connectors.0.mapping.parentField: this column is the connector's own or ServiceNow's; use parent_incident or parent, a column of your own, or \"\" for none";
      expect(problemsOf({ parentField })).toEqual([problem]);
      expect(problemsOf({ parentField }, "sn_si_incident")).toEqual([problem]);
    },
  );

  it.each([
    ["In Progress", { awaitingCustomerAction: "2" }],
    ["Resolved", { awaitingCustomerAction: "6" }],
    ["what another stage is", { awaitingCustomerAction: "18", inProgress: "18" }],
  ])("is refused with a hold reason on what is %s, with the mend", (_what, states) => {
    expect(problemsOf({ onHold: true, states })).toEqual([
      "connectors.0.mapping.states.awaitingCustomerAction: with onHold this must be On Hold (3 in a base system), which is no other stage's state; leave it out, or leave out onHold",
    ]);
  });
});
