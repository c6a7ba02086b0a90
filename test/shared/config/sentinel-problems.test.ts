import { describe, expect, it } from "vitest";
import type { ConfigFile, CredentialConfig, SentinelConfig } from "../../../shared/config/schema.ts";
import { sentinelProblems } from "../../../shared/config/sentinel-problems.ts";

const TOKEN: CredentialConfig = { kind: "token", secret: "T" };
const MANAGED: CredentialConfig = { kind: "managedIdentity" };
const LOOPBACK = "http://127.0.0.1:8080";

function sentinel(overrides: Partial<SentinelConfig> = {}): SentinelConfig {
  return {
    id: "sentinel",
    kind: "sentinel",
    mode: "observe",
    subscriptionId: "s",
    resourceGroup: "g",
    workspace: "w",
    ...overrides,
  };
}

/** Tenants a and b, and these connectors behind one of another kind. */
function problemsOf(connectors: readonly SentinelConfig[], tenants: readonly Partial<Tenant>[] = [{}, {}]): string[] {
  const other = {
    id: "itsm",
    kind: "servicenow",
    url: "https://contoso.service-now.com",
    auth: { kind: "apiKey", secret: "K" },
    tenants: ["a", "b"],
  } as const;
  const file = {
    tenants: tenants.map((tenant, index) => ({ id: "ab".charAt(index), credential: MANAGED, ...tenant })),
    connectors: [{ ...other, tenants: [...other.tenants] }, ...connectors],
  };
  return [...sentinelProblems(file)];
}
type Tenant = ConfigFile["tenants"][number];

describe("a connector to Sentinel", () => {
  it.each([
    ["of one tenant, named", [sentinel({ tenants: ["a"] })], undefined],
    ["of one tenant, named twice", [sentinel({ tenants: ["a", "a"] })], undefined],
    ["of the only tenant, unnamed", [sentinel()], [{}]],
    [
      "for each tenant's own workspace",
      [sentinel({ tenants: ["a"] }), sentinel({ id: "other", tenants: ["b"], workspace: "v" })],
      undefined,
    ],
    [
      "twice for one tenant's workspace",
      [sentinel({ tenants: ["a"] }), sentinel({ id: "other", tenants: ["a"], mode: "tag" })],
      undefined,
    ],
    [
      "for workspaces of one name on two simulators",
      [
        sentinel({ tenants: ["a"], armUrl: LOOPBACK }),
        sentinel({ id: "other", tenants: ["b"], armUrl: "http://127.0.0.1:8081" }),
      ],
      undefined,
    ],
    ["with a token for this machine", [sentinel({ tenants: ["a"], armUrl: LOOPBACK, credential: TOKEN })], undefined],
    ["with its tenant's token for this machine", [sentinel({ armUrl: LOOPBACK })], [{ credential: TOKEN }]],
    ["with a credential beside its tenant's token", [sentinel({ credential: MANAGED })], [{ credential: TOKEN }]],
    ["with no token though another tenant has one", [sentinel({ tenants: ["b"] })], [{ credential: TOKEN }, {}]],
  ] as const)("is taken %s", (_what, connectors, tenants) => {
    expect(problemsOf(connectors, tenants)).toEqual([]);
  });

  it.each([
    [
      "of two tenants",
      [sentinel({ tenants: ["a", "b"] })],
      undefined,
      "connectors.1.tenants: a sentinel connector has exactly one tenant, for a workspace holds one tenant's incidents; make a connector of its own for each",
    ],
    [
      "on another tenant's workspace, in whatever case",
      [
        sentinel({ tenants: ["a"] }),
        sentinel({ id: "other", tenants: ["b"], workspace: "W", armUrl: "https://x.test" }),
      ],
      undefined,
      "connectors.2.workspace: connectors.1 (\"sentinel\") has this workspace for another tenant; a workspace holds one tenant's incidents, so name each tenant's own",
    ],
    [
      "with a token for Azure itself",
      [sentinel({ tenants: ["a"], credential: TOKEN })],
      undefined,
      'connectors.1.credential.kind: "token" is only for an armUrl on this machine; use managedIdentity, clientSecret or certificate',
    ],
    [
      "with a token for an address that only looks like this machine",
      [sentinel({ tenants: ["a"], credential: TOKEN, armUrl: "http://127.0.0.1.evil.example" })],
      undefined,
      'connectors.1.credential.kind: "token" is only for an armUrl on this machine; use managedIdentity, clientSecret or certificate',
    ],
    [
      "with its tenant's token for Azure itself",
      [sentinel()],
      [{ credential: TOKEN, graphUrl: LOOPBACK }],
      'connectors.1.armUrl: its tenant\'s credential is a "token", which is only for addresses on this machine; name an armUrl on this machine, or give the connector a credential',
    ],
  ] as const)("is refused %s, with its place and the mend", (_what, connectors, tenants, problem) => {
    expect(problemsOf(connectors, tenants)).toEqual([problem]);
  });
});
