import type { Config } from "../shared/config/config.ts";
import type { CredentialConfig } from "../shared/config/schema.ts";

/** Every environment variable that the configuration names and that is not set, with the place that names it. */
export function missingSecrets(config: Config, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const named = [
    ...config.tenants.flatMap((tenant, index) => credentialSecret(`tenants.${index}.credential`, tenant.credential)),
    ...config.connectors.flatMap((connector, index) =>
      connector.kind === "sentinel"
        ? credentialSecret(`connectors.${index}.credential`, connector.credential)
        : [{ place: `connectors.${index}.auth.secret`, name: connector.auth.secret }],
    ),
    ...config.doorbellSecrets.map((name, index) => ({ place: `doorbells.secrets.${index}`, name })),
  ];
  return named
    .filter(({ name }) => (env[name] ?? "") === "")
    .map(
      ({ place, name }) => `${place} names the environment variable ${name}, which is not set; set it and start again`,
    );
}

function credentialSecret(
  place: string,
  credential: CredentialConfig | undefined,
): readonly { readonly place: string; readonly name: string }[] {
  if (credential === undefined || credential.kind === "managedIdentity") return [];
  return [{ place: `${place}.secret`, name: credential.secret }];
}
