import { describe, expect, it } from "vitest";
import { jiraProblems } from "../../../shared/config/jira-problems.ts";
import type { ConfigFile, JiraConfig } from "../../../shared/config/schema.ts";

const JIRA: JiraConfig = {
  id: "jira",
  kind: "jira",
  url: "https://contoso.atlassian.net",
  flavor: "cloud",
  project: "SEC",
  issueType: "Incident",
  auth: { kind: "basic", username: "soc@contoso.com", secret: "JIRA_TOKEN" },
};

function problemsOf(change: Partial<JiraConfig>): readonly string[] {
  const file: ConfigFile = { tenants: [], connectors: [{ ...JIRA, ...change }] };
  return jiraProblems(file);
}

describe("a connector to Jira", () => {
  it.each([
    ["on Cloud", {}],
    ["on Data Center with a token", { flavor: "dataCenter", auth: { kind: "pat", secret: "T" } }],
    ["on Data Center with a password", { flavor: "dataCenter" }],
    ["with a request type by its name", { serviceManagement: true, requestType: "Report an incident" }],
    ["with a request type by its keys", { flavor: "dataCenter", serviceManagement: true, requestType: "sec/incident" }],
    ["with statuses and categories", { mapping: { statuses: { active: "To Do", resolved: "category:done" } } }],
    [
      "with fields of its own",
      { mapping: { fields: { customfield_1: { value: "x" }, components: [{ name: "SOC" }] } } },
    ],
  ] as const)("is taken %s", (_what, change) => {
    expect(problemsOf(change)).toEqual([]);
  });

  it.each([
    [
      "a token of Data Center on Cloud",
      { auth: { kind: "pat", secret: "T" } },
      `connectors.0.auth.kind: Jira Cloud takes "basic" (the account's mail address as username, an API token as secret); "pat" is Data Center's`,
    ],
    [
      "a category that there is not",
      { mapping: { statuses: { resolved: "category:closed" } } },
      "connectors.0.mapping.statuses.resolved: must be a status, or one of category:new, category:indeterminate, category:done",
    ],
    [
      "a category in capitals",
      { mapping: { statuses: { active: "Category:new" } } },
      "connectors.0.mapping.statuses.active: must be a status, or one of category:new, category:indeterminate, category:done",
    ],
    [
      "a field that is ours",
      { mapping: { fields: { labels: [] } } },
      "connectors.0.mapping.fields.labels: is written by dex-sync itself; remove it",
    ],
    [
      "a request type outside of a service project",
      { requestType: "Report an incident" },
      'connectors.0.requestType: only service projects have request types; set "serviceManagement": true, or remove it',
    ],
    [
      "a request type by its name on Data Center",
      { flavor: "dataCenter", serviceManagement: true, requestType: "Report an incident" },
      "connectors.0.requestType: Data Center takes the portal's key and the type's, like \"sec/incident\"",
    ],
  ] as const)("is refused with %s, with its place and the mend", (_what, change, problem) => {
    expect(problemsOf(change)).toEqual([problem]);
  });

  it.each(["dex:stage=active", "Dex:mine", "mdx_contoso_29", "Awaiting-Customer-Action"])(
    "is refused with the label %s, which is ours",
    (label) => {
      expect(problemsOf({ mapping: { labels: ["soc", label] } })).toEqual([
        `connectors.0.mapping.labels.1: labels like "${label}" are dex-sync's own; rename it, or remove it`,
      ]);
    },
  );

  it("is taken with labels that only look like ours", () => {
    expect(problemsOf({ mapping: { labels: ["soc", "mdx", "dex-sync", "awaiting-customer"] } })).toEqual([]);
  });
});
