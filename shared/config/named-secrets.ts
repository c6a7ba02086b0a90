import { assertNever } from "../assert-never.ts";
import type { Config } from "./config.ts";
import type { ConnectorConfig, CredentialConfig, QRadarConfig } from "./schema.ts";

/** An environment variable that the configuration names, and the place that names it. */
export interface NamedSecret {
  readonly place: string;
  readonly name: string;
  readonly kind: "credential" | "certificate" | "doorbell" | "signature" | "address";
}

export function namedSecrets(config: Config): readonly NamedSecret[] {
  return [
    ...config.tenants.flatMap((tenant, index) => ofCredential(`tenants.${index}.credential`, tenant.credential)),
    ...config.connectors.flatMap((connector, index): readonly NamedSecret[] =>
      ofConnector(`connectors.${index}`, connector),
    ),
    ...config.doorbellSecrets.map((name, index) => ({
      place: `doorbells.secrets.${index}`,
      name,
      kind: "doorbell" as const,
    })),
  ];
}

function certificatesOf(place: string, { ca, syslog }: QRadarConfig): readonly NamedSecret[] {
  return [
    ...(ca === undefined ? [] : [{ place: `${place}.ca`, name: ca, kind: "certificate" as const }]),
    ...(syslog.certificate === undefined
      ? []
      : [{ place: `${place}.syslog.certificate`, name: syslog.certificate, kind: "certificate" as const }]),
  ];
}

function ofConnector(place: string, connector: ConnectorConfig): readonly NamedSecret[] {
  switch (connector.kind) {
    case "sentinel":
      return ofCredential(`${place}.credential`, connector.credential);
    case "webhook":
      return [
        ...(connector.urlSecret === undefined
          ? []
          : [{ place: `${place}.urlSecret`, name: connector.urlSecret, kind: "address" as const }]),
        { place: `${place}.secret`, name: connector.secret, kind: "signature" },
        ...(connector.previousSecret === undefined
          ? []
          : [{ place: `${place}.previousSecret`, name: connector.previousSecret, kind: "signature" as const }]),
      ];
    case "servicenow":
    case "jira":
      return [{ place: `${place}.auth.secret`, name: connector.auth.secret, kind: "credential" }];
    case "qradar":
      return [
        { place: `${place}.auth.secret`, name: connector.auth.secret, kind: "credential" },
        ...certificatesOf(place, connector),
      ];
    default:
      return assertNever(connector);
  }
}

function ofCredential(place: string, credential: CredentialConfig | undefined): readonly NamedSecret[] {
  if (credential === undefined || credential.kind === "managedIdentity") return [];
  const kind = credential.kind === "certificate" ? "certificate" : "credential";
  return [{ place: `${place}.secret`, name: credential.secret, kind }];
}
