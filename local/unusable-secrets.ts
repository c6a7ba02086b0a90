import type { Config } from "../shared/config/config.ts";
import { namedSecrets } from "../shared/config/named-secrets.ts";
import { readSecretAddress } from "../shared/config/secret-address.ts";
import { isUsableSecret } from "../shared/http/verify-signature.ts";

/** Every environment variable that is set to something that cannot do what the configuration names it for. No value is repeated. */
export function unusableSecrets(config: Config, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return namedSecrets(config).flatMap(({ place, name, kind }) => {
    const value = env[name] ?? "";
    if (value === "") return [];
    if (kind === "doorbell" && !isUsableSecret(value)) {
      return [`${place}: ${name} is no Standard Webhooks secret (whsec_ and 24 or more random bytes in base64)`];
    }
    const address = kind === "address" ? readSecretAddress(value, config.allowPrivate) : undefined;
    return address !== undefined && "problem" in address
      ? [`${place}: the address in ${name} ${address.problem}; correct it and start again`]
      : [];
  });
}
