import { readFileSync } from "node:fs";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { ownershipPage } from "../../../scripts/ownership-page.ts";
import type { TicketKind } from "../../../shared/config/connector-kinds.ts";
import type { FieldRule, WantedTicket } from "../../../shared/connectors/connector.ts";
import { ADF } from "../../../shared/connectors/jira/adf.ts";
import type { RichText } from "../../../shared/connectors/jira/blocks.ts";
import { fieldRules as jiraRules } from "../../../shared/connectors/jira/field-rules.ts";
import { toWanted as jiraWanted } from "../../../shared/connectors/jira/mapping.ts";
import { fullMapping as fullJiraMapping } from "../../../shared/connectors/jira/mapping-options.ts";
import { WIKI } from "../../../shared/connectors/jira/wiki.ts";
import { everyProjection } from "../../../shared/connectors/mapping-totality.ts";
import { fieldRules as qradarRules, toWanted as qradarWanted } from "../../../shared/connectors/qradar/mapping.ts";
import { fullMapping as fullQRadarMapping } from "../../../shared/connectors/qradar/mapping-options.ts";
import { fieldRules as sentinelRules } from "../../../shared/connectors/sentinel/field-rules.ts";
import { type SentinelMode, toWanted as sentinelWanted } from "../../../shared/connectors/sentinel/mapping.ts";
import { fieldRules as serviceNowRules } from "../../../shared/connectors/servicenow/field-rules.ts";
import { toWanted } from "../../../shared/connectors/servicenow/mapping.ts";
import { type ServiceNowMapping, fullMapping } from "../../../shared/connectors/servicenow/mapping-options.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../../../shared/incident/ball.ts";

const SURVIVOR = { id: "a".repeat(32), label: "INC0010042", url: "https://contoso.service-now.com" };
const EVERYTHING: ServiceNowMapping = {
  onHold: true,
  assignmentGroup: "SOC",
  callerId: "abel.tuter",
  category: "security",
  fields: { u_source: "Defender" },
};
const CODES = {
  closeCodes: {
    truePositive: "c",
    falsePositive: "c",
    informationalExpectedActivity: "c",
    unknown: "c",
    unrecognised: "c",
  },
  duplicateCloseCode: "c",
};

/** Every ticket a mapping can want. */
function* serviceNowTickets(mapping: ReturnType<typeof fullMapping>): IterableIterator<WantedTicket> {
  for (const projection of everyProjection())
    for (const survivor of [undefined, SURVIVOR]) yield toWanted(projection, { survivor }, mapping, []);
}

function* sentinelTickets(mode: SentinelMode): IterableIterator<WantedTicket> {
  const options = { mode, assignees: DEFAULT_ASSIGNEE_NAMES, portalHosts: ["security.microsoft.com"] };
  for (const projection of everyProjection())
    for (const survivor of [undefined, SURVIVOR]) yield sentinelWanted(projection, { survivor }, options);
}

function* jiraTickets(richText: RichText): IterableIterator<WantedTicket> {
  const portalHosts = ["security.microsoft.com"];
  for (const one of everyProjection())
    for (const survivor of [undefined, SURVIVOR]) {
      const projection = { ...one, url: "https://security.microsoft.com/incidents/1" };
      yield jiraWanted(projection, { survivor }, { mapping: fullJiraMapping({}), richText, portalHosts });
    }
}

function* qradarTickets(mapping: ReturnType<typeof fullQRadarMapping>): IterableIterator<WantedTicket> {
  for (const projection of everyProjection())
    for (const survivor of [undefined, SURVIVOR]) yield qradarWanted(projection, { survivor }, mapping);
}

type Case = readonly [name: string, rules: readonly FieldRule[], tickets: () => Iterable<WantedTicket>];

const CASES = {
  servicenow: [
    ["incident with its defaults", fullMapping({})] as const,
    ["incident with everything", fullMapping(EVERYTHING)] as const,
    ["sn_si_incident", fullMapping({ ...CODES, assignmentGroup: "SOC", category: "x" }, "sn_si_incident")] as const,
  ].map(([name, mapping]) => [name, serviceNowRules(mapping), () => serviceNowTickets(mapping)] as const),
  jira: [
    ["Jira Cloud", jiraRules(fullJiraMapping({})), () => jiraTickets(ADF)],
    ["Jira Data Center", jiraRules(fullJiraMapping({})), () => jiraTickets(WIKI)],
  ],
  qradar: [{ close: false }, { close: true }].map((options) => {
    const mapping = fullQRadarMapping(options);
    return [`QRadar, close ${options.close}`, qradarRules(mapping), () => qradarTickets(mapping)] as const;
  }),
  sentinel: [
    ["Sentinel, tag", sentinelRules("tag"), () => sentinelTickets("tag")],
    ["Sentinel, manage", sentinelRules("manage"), () => sentinelTickets("manage")],
    ["Sentinel, observe", sentinelRules("observe"), () => sentinelTickets("observe")],
  ],
} satisfies Record<TicketKind, readonly Case[]>;

const WRITTEN = ["ours", "onStage", "lastWritten"];

describe("who wins where", () => {
  it.each<Case>(Object.values(CASES).flat())(
    "%s: what is written, and how, is what the rules say",
    (_name, rules, tickets) => {
      const owner = new Map(rules.map((rule) => [rule.field, rule.wins]));
      expect(owner.size).toBe(rules.length);
      const written = new Set<string>();
      for (const { fields, statusFields, ownFields, expected } of tickets()) {
        for (const name of Object.keys(fields.values)) written.add(name);
        if (fields.tags.length > 0) written.add("tags");
        expect(statusFields.filter((name) => owner.get(name) !== "onStage")).toEqual([]);
        expect(ownFields.filter((name) => owner.get(name) !== "ours")).toEqual([]);
        expect(Object.keys(expected).filter((name) => owner.get(name) !== "never")).toEqual([]);
        const others = Object.keys(fields.values).filter(
          (name) => !statusFields.includes(name) && !ownFields.includes(name),
        );
        expect(others.filter((name) => owner.get(name) !== "lastWritten")).toEqual([]);
      }
      expect([...written].filter((name) => !WRITTEN.includes(owner.get(name) ?? ""))).toEqual([]);
    },
  );

  it.each<Case>([
    ["ServiceNow", serviceNowRules(fullMapping(EVERYTHING)), () => serviceNowTickets(fullMapping(EVERYTHING))],
    ["Jira", jiraRules(fullJiraMapping({})), () => jiraTickets(ADF)],
  ])(
    "%s: every field that is ours is written by some incident, where everything is configured",
    (_name, rules, tickets) => {
      const written = new Set<string>();
      for (const { fields } of tickets()) {
        for (const name of Object.keys(fields.values)) written.add(name);
        if (fields.tags.length > 0) written.add("tags");
      }
      const ours = rules.filter(({ wins }) => WRITTEN.includes(wins));
      expect(ours.map(({ field }) => field).toSorted()).toEqual([...written].toSorted());
    },
  );

  it("is what docs/field-ownership.md says (npm run schemas writes it)", async () => {
    const page = readFileSync(new URL("../../../docs/field-ownership.md", import.meta.url), "utf8");
    expect(page).toBe(await format(ownershipPage(), { parser: "markdown", printWidth: 120 }));
  });
});
