import { parseArgs } from "node:util";
import { lint } from "../local/lint/lint.ts";
import { orSay } from "./options.ts";

const USAGE = `dex-sync lint --config FILE [--offline] [--json]
        checks a configuration: that every stage, severity, classification and determination has its answer, and that what is
        named (states, close codes, groups, rights) is there in each tool; nothing is written
  --config FILE        dex-sync.config.json (default: what DEX_SYNC_CONFIG names)
  --offline            the file alone: no tool is asked, no secret is needed
  --json               machine-readable`;

const OPTIONS = { config: { type: "string" }, offline: { type: "boolean" }, json: { type: "boolean" } } as const;

/** Exit codes: 0 fine or warnings alone, 1 findings of severity error, 2 the call or the configuration is wrong. */
export async function lintCommand(args: readonly string[]): Promise<number> {
  const values = orSay("lint", USAGE, () => parseArgs({ args: [...args], options: OPTIONS }).values);
  if (values === undefined) return 2;
  const configFile = values.config ?? process.env["DEX_SYNC_CONFIG"] ?? "";
  if (configFile === "") {
    console.error(`dex-sync lint: --config names the file to check\n\n${USAGE}`);
    return 2;
  }
  return await lint({ configFile, isOffline: values.offline === true, isJson: values.json === true });
}
