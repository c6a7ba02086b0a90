import type { ConfigFile, JiraConfig } from "./schema.ts";

/** Given by the connector itself. */
const OWN_FIELDS = ["project", "issuetype", "summary", "description", "labels", "priority", "status"];

/** Put on and taken off as the incident changes, or what an issue is found by. */
const OWN_LABEL = /^(?:dex:|mdx[_:]|awaiting-customer-action$)/i;

/** What must hold of connectors to Jira beyond their shape. */
export function jiraProblems(file: ConfigFile): readonly string[] {
  return file.connectors.flatMap((connector, index) =>
    connector.kind === "jira" ? problemsOf(connector, `connectors.${index}`) : [],
  );
}

function problemsOf(connector: JiraConfig, path: string): readonly string[] {
  const { auth, flavor, mapping, requestType, serviceManagement } = connector;
  const statuses = Object.entries(mapping?.statuses ?? {});
  return [
    ...(flavor === "cloud" && auth.kind === "pat"
      ? [
          `${path}.auth.kind: Jira Cloud takes "basic" (the account's mail address as username, an API token as secret); "pat" is Data Center's`,
        ]
      : []),
    ...(requestType !== undefined && serviceManagement !== true
      ? [`${path}.requestType: only service projects have request types; set "serviceManagement": true, or remove it`]
      : []),
    ...(requestType !== undefined && flavor === "dataCenter" && !PORTAL_TYPE.test(requestType)
      ? [`${path}.requestType: Data Center takes the portal's key and the type's, like "sec/incident"`]
      : []),
    ...statuses
      .filter(([, name]) => /^\s*category\s*:/i.test(name) && !CATEGORIES.includes(name))
      .map(([stage]) => `${path}.mapping.statuses.${stage}: must be a status, or one of ${CATEGORIES.join(", ")}`),
    ...(mapping?.labels ?? []).flatMap((label, index) =>
      OWN_LABEL.test(label)
        ? [`${path}.mapping.labels.${index}: labels like "${label}" are dex-sync's own; rename it, or remove it`]
        : [],
    ),
    ...Object.keys(mapping?.fields ?? {})
      .filter((name) => OWN_FIELDS.includes(name))
      .map((name) => `${path}.mapping.fields.${name}: is written by dex-sync itself; remove it`),
  ];
}

const PORTAL_TYPE = /^[^\s/]+\/[^\s/]+$/;
const CATEGORIES = ["category:new", "category:indeterminate", "category:done"];
