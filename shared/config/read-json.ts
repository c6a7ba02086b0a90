import { readFileSync } from "node:fs";
import { ConfigError } from "./config.ts";
import { jsonFault } from "./json-fault.ts";

/** The configuration file as JSON, or `ConfigError` with the mend. */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const why = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw new ConfigError(file, [`${why}; name the file with --config FILE or DEX_SYNC_CONFIG`]);
  }
  const bare = text.replace(/^\uFEFF/, "");
  try {
    return JSON.parse(bare);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const fault = jsonFault(bare);
    // Never the engine's own message: it repeats what stands there, which may be a secret.
    const place = fault === undefined ? "" : `: line ${fault.line}, column ${fault.column} wants ${fault.wanted}`;
    throw new ConfigError(file, [`it is not JSON${place}`]);
  }
}
