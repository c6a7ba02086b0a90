import { parseArgs } from "node:util";
import { start } from "../local/start.ts";

const USAGE = `dex-sync COMMAND

  start [--config FILE] [--data DIR] [--port N] [--tables CONNECTION]
        runs everything on this machine; without --config on a simulated tenant

Options of start:
  --config FILE        dex-sync.config.json: your tenants and tools
  --data DIR           where bus and state are kept (default .dex-sync)
  --port N             of the page, on 127.0.0.1 (default 7071)
  --tables CONNECTION  keep state in Azure Tables or Azurite instead
  --json               every log line on the terminal, as JSON`;

/** Exit codes: 0 done, 1 it cannot go on, 2 the call or the configuration is wrong. */
async function main(): Promise<number> {
  const [command, ...rest] = process.argv.slice(2);
  if (command === undefined || command === "help" || command === "--help") {
    console.log(USAGE);
    return command === undefined ? 2 : 0;
  }
  if (command !== "start") {
    console.error(`dex-sync: there is no command "${command}"\n\n${USAGE}`);
    return 2;
  }
  let values: { config?: string; data?: string; port?: string; tables?: string; json?: boolean };
  try {
    ({ values } = parseArgs({
      args: rest,
      options: {
        config: { type: "string" },
        data: { type: "string" },
        port: { type: "string" },
        tables: { type: "string" },
        json: { type: "boolean" },
      },
    }));
  } catch (error) {
    console.error(`dex-sync start: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const port = Number(values.port ?? "7071");
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error(`dex-sync start: --port takes a number from 0 to 65535, not "${values.port}"`);
    return 2;
  }
  return start({
    configFile: values.config,
    dataFolder: values.data ?? ".dex-sync",
    port,
    tables: values.tables,
    isJsonLog: values.json === true,
  });
}

void main().then((code) => process.exit(code));
