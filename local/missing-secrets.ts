import type { Config } from "../shared/config/config.ts";
import { namedSecrets } from "../shared/config/named-secrets.ts";

/** Every environment variable that the configuration names and that is not set, with the place that names it. */
export function missingSecrets(config: Config, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return namedSecrets(config)
    .filter(({ name }) => (env[name] ?? "") === "")
    .map(
      ({ place, name }) => `${place} names the environment variable ${name}, which is not set; set it and start again`,
    );
}
