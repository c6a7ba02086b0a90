import type { ConfigFile, ServiceNowConfig } from "./schema.ts";

/** What must hold of connectors to ServiceNow beyond their shape. */
export function serviceNowProblems(file: ConfigFile): readonly string[] {
  return file.connectors.flatMap((connector, index) =>
    connector.kind === "servicenow" ? problemsOf(connector).map((problem) => `connectors.${index}.${problem}`) : [],
  );
}

/** The columns that the connector fills itself, and those that are the platform's. */
const NOT_FOR_FIELDS =
  /^(?:sys_.*|number|priority|active|correlation_(?:id|display)|short_description|description|state|incident_state|hold_reason|close_(?:code|notes)|impact|urgency|category|caller_id|assignment_group|parent|parent_incident|work_notes|comments)$/;

function problemsOf({ table, mapping = {} }: ServiceNowConfig): readonly string[] {
  const isSecurity = table === "sn_si_incident";
  const closed = Object.entries(mapping.states ?? {}).filter(([, state]) => state === "7");
  return [
    ...(isSecurity && mapping.onHold === true
      ? ["mapping.onHold: sn_si_incident has no On Hold; leave it out, or use the table incident"]
      : []),
    ...(isSecurity && (mapping.callerId ?? "") !== ""
      ? ["mapping.callerId: sn_si_incident has no caller_id; leave it out, or use the table incident"]
      : []),
    ...(isSecurity ? [] : closed).map(
      ([stage]) =>
        `mapping.states.${stage}: 7 (Closed) takes no more changes; use 6 (Resolved), the instance closes resolved incidents by itself`,
    ),
    ...Object.keys(mapping.fields ?? {})
      .filter((name) => NOT_FOR_FIELDS.test(name) || name === mapping.parentField)
      .map((name) => `mapping.fields.${name}: this column is the connector's own or ServiceNow's; leave it out`),
  ];
}
