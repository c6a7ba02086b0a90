import type { ConnectorSettings, TenantSettings } from "./config/config.ts";
import { addressOf } from "./config/secret-address.ts";

/** Where people open Defender's own queue. In the demo nothing leads to a real portal: a simulated tenant is not there. */
export function tenantHome(tenant: TenantSettings, isDemo: boolean): string {
  if (isDemo) return simulatorPage(tenant.graphUrl);
  return `${tenant.cloud.portalUrl}/incidents-queue?tid=${tenant.id}`;
}

/** Where people open the tool; "" where only a secret knows and is not set. */
export function connectorHome(
  connector: ConnectorSettings,
  isDemo: boolean,
  secret: (name: string) => string | undefined,
): string {
  if (connector.kind === "sentinel") {
    return isDemo ? simulatorPage(connector.armUrl ?? "") : "https://portal.azure.com/";
  }
  const url = addressOf(connector, secret) ?? "";
  if (isDemo) return simulatorPage(url);
  // An address that takes events is no page, and may be a secret.
  return connector.kind === "webhook" ? originOf(url) : url;
}

function originOf(address: string): string {
  if (!URL.canParse(address)) return "";
  const { origin } = new URL(address);
  return origin === "null" ? "" : origin;
}

function simulatorPage(address: string): string {
  return URL.canParse(address) ? new URL("/simulator", address).href : "";
}
