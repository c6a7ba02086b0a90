import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../../shared/config/config.ts";
import { loadConfig } from "../../../shared/config/load-config.ts";
import { readLanes, readPollInterval } from "../../../shared/config/read-lanes.ts";
import { durationMs } from "../../../shared/config/duration.ts";
import { cronOf } from "../../../shared/config/schedule.ts";
import { hostJsonProblems } from "../../../shared/config/check-host.ts";

const GOOD = {
  tenants: [{ id: "cfcdbe43-297b-4c6b-ac7e-8d7f6befb514", name: "Contoso", credential: { kind: "managedIdentity" } }],
  connectors: [
    {
      id: "itsm",
      kind: "servicenow",
      url: "https://contoso.service-now.com",
      auth: { kind: "basic", username: "dex-sync", secret: "SERVICENOW_PASSWORD" },
    },
    { id: "sentinel", kind: "sentinel", mode: "observe", subscriptionId: "s", resourceGroup: "g", workspace: "w" },
  ],
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dex-sync-config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(content: unknown): string {
  const path = join(folder, "dex-sync.config.json");
  const isText = typeof content === "string" || content instanceof Uint8Array;
  writeFileSync(path, isText ? content : JSON.stringify(content));
  return path;
}

async function problemsOf(content: unknown): Promise<readonly string[]> {
  try {
    await loadConfig(file(content));
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("loadConfig", () => {
  it("fills in the defaults", async () => {
    const config = await loadConfig(file(GOOD));
    expect(config).toMatchObject({
      scope: { experts: "only", minimumSeverity: "informational", createdAfter: "" },
      poll: { intervalMs: 15_000, overlapMs: 120_000, requestsPerMinute: 25 },
      warnings: [],
    });
    expect(config.tenants[0]).toMatchObject({ graphUrl: "https://graph.microsoft.com" });
    expect(config.connectors.map((connector) => connector.tenantIds)).toEqual([
      ["cfcdbe43-297b-4c6b-ac7e-8d7f6befb514"],
      ["cfcdbe43-297b-4c6b-ac7e-8d7f6befb514"],
    ]);
  });

  it("takes the names of later versions and says that it does not act on them", async () => {
    const config = await loadConfig(
      file({
        ...GOOD,
        handover: { due: { high: "PT1H" }, remindEvery: "PT30M", contacts: [] },
        inbound: { tasks: "off" },
      }),
    );
    expect(config.warnings).toEqual(
      ["handover.remindEvery", "handover.contacts", "inbound"].map(
        (name) => `${name}: accepted, but this version does not act on it`,
      ),
    );
    // The figures of what is overdue follow it.
    expect(config.handoverDueMs).toMatchObject({ high: 3_600_000, medium: 14_400_000 });
  });

  it("says that a file is missing, and how to name it", async () => {
    await expect(loadConfig(join(folder, "nowhere.json"))).rejects.toThrow(
      /there is no such file; name the file with --config/,
    );
  });

  it("says that a file is no JSON, and where, without repeating what stands there", async () => {
    expect(await problemsOf('{\n  "tenants": [],\n  secret: hunter2\n}')).toEqual([
      "it is not JSON: line 3, column 3 wants a name in double quotes",
    ]);
  });

  it.each(["utf16le", "latin1"] as const)(
    "refuses a file in %s by that name, instead of misreading it",
    async (code) => {
      const tenants = [{ ...GOOD.tenants[0], name: "Contosö" }];
      const mark = code === "utf16le" ? "\uFEFF" : "";
      const bytes = Buffer.from(mark + JSON.stringify({ ...GOOD, tenants }), code);
      expect(await problemsOf(bytes)).toEqual([
        "its text is not UTF-8 (UTF-16 or a code page, perhaps); save it as UTF-8",
      ]);
    },
  );

  it("refuses a severity that handover.due does not have, and a name that stands twice", async () => {
    expect(await problemsOf({ ...GOOD, handover: { due: { hihg: "PT1H" } } })).toEqual([
      'handover.due: unknown name "hihg"; remove it, or use one of high, medium, low, informational',
    ]);
    const twice = JSON.stringify(GOOD).replace(/}$/, ',\n"connectors": []}');
    expect(await problemsOf(Buffer.from(twice))).toEqual([
      "it is not JSON: line 2, column 1 wants a name that is not in this object yet (of two the first would be lost)",
    ]);
  });

  it("takes a file with the mark that some editors put first", async () => {
    expect((await loadConfig(file(`\uFEFF${JSON.stringify(GOOD)}`))).tenants).toHaveLength(1);
  });

  it.each([
    ["a connector without a kind", (itsm: object) => ({ ...itsm, kind: undefined }), "connectors.0.kind"],
    ["a sign-in without a kind", (itsm: object) => ({ ...itsm, auth: { username: "u", secret: "S" } }), "auth.kind"],
  ])("says of %s nothing but which there are", async (_name, change, place) => {
    const problems = await problemsOf({ ...GOOD, connectors: [change(GOOD.connectors[0] ?? {})] });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${place}: must be one of "`);
  });

  it("says one thing of one fault in a sign-in, in the words of the connector meant", async () => {
    const auth = { kind: "basic", username: "dex-sync", secret: "not a name" };
    expect(await problemsOf({ ...GOOD, connectors: [{ ...GOOD.connectors[0], auth }] })).toEqual([
      "connectors.0.auth.secret: must name an environment variable (capital letters, digits, _), not be the secret itself",
    ]);
    const unknown = { ...auth, kind: "password", secret: "S" };
    expect(await problemsOf({ ...GOOD, connectors: [{ ...GOOD.connectors[0], auth: unknown }] })).toEqual([
      'connectors.0.auth.kind: must be one of "basic", "oauth", "apiKey"',
    ]);
  });

  it("refuses a tenant's id in capitals: a new spelling would be a new tenant, with a second ticket for each incident", async () => {
    const [tenant] = GOOD.tenants;
    const shouted = { ...tenant, id: tenant?.id.toUpperCase() };
    expect(await problemsOf({ ...GOOD, tenants: [shouted] })).toEqual([
      "tenants.0.id: must be the tenant's id in small letters (a to z, digits and -)",
    ]);
    const connectors = [{ ...GOOD.connectors[0], tenants: [shouted.id] }];
    expect(await problemsOf({ ...GOOD, connectors })).toEqual([
      `connectors.0.tenants: there is no tenant "${shouted.id}"`,
    ]);
  });

  it("refuses a tenant that is named twice", async () => {
    const connectors = [{ ...GOOD.connectors[0], tenants: [GOOD.tenants[0]?.id] }];
    expect(await problemsOf({ ...GOOD, tenants: [GOOD.tenants[0], GOOD.tenants[0]], connectors })).toEqual([
      `tenants.1.id: "${GOOD.tenants[0]?.id}" is used twice; every id must be its own`,
    ]);
  });

  it.each([
    ["the real Graph", undefined, ["poll.requestsPerMinute: above the documented 50 a minute"]],
    ["a simulator", "http://127.0.0.1:7391", []],
  ])("warns of many requests to %s", async (_name, graphUrl, warnings) => {
    const tenants = [{ ...GOOD.tenants[0], ...(graphUrl === undefined ? {} : { graphUrl }) }];
    const config = await loadConfig(file({ ...GOOD, tenants, poll: { requestsPerMinute: 600 } }));
    expect(config.warnings).toEqual(warnings);
  });

  it("takes a connector to Jira as documented", async () => {
    const jira = {
      id: "jira",
      kind: "jira",
      url: "https://contoso.atlassian.net",
      flavor: "cloud",
      project: "SEC",
      issueType: "Incident",
      auth: { kind: "basic", username: "soc@contoso.com", secret: "JIRA_TOKEN" },
      mapping: { statuses: { awaitingCustomerAction: "Waiting for SOC" }, fields: { customfield_1: { value: "x" } } },
    };
    const config = await loadConfig(file({ ...GOOD, connectors: [jira] }));
    expect(config.connectors).toMatchObject([jira]);
    expect(await problemsOf({ ...GOOD, connectors: [{ ...jira, project: "sec", flavor: "server" }] })).toEqual([
      'connectors.0.flavor: must be one of "cloud", "dataCenter"',
      "connectors.0.project: must be the project's key, like SEC",
    ]);
  });

  const tenant = GOOD.tenants[0];
  const [itsm] = GOOD.connectors;
  it.each([
    [
      "an unknown name",
      { ...GOOD, tenant: [] },
      '(top): unknown name "tenant"; remove it, or use one of $schema, tenants, scope, poll, connectors, doorbells, handover, inbound, network',
    ],
    ["no tenants", { ...GOOD, tenants: [] }, "tenants: must name at least 1"],
    ["no connectors", { tenants: GOOD.tenants }, '(top): "connectors" is missing; add it'],
    [
      "an unknown connector",
      { ...GOOD, connectors: [{ id: "x", kind: "remedy" }] },
      'connectors.0.kind: must be one of "servicenow", "jira", "sentinel", "qradar", "webhook"',
    ],
    [
      "a connector of a later version",
      { ...GOOD, connectors: [{ id: "people", kind: "people" }] },
      'connectors.0.kind: "people" is not in this version; remove this connector (there are servicenow, jira, sentinel, qradar and webhook)',
    ],
    [
      "an unknown credential",
      { ...GOOD, tenants: [{ ...tenant, credential: { kind: "password" } }] },
      'tenants.0.credential.kind: must be one of "managedIdentity", "clientSecret", "certificate", "token"',
    ],
    [
      "a secret written down",
      { ...GOOD, connectors: [{ ...itsm, auth: { kind: "basic", username: "u", secret: "hunter2!" } }] },
      "connectors.0.auth.secret: must name an environment variable (capital letters, digits, _), not be the secret itself",
    ],
    [
      "a word that is none of several",
      { ...GOOD, scope: { minimumSeverity: "critical" } },
      'scope.minimumSeverity: must be one of "informational", "low", "medium", "high"',
    ],
    [
      "a number for a word",
      { ...GOOD, connectors: [{ ...GOOD.connectors[1], mode: 1 }] },
      'connectors.0.mode: must be one of "observe", "tag", "manage"',
    ],
    [
      "a state by its label",
      { ...GOOD, connectors: [{ ...itsm, mapping: { states: { inProgress: "In Progress" } } }] },
      expect.stringContaining("connectors.0.mapping.states.inProgress: must be the number of the state"),
    ],
    [
      "a port that there is not",
      { ...GOOD, connectors: [{ ...itsm, url: "https://itsm.contoso.com:99999" }] },
      "connectors.0.url: is no address; check its host, and its port (1 to 65535)",
    ],
    [
      "an address cut short",
      { ...GOOD, tenants: [{ ...tenant, graphUrl: "http://[::" }] },
      "tenants.0.graphUrl: is no address; check its host, and its port (1 to 65535)",
    ],
    ...["/v1.0", "/beta/"].map((version): [string, object, string] => [
      `Graph's version in its address (${version})`,
      { ...GOOD, tenants: [{ ...tenant, graphUrl: `https://graph.microsoft.com${version}` }] },
      `tenants.0.graphUrl: ends in ${version}, which each request adds by itself; leave it out`,
    ]),
    [
      "a missing part of the connector meant",
      { ...GOOD, connectors: [{ id: "itsm", kind: "servicenow", auth: itsm?.auth }] },
      'connectors.0: "url" is missing; add it',
    ],
    [
      "a name that no column has",
      { ...GOOD, connectors: [{ ...itsm, mapping: { fields: { "A B": "x" } } }] },
      'connectors.0.mapping.fields: unknown name "A B"; rename it, or remove it',
    ],
    [
      "an id used twice",
      { ...GOOD, connectors: [itsm, itsm] },
      'connectors.1.id: "itsm" is used twice; every id must be its own',
    ],
    [
      "a token for the real Graph",
      { ...GOOD, tenants: [{ ...tenant, credential: { kind: "token", secret: "T" } }] },
      expect.stringContaining('"token" is only for a graphUrl on this machine'),
    ],
    [
      "a token for a host that only looks like this machine",
      {
        ...GOOD,
        tenants: [{ ...tenant, graphUrl: "http://127.0.0.1.example.com", credential: { kind: "token", secret: "T" } }],
      },
      expect.stringContaining('"token" is only for a graphUrl on this machine'),
    ],
    [
      "plain http",
      { ...GOOD, connectors: [{ ...itsm, url: "http://itsm.contoso.com" }] },
      expect.stringContaining("connectors.0.url: plain http goes only to addresses inside network.allowPrivate"),
    ],
    [
      "a bad range",
      { ...GOOD, network: { allowPrivate: ["10.0.0.0/99"] } },
      expect.stringContaining("network.allowPrivate.0"),
    ],
    [
      "an interval that does not fit",
      { ...GOOD, poll: { interval: "PT7S" } },
      expect.stringContaining("poll.interval"),
    ],
    [
      "a bound that is no moment",
      { ...GOOD, scope: { createdAfter: "last year" } },
      expect.stringContaining("scope.createdAfter"),
    ],
    [
      "two tenants without routes",
      { ...GOOD, tenants: [tenant, { ...tenant, id: "b" }] },
      expect.stringContaining("connectors.0.tenants: with two tenants or more every connector names its own"),
    ],
    [
      "a Sentinel connector of two tenants",
      {
        tenants: [tenant, { ...tenant, id: "b" }],
        connectors: [{ ...GOOD.connectors[1], tenants: [tenant?.id, "b"] }],
      },
      expect.stringContaining("connectors.0.tenants: a sentinel connector has exactly one tenant"),
    ],
    [
      "a tenant that is not there",
      { ...GOOD, connectors: [{ ...itsm, tenants: ["c"] }] },
      'connectors.0.tenants: there is no tenant "c"',
    ],
  ])("refuses %s, and says where", async (_name, content, problem) => {
    expect(await problemsOf(content)).toContainEqual(problem);
  });
});

it.each(["PT", "P", "P1DT", "15s"])("refuses the duration %s", async (overlap) => {
  expect(await problemsOf({ ...GOOD, poll: { overlap } })).toEqual([
    expect.stringContaining("poll.overlap: must be an ISO 8601 duration"),
  ]);
});

describe("what becomes of tickets", () => {
  const [itsm, sentinel] = GOOD.connectors;

  it("is said per connector, by duration and name", async () => {
    const ticket = { reopenWithin: "P30D", deleted: "recreate" };
    const config = await loadConfig(file({ ...GOOD, connectors: [{ ...itsm, ticket }] }));
    expect(config.connectors[0]).toMatchObject({ ticket });
  });

  it.each([
    ["another duration", { ...itsm, ticket: { reopenWithin: "2 weeks" } }, "connectors.0.ticket.reopenWithin"],
    ["another name", { ...itsm, ticket: { deleted: "ignore" } }, "connectors.0.ticket.deleted"],
    ["where we make no tickets", { ...sentinel, ticket: {} }, "connectors.0"],
  ])("is refused in %s", async (_what, connector, place) => {
    const problems = await problemsOf({ ...GOOD, connectors: [connector] });
    expect(problems.some((problem) => problem.startsWith(place))).toBe(true);
  });
});

describe("a password in an address", () => {
  const [tenant] = GOOD.tenants;
  const [itsm, sentinel] = GOOD.connectors;
  const address = "http://admin:hunter2@127.0.0.1:7392";
  it.each([
    ["tenants.0.graphUrl", { ...GOOD, tenants: [{ ...tenant, graphUrl: address }] }],
    ["connectors.0.url", { ...GOOD, connectors: [{ ...itsm, url: address }] }],
    ["connectors.0.armUrl", { ...GOOD, connectors: [{ ...sentinel, armUrl: address }] }],
    ["doorbells.publicUrl", { ...GOOD, doorbells: { publicUrl: address } }],
  ])("is refused at %s, and not repeated", async (path, content) => {
    const problems = await problemsOf(content);
    expect(problems).toContainEqual(expect.stringMatching(new RegExp(`^${path}: (must not hold|must be an address)`)));
    expect(problems.join()).not.toContain("hunter2");
  });
});

describe("what registration reads", () => {
  it("names the lanes of a file without checking all of it", () => {
    expect(readLanes(file(GOOD))).toEqual([
      { id: "itsm", kind: "servicenow" },
      { id: "sentinel", kind: "sentinel" },
    ]);
    expect(readLanes(file({}))).toEqual([]);
    expect(readPollInterval(file({ poll: { interval: "PT2S" } }))).toBe(2_000);
  });

  it.each([
    ["PT1S", "*/1 * * * * *"],
    ["PT15S", "*/15 * * * * *"],
    ["PT1M", "0 * * * * *"],
    ["PT5M", "0 */5 * * * *"],
    ["PT1H", "0 0 * * * *"],
  ])("%s as a schedule is %s", (interval, schedule) => {
    expect(cronOf(durationMs(interval) ?? 0)).toBe(schedule);
  });
});

describe("hostJsonProblems", () => {
  const good = { extensions: { serviceBus: { maxConcurrentSessions: 32, sessionIdleTimeout: "00:01:00" } } };
  it("has none with what is shipped", () => expect(hostJsonProblems(good, 45_000)).toEqual([]));

  it.each([
    [{ maxConcurrentSessions: 8, sessionIdleTimeout: "00:01:00" }, "maxConcurrentSessions is 8"],
    [{ maxConcurrentSessions: 32, sessionIdleTimeout: "00:00:45" }, "sessionIdleTimeout must be longer"],
    [{ maxConcurrentSessions: 32, sessionIdleTimeout: "soon" }, "sessionIdleTimeout must be longer"],
    [{}, "maxConcurrentSessions is 8"],
  ])("refuses %j", (serviceBus, problem) => {
    expect(hostJsonProblems({ extensions: { serviceBus } }, 45_000).join()).toContain(problem);
  });
});

describe("a route", () => {
  const [itsm] = GOOD.connectors;
  const routed = (route: object) => ({ ...GOOD, connectors: [{ ...itsm, route }] });

  it.each([{}, { severities: ["high", "low"], tags: ["vip"], categories: ["Initial access"], kinds: ["incident"] }])(
    "is taken as it is: %j",
    async (route) => {
      expect((await loadConfig(file(routed(route)))).connectors[0]?.route).toEqual(route);
    },
  );

  it.each([
    [{ severities: ["critical"] }, /^connectors\.0\.route\.severities\.0: must be one of .*"high"/],
    [{ tags: [] }, /^connectors\.0\.route\.tags: must name at least 1/],
    [{ categories: ["…"] }, /^connectors\.0\.route\.categories\.0: must have a letter or digit/],
    [{ severity: ["high"] }, /^connectors\.0\.route: unknown name "severity"; remove it, or use one of severities, /],
  ])("is refused with its place: %j", async (route, expected) => {
    expect(await problemsOf(routed(route))).toEqual([expect.stringMatching(expected)]);
  });
});
