import { readFileSync } from "node:fs";
import { ConfigError } from "./config.ts";
import { jsonFault } from "./json-fault.ts";

/** The configuration file as JSON, or `ConfigError` with the mend. */
export function readJson(file: string): unknown {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const why = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw new ConfigError(file, [`${why}; name the file with --config FILE or DEX_SYNC_CONFIG`]);
  }
  const bare = textOf(file, bytes);
  // Never the engine's own message: it repeats what stands there, which may be a secret.
  const fault = jsonFault(bare);
  if (fault === undefined) return JSON.parse(bare);
  throw new ConfigError(file, [`it is not JSON: line ${fault.line}, column ${fault.column} wants ${fault.wanted}`]);
}

/** Without the mark that some editors put first. Read as something else than it is, a name would be changed without a word. */
function textOf(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ConfigError(file, ["its text is not UTF-8 (UTF-16 or a code page, perhaps); save it as UTF-8"]);
  }
}
