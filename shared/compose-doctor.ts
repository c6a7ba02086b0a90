import { X509Certificate } from "node:crypto";
import type { Composition } from "./composition.ts";
import type { Config } from "./config/config.ts";
import { type NamedSecret, namedSecrets } from "./config/named-secrets.ts";
import { readSecretAddress } from "./config/secret-address.ts";
import type { Settings } from "./config/settings.ts";
import { isUsableSecret } from "./http/verify-signature.ts";
import type { ConnectorId } from "./connectors/connector.ts";
import type { DoctorDeps } from "./pipeline/doctor/examine.ts";
import type { SecretState } from "./pipeline/doctor/diagnosis.ts";

/** What can be said of each secret without telling it. */
function secretStates(config: Config, settings: Settings): readonly SecretState[] {
  return namedSecrets(config).map((named) => ({
    place: named.place,
    name: named.name,
    ...stateOf(named, settings, config.allowPrivate),
  }));
}

function stateOf(
  { name, kind }: NamedSecret,
  settings: Settings,
  allowPrivate: readonly string[],
): Omit<SecretState, "place" | "name"> {
  const value = settings.secret(name);
  if (value === undefined) return { state: settings.isUnresolved(name) ? "unresolved" : "missing" };
  if (kind === "doorbell" || kind === "signature") return { state: isUsableSecret(value) ? "set" : "unusable" };
  if (kind === "credential") return { state: "set" };
  if (kind === "address") {
    const address = readSecretAddress(value, allowPrivate);
    return "url" in address
      ? { state: "set" }
      : { state: "unusable", problem: `holds what cannot be used: it ${address.problem}` };
  }
  try {
    return { state: "set", endsAt: Date.parse(new X509Certificate(value).validTo) };
  } catch {
    // Whatever it is, it is no certificate; the error would repeat parts of it.
    return { state: "unusable" };
  }
}

/** `own`: where the product runs its tables and its bus are examined too. */
export function doctorDeps(composed: Composition, own: DoctorDeps["own"]): DoctorDeps {
  const { config, settings, clock, random } = composed;
  return {
    warnings: config.warnings,
    secrets: secretStates(config, settings),
    tenants: config.tenants.map(({ id }) => id),
    connectors: config.connectors.map(({ id, tenantIds }) => ({ id: id as ConnectorId, tenantIds })),
    sourceOf: async (tenant) => (await composed.detectDeps(tenant)).source,
    scopeOf: async (tenant) => (await composed.detectDeps(tenant)).tenant.scope,
    connectorOf: async (id) => (await composed.laneDeps(id)).connector,
    ...(own === undefined ? {} : { own }),
    clock,
    random,
  };
}
