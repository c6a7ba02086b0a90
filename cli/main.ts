import { parseArgs } from "node:util";
import { start } from "../local/start.ts";
import { backfillCommand } from "./backfill-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { forgetCommand } from "./forget-command.ts";
import { lintCommand } from "./lint-command.ts";
import { orderCommand } from "./order-command.ts";
import { parkedCommand } from "./parked-command.ts";
import { previewCommand } from "./preview-command.ts";
import { rebuildCommand } from "./rebuild-command.ts";
import { reconcileCommand } from "./reconcile-command.ts";
import { setupCommand } from "./setup-command.ts";
import { PLACE_OPTIONS, orSay, placeOf } from "./options.ts";

const USAGE = `dex-sync COMMAND

  start [--config FILE] [--data DIR] [--port N] [--tables CONNECTION]
        runs everything on this machine; without a configuration on a simulated tenant
  lint [--config FILE] [--offline]
        checks a configuration, and compares it with the tools: states, close codes, groups, rights
  setup KIND [--config FILE] [--connector ID]
        makes in a tool what its connector needs there, and says what only you can do: setup qradar
  doctor [--config FILE] [--url URL --key ENV]
        asks everything that the product depends on one harmless question, and says the mend for what is wrong
  backfill --since MOMENT [--until MOMENT] [--tenant ID] [--dry-run]
        reads what was last updated in that time once more
  preview [--last 50] [--connector ID] [--tenant ID]
        what would be created and changed in each tool, and why; writes nothing
  parked list|show|replay|drop [--tenant ID] [--incident ID] [--connector ID] [--all]
        work that could not go on: list it, show it whole, send it on its way again, or let it be
  rebuild --connector ID --since MOMENT [--tenant ID] [--dry-run]
        sends what is known to one connector once more: after a change of its mapping, or to fill a new tool
  reconcile [--window 24h] [--repair] [--tenant ID]
        compares the source, what is known, the links and the tickets; sends again what is late
  poll, sweep [--tenant ID]
        reads the source now; reads the last hours again and walks over all links
  forget --tenant ID
        deletes everything that is kept of a tenant that has left the configuration
  pause, resume --tenant ID | --connector ID
        holds a tenant or a connector, lets it go on

Options of every command:
  --config FILE        dex-sync.config.json: your tenants and tools (default: what DEX_SYNC_CONFIG names)
  --data DIR           where bus and state are kept (default .dex-sync)
  --port N             of the page, on 127.0.0.1 (default 7071)
  --tables CONNECTION  keep state in Azure Tables or Azurite instead
  --json               machine-readable: every log line on the terminal, or the result`;

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  start: startCommand,
  lint: lintCommand,
  setup: setupCommand,
  doctor: doctorCommand,
  backfill: backfillCommand,
  preview: previewCommand,
  parked: parkedCommand,
  rebuild: rebuildCommand,
  reconcile: reconcileCommand,
  poll: (args) => orderCommand("poll", args),
  sweep: (args) => orderCommand("sweep", args),
  forget: forgetCommand,
  pause: (args) => orderCommand("pause", args),
  resume: (args) => orderCommand("resume", args),
};

/** Exit codes: 0 done, 1 it cannot go on, 2 the call or the configuration is wrong. */
async function main(): Promise<number> {
  // Whatever is kept holds what incidents say, or keys: for this account alone.
  process.umask(0o077);
  const [name, ...rest] = process.argv.slice(2);
  if (name === undefined || name === "help" || name === "--help") {
    console.log(USAGE);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    console.error(`dex-sync: there is no command "${name}"\n\n${USAGE}`);
    return 2;
  }
  return await command(rest);
}

async function startCommand(args: readonly string[]): Promise<number> {
  const values = orSay("start", USAGE, () => parseArgs({ args: [...args], options: PLACE_OPTIONS }).values);
  const place = values === undefined ? undefined : await placeOf("start", values);
  return place === undefined ? 2 : await start(place);
}

void main().then((code) => process.exit(code));
