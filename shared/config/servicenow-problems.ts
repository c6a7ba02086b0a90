import type { ConfigFile, ServiceNowConfig } from "./schema.ts";

/** What must hold of connectors to ServiceNow beyond their shape. */
export function serviceNowProblems(file: ConfigFile): readonly string[] {
  return file.connectors.flatMap((connector, index) =>
    connector.kind === "servicenow" ? problemsOf(connector).map((problem) => `connectors.${index}.${problem}`) : [],
  );
}

/** The columns that the connector fills itself, and those that are the platform's. */
const RESERVED =
  /^(?:sys_.*|number|priority|active|correlation_(?:id|display)|short_description|description|state|incident_state|hold_reason|close_(?:code|notes)|impact|urgency|category|caller_id|assignment_group|work_notes|comments)$/;
const PARENTS = ["parent", "parent_incident"];
/** Of a base system's table `incident`, beside On Hold (3). */
const OTHER_STATES = { active: "1", inProgress: "2", resolved: "6" };

/** A hold reason, and the comment that goes with it, belong to On Hold alone. */
function isNotOnHold({ onHold, states = {} }: NonNullable<ServiceNowConfig["mapping"]>): boolean {
  const { awaitingCustomerAction, ...others } = states;
  const taken = Object.values({ ...OTHER_STATES, ...others });
  return onHold === true && awaitingCustomerAction !== undefined && taken.includes(awaitingCustomerAction);
}

function problemsOf({ table, mapping = {} }: ServiceNowConfig): readonly string[] {
  const { parentField = "" } = mapping;
  const isSecurity = table === "sn_si_incident";
  const closed = Object.entries(mapping.states ?? {}).filter(([, state]) => state === "7");
  return [
    ...(isSecurity && mapping.onHold === true
      ? ["mapping.onHold: sn_si_incident has no On Hold; leave it out, or use the table incident"]
      : []),
    ...(isSecurity && (mapping.callerId ?? "") !== ""
      ? ["mapping.callerId: sn_si_incident has no caller_id; leave it out, or use the table incident"]
      : []),
    ...(!isSecurity && isNotOnHold(mapping)
      ? [
          "mapping.states.awaitingCustomerAction: with onHold this must be On Hold (3 in a base system), which is no other stage's state; leave it out, or leave out onHold",
        ]
      : []),
    ...(RESERVED.test(parentField)
      ? [
          "mapping.parentField: this column is the connector's own or ServiceNow's; use parent_incident or parent, a column of your own, or \"\" for none",
        ]
      : []),
    ...(isSecurity ? [] : closed).map(
      ([stage]) =>
        `mapping.states.${stage}: 7 (Closed) takes no more changes; use 6 (Resolved), the instance closes resolved incidents by itself`,
    ),
    ...Object.keys(mapping.fields ?? {})
      .filter((name) => RESERVED.test(name) || PARENTS.includes(name) || name === parentField)
      .map((name) => `mapping.fields.${name}: this column is the connector's own or ServiceNow's; leave it out`),
  ];
}
