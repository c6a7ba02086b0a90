import { isLoopbackUrl } from "./loopback-url.ts";
import type { ConfigFile, SentinelConfig } from "./schema.ts";

interface Placed {
  readonly connector: SentinelConfig;
  readonly path: string;
  readonly tenants: readonly string[];
}

/** What must hold of connectors to Sentinel beyond their shape. */
export function sentinelProblems(file: ConfigFile): readonly string[] {
  const all = file.tenants.map(({ id }) => id);
  const placed = file.connectors.flatMap((connector, index): readonly Placed[] =>
    connector.kind === "sentinel"
      ? [{ connector, path: `connectors.${index}`, tenants: [...new Set(connector.tenants ?? all)] }]
      : [],
  );
  return [
    ...placed.flatMap(tenantProblems),
    ...placed.flatMap((one, index) => workspaceProblems(one, placed.slice(0, index))),
    ...placed.flatMap((one) => tokenProblems(one, file)),
  ];
}

/** Twins are known by the number of their incident, which is its own only within a tenant. */
function tenantProblems({ connector, path, tenants }: Placed): readonly string[] {
  // Who names none although there are several is told so of every connector.
  if (connector.tenants === undefined || tenants.length === 1) return [];
  return [
    `${path}.tenants: a sentinel connector has exactly one tenant, for a workspace holds one tenant's incidents; make a connector of its own for each`,
  ];
}

function workspaceProblems(one: Placed, earlier: readonly Placed[]): readonly string[] {
  return earlier
    .filter((other) => workspaceOf(other) === workspaceOf(one))
    .filter((other) => one.tenants.some((tenant) => !other.tenants.includes(tenant)))
    .slice(0, 1)
    .map(
      (other) =>
        `${one.path}.workspace: ${other.path} ("${other.connector.id}") has this workspace for another tenant; a workspace holds one tenant's incidents, so name each tenant's own`,
    );
}

/** Azure compares these names without case. Two simulators on one machine are two, whatever they call their workspace. */
function workspaceOf({ connector }: Placed): string {
  const { subscriptionId, resourceGroup, workspace, armUrl = "" } = connector;
  const machine = isLoopbackUrl(armUrl) ? new URL(armUrl).origin : "";
  return [machine, subscriptionId, resourceGroup, workspace].join("/").toLowerCase();
}

function tokenProblems({ connector, path, tenants }: Placed, file: ConfigFile): readonly string[] {
  if (connector.armUrl !== undefined && isLoopbackUrl(connector.armUrl)) return [];
  if (connector.credential?.kind === "token") {
    return [
      `${path}.credential.kind: "token" is only for an armUrl on this machine; use managedIdentity, clientSecret or certificate`,
    ];
  }
  const isTenantsToken = file.tenants.some(({ id, credential }) => tenants.includes(id) && credential.kind === "token");
  return connector.credential === undefined && isTenantsToken
    ? [
        `${path}.armUrl: its tenant's credential is a "token", which is only for addresses on this machine; name an armUrl on this machine, or give the connector a credential`,
      ]
    : [];
}
