import { readFileSync } from "node:fs";
import { ConfigError } from "./config.ts";

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
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new ConfigError(file, [`it is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
}
