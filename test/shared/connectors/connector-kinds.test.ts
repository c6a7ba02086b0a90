import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { kindWords } from "../../../page/view/words.ts";
import { CLOUDS } from "../../../shared/config/clouds.ts";
import type { ConnectorSettings } from "../../../shared/config/config.ts";
import { CONNECTOR_KINDS, type ConnectorKind, isEventKind } from "../../../shared/config/connector-kinds.ts";
import { isEventConnector } from "../../../shared/connectors/event-connector.ts";
import { createConnector } from "../../../shared/connectors/registry.ts";
import { totalityFindings } from "../../../shared/connectors/mapping-totality.ts";
import { connectorHome } from "../../../shared/homes.ts";
import { createEgressGuard } from "../../../shared/http/egress-guard.ts";
import { createHttp } from "../../../shared/http/request.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../../../shared/incident/ball.ts";
import type { TenantId } from "../../../shared/incident/incident.ts";

const COMMON = { id: "tool", tenantIds: ["t" as TenantId] };
/** As little as each kind can be configured with. */
const LEAST = {
  servicenow: {
    ...COMMON,
    kind: "servicenow",
    url: "https://contoso.service-now.com",
    auth: { kind: "apiKey", secret: "K" },
  },
  jira: {
    ...COMMON,
    kind: "jira",
    url: "https://contoso.atlassian.net",
    flavor: "cloud",
    project: "SEC",
    issueType: "Incident",
    auth: { kind: "basic", username: "dex-sync@contoso.com", secret: "K" },
  },
  sentinel: {
    ...COMMON,
    kind: "sentinel",
    mode: "observe",
    subscriptionId: "s",
    resourceGroup: "g",
    workspace: "w",
  },
  qradar: {
    ...COMMON,
    kind: "qradar",
    url: "https://qradar.contoso.com",
    auth: { kind: "token", secret: "K" },
    syslog: { host: "qradar.contoso.com", port: 6514 },
  },
  webhook: { ...COMMON, kind: "webhook", url: "https://soar.contoso.com/hooks/dex", secret: "S" },
} satisfies Record<ConnectorKind, ConnectorSettings>;

function textOf(file: string): string {
  return readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");
}

it.each(CONNECTOR_KINDS)(
  "%s is checked: who wins its fields, whether its mapping is total, what its tool has",
  (kind) => {
    const clock = { now: () => 0, sleep: () => Promise.resolve() };
    const connector = createConnector(LEAST[kind], {
      http: createHttp({ allowPrivate: [], clock, userAgent: "test" }),
      egress: createEgressGuard([]),
      clock,
      cloud: CLOUDS.global,
      portalHosts: [],
      assignees: DEFAULT_ASSIGNEE_NAMES,
      secret: () => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      address: () => "https://soar.contoso.com/hooks?sig=secret",
      azureToken: () => () => Promise.resolve("t"),
    });
    expect(connector.kind).toBe(kind);
    if (isEventConnector(connector)) return;
    expect(connector.fields).not.toEqual([]);
    expect(totalityFindings(connector)).toEqual([]);
    expect(connector.check).toBeTypeOf("function");
  },
);

it.each(CONNECTOR_KINDS)("%s is shown and told of everywhere", (kind) => {
  const name = kindWords(kind);
  expect(connectorHome(LEAST[kind], false, () => undefined)).toMatch(/^https:/);
  // What takes events has no fields that anybody could win.
  expect(isEventKind(kind) || textOf("docs/field-ownership.md").includes(`\n## ${name}`)).toBe(true);
  const readme = textOf("README.md");
  expect(readme).toMatch(new RegExp(`^\\| Defender .*\\| ${name.replace("Microsoft ", "")} +\\|`, "m"));
  expect(readme).toContain(`(docs/${kind}.md)`);
  expect(textOf(`docs/${kind}.md`)).toContain(`"kind": "${kind}"`);
});
