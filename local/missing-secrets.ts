import type { Config } from "../shared/config/config.ts";
import { type NamedSecret, namedSecrets } from "../shared/config/named-secrets.ts";

/** Every environment variable that the configuration names and that cannot be used as it is set, with the place that names it. */
export function missingSecrets(config: Config, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return namedSecrets(config).flatMap(({ place, name, kind }) => {
    const fault = faultOf(env[name] ?? "", kind);
    return fault === undefined ? [] : [`${place} names the environment variable ${name}, which ${fault}`];
  });
}

function faultOf(value: string, kind: NamedSecret["kind"]): string | undefined {
  if (value === "") return "is not set; set it and start again";
  if (value.trim() === "") return "holds nothing but blanks; set it and start again";
  // No header can hold one: it would be found out at the first call, without its name.
  const isBroken = kind !== "certificate" && /[\r\n]/.test(value);
  return isBroken ? "holds a line break; set it without one and start again" : undefined;
}
