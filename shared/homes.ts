import type { ConnectorSettings, TenantSettings } from "./config/config.ts";

/** Where people open Defender's own queue. In the demo nothing leads to a real portal: a simulated tenant is not there. */
export function tenantHome(tenant: TenantSettings, isDemo: boolean): string {
  if (isDemo) return simulatorPage(tenant.graphUrl);
  return `${tenant.cloud.portalUrl}/incidents-queue?tid=${tenant.id}`;
}

/** Where people open the tool. */
export function connectorHome(connector: ConnectorSettings, isDemo: boolean): string {
  if (connector.kind === "sentinel") {
    return isDemo ? simulatorPage(connector.armUrl ?? "") : "https://portal.azure.com/";
  }
  if (isDemo) return simulatorPage(connector.url);
  // An address that takes events is no page.
  return connector.kind === "webhook" ? new URL(connector.url).origin : connector.url;
}

function simulatorPage(address: string): string {
  return URL.canParse(address) ? new URL("/simulator", address).href : "";
}
