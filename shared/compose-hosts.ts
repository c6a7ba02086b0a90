import type { Config } from "./config/config.ts";
import { addressOf } from "./config/secret-address.ts";
import type { Settings } from "./config/settings.ts";
import { pemOf } from "./http/pem.ts";

/** Requests go nowhere else. */
export function configuredHosts(config: Config, settings: Settings): readonly string[] {
  const urls = [
    ...config.tenants.map((tenant) => tenant.graphUrl),
    ...config.connectors.flatMap((connector) => {
      if (connector.kind !== "sentinel") return addressOf(connector, (name) => settings.secret(name)) ?? [];
      if (connector.armUrl !== undefined) return connector.armUrl;
      return config.tenants.filter(({ id }) => connector.tenantIds.includes(id)).map(({ cloud }) => cloud.armUrl);
    }),
  ];
  // What is no address is a secret that holds none; its connector says so.
  return [...new Set(urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname))];
}

/** A console whose authority is not set is not trusted; its connector says why. */
export function privateAuthorities(config: Config, settings: Settings): Readonly<Record<string, string>> {
  const named = config.connectors.flatMap((connector) => {
    if (connector.kind !== "qradar" || connector.ca === undefined) return [];
    const pem = settings.secret(connector.ca);
    return pem === undefined ? [] : [[new URL(connector.url).hostname, pemOf(pem)] as const];
  });
  return Object.fromEntries(named);
}
