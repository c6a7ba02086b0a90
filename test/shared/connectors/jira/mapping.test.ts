import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CorrelationKey } from "../../../../shared/incident/correlation-key.ts";
import type { IncidentId } from "../../../../shared/incident/incident.ts";
import { type Stage, STAGES } from "../../../../shared/incident/lifecycle.ts";
import { CLASSIFICATIONS, SEVERITIES } from "../../../../shared/incident/verdict.ts";
import type { TicketFields } from "../../../../shared/connectors/connector.ts";
import { ADF } from "../../../../shared/connectors/jira/adf.ts";
import { chooseIssue } from "../../../../shared/connectors/jira/choose-issue.ts";
import { keyLabel } from "../../../../shared/connectors/jira/label.ts";
import { toWanted } from "../../../../shared/connectors/jira/mapping.ts";
import { type JiraMapping, fullMapping } from "../../../../shared/connectors/jira/mapping-options.ts";
import type { WireIssue } from "../../../../shared/connectors/jira/schema.ts";
import { STATUS_OF, aProjection } from "../a-projection.ts";

function wanted(projection: ReturnType<typeof aProjection>, mapping: JiraMapping = {}): TicketFields {
  const options = { mapping: fullMapping(mapping), richText: ADF, portalHosts: ["security.microsoft.com"] };
  return toWanted(projection, { survivor: undefined }, options).fields;
}

describe("an issue's fields", () => {
  it.each([
    ["active", "category:new"],
    ["inProgress", "category:indeterminate"],
    ["awaitingCustomerAction", "category:indeterminate"],
    ["resolved", "category:done"],
    ["redirected", "category:done"],
    ["unrecognised", undefined],
  ] as const satisfies readonly (readonly [Stage, string | undefined])[])("in stage %s: %s", (stage, status) => {
    expect(wanted(aProjection({ status: STATUS_OF[stage] })).values["status"]).toBe(status);
  });

  it.each(STAGES)("in stage %s: labels of ours, each as Jira takes it", (stage) => {
    const { tags } = wanted(aProjection({ status: STATUS_OF[stage] }), { labels: ["soc"] });
    expect(tags).toEqual(expect.arrayContaining([`dex:stage=${stage}`, "dex:experts", "soc"]));
    expect(tags.includes("Awaiting-Customer-Action")).toBe(stage === "awaitingCustomerAction");
    for (const tag of tags) expect(tag).toMatch(/^\S{1,255}$/);
  });

  it.each(SEVERITIES)("have a priority for severity %s, or none where the mapping says so", (severity) => {
    expect(wanted(aProjection({ severity })).values["priority"]).toMatch(/^(High|Medium|Low|Lowest)$/);
    const none = Object.fromEntries(SEVERITIES.map((name) => [name, ""]));
    expect(wanted(aProjection({ severity }), { priorities: none }).values).not.toHaveProperty("priority");
  });

  it.each(CLASSIFICATIONS)("have a resolution for classification %s", (classification) => {
    const { values } = wanted(aProjection({ status: "resolved", classification }));
    expect(values["resolution"]).toBe("Done");
  });

  it("of a reopened incident are those of work, not of something new", () => {
    expect(wanted(aProjection({ status: "active" }, [], ["resolved"])).values["status"]).toBe("category:indeterminate");
  });

  it("of a merged one follow the mapping of resolved ones", () => {
    const { values } = wanted(aProjection({ status: "redirected" }), { statuses: { resolved: "Closed" } });
    expect(values).toMatchObject({ status: "Closed", resolution: "Duplicate" });
  });

  it("hold a summary of one line that fits, whatever the title is", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 600 }), (title) => {
        const { summary = "" } = wanted(aProjection({ title })).values;
        expect(summary).toMatch(/^[^\n\r]{1,255}$/);
      }),
    );
  });
});

describe("the label of an incident", () => {
  const tenant = fc.stringMatching(/^[A-Za-z0-9-]{1,36}$/);
  const incident = fc.stringMatching(/^[A-Za-z0-9_-]{1,58}$/);

  it("is no other incident's", () => {
    fc.assert(
      fc.property(fc.tuple(tenant, incident), fc.tuple(tenant, incident), ([t1, i1], [t2, i2]) => {
        const one = `mdx:${t1}:${i1}` as CorrelationKey;
        const other = `mdx:${t2}:${i2}` as CorrelationKey;
        expect(keyLabel(one) === keyLabel(other)).toBe(one === other);
      }),
    );
  });
});

describe("of several issues with the label", () => {
  const { key } = aProjection({ id: "29" as IncidentId });
  const issue = (id: string, category: string, property?: string, project = "SEC"): WireIssue => ({
    id,
    key: `${project}-${id}`,
    fields: { status: { id: category, name: category, statusCategory: { key: category } } },
    ...(property === undefined ? {} : { properties: { "dex-sync": { key: property } } }),
  });

  it.each([
    ["the oldest open one", [issue("1", "new", key), issue("2", "new", key)], "1", ["SEC-2"]],
    ["the open one before the closed", [issue("1", "done", key), issue("2", "new", key)], "2", []],
    ["the newest closed one", [issue("1", "done", key), issue("2", "done", key)], "2", []],
    ["the one with the property before a clone", [issue("1", "new"), issue("2", "new", key)], "2", []],
    ["one that was moved to another project", [issue("1", "new", key, "OPS")], "1", []],
    ["no clone in another project", [issue("1", "new", undefined, "OPS"), issue("2", "new")], "2", []],
    ["none of another key", [issue("1", "new", "mdx:other:1"), issue("2", "new")], "2", []],
  ] as const)("the ticket is %s", (_what, found, id, duplicates) => {
    const chosen = chooseIssue(found, key, "SEC");
    expect(chosen?.issue.id).toBe(id);
    expect(chosen?.duplicates).toEqual(duplicates);
  });

  it("the ticket is no issue of another project that cannot be proved to be it", () => {
    expect(chooseIssue([issue("1", "new", undefined, "OPS")], key, "SEC")).toBeUndefined();
  });

  it("the ticket is none that others continue", () => {
    expect(chooseIssue([issue("1", "done", key)], key, "SEC", new Set(["1"]))).toBeUndefined();
    expect(chooseIssue([issue("1", "done", key), issue("2", "new")], key, "SEC", new Set(["1"]))).toBeUndefined();
  });
});
