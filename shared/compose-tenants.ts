import type { Config, TenantSettings } from "./config/config.ts";
import type { ConnectorId } from "./connectors/connector.ts";
import { PermanentError } from "./errors.ts";
import type { TenantId } from "./incident/incident.ts";
import type { Route } from "./incident/route.ts";

export function tenantOf(config: Config, tenantId: TenantId): TenantSettings {
  const tenant = config.tenants.find((candidate) => candidate.id === tenantId);
  if (tenant !== undefined) return tenant;
  throw new PermanentError("misconfigured", `there is no tenant "${tenantId}" in the configuration`, {
    mend: "put the tenant back into the configuration, or drop this work",
  });
}

/** Connectors that get a tenant's incidents. */
export function lanesOf(config: Config, tenantId: TenantId): readonly ConnectorId[] {
  return config.connectors
    .filter((connector) => connector.tenantIds.includes(tenantId))
    .map((connector) => connector.id as ConnectorId);
}

export function routesOf(config: Config): Readonly<Record<ConnectorId, Route>> {
  return Object.fromEntries(config.connectors.map(({ id, route }) => [id, route ?? {}]));
}

/** Names of all tenants together: a lane serves several, and the names are configured to be told apart. */
export function assigneesOf(config: Config): TenantSettings["assignees"] {
  return {
    experts: [...new Set(config.tenants.flatMap((tenant) => tenant.assignees.experts))],
    customer: [...new Set(config.tenants.flatMap((tenant) => tenant.assignees.customer))],
  };
}
