import { parseArgs } from "node:util";
import { setUp } from "../local/set-up.ts";
import { orSay } from "./options.ts";

const USAGE = `dex-sync setup KIND --config FILE [--connector ID] [--json]
        makes in a tool what its connector needs there, each thing once, and says what only you can do there; may be run again
  KIND                 qradar
  --config FILE        dex-sync.config.json (default: what DEX_SYNC_CONFIG names)
  --connector ID       this one alone, where there are several
  --json               machine-readable`;

const OPTIONS = { config: { type: "string" }, connector: { type: "string" }, json: { type: "boolean" } } as const;

/** Exit codes: 0 all is there, 1 something could not be made, 2 the call or the configuration is wrong. */
export async function setupCommand(args: readonly string[]): Promise<number> {
  const parsed = orSay("setup", USAGE, () => parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true }));
  if (parsed === undefined) return 2;
  const { values, positionals } = parsed;
  const configFile = values.config ?? process.env["DEX_SYNC_CONFIG"] ?? "";
  const [kind, ...more] = positionals;
  if (kind === undefined || more.length > 0 || configFile === "") {
    console.error(`dex-sync setup: name one kind of tool, and the configuration\n\n${USAGE}`);
    return 2;
  }
  return await setUp({ kind, configFile, connector: values.connector, isJson: values.json === true });
}
