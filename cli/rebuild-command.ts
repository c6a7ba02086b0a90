import { parseArgs } from "node:util";
import { rebuildDry } from "../local/rebuild-dry.ts";
import { rebuild } from "../local/rebuild.ts";
import { orSay } from "./options.ts";
import { DEFAULT_REASON, REMOTE_OPTIONS, REMOTE_USAGE, remoteOf } from "./remote.ts";

const USAGE = `dex-sync rebuild --connector ID --since MOMENT [--tenant ID] [--dry-run] [--reason TEXT]
        rolls a changed mapping out, or fills a new tool: what is known goes to this connector once more; twice writes nothing the second time
  --since MOMENT       incidents that changed since 2026-01-01T00:00:00Z, or a day
  --dry-run            shows what would be written, and writes nothing
${REMOTE_USAGE}`;

const OPTIONS = {
  ...REMOTE_OPTIONS,
  connector: { type: "string" },
  since: { type: "string" },
  "dry-run": { type: "boolean" },
} as const;

/** Exit codes: 0 done, 1 it cannot go on, or some of it was parked; 2 the call or the configuration is wrong. */
export async function rebuildCommand(args: readonly string[]): Promise<number> {
  const values = orSay("rebuild", USAGE, () => parseArgs({ args: [...args], options: OPTIONS }).values);
  if (values === undefined) return 2;
  const { connector, since } = values;
  if (connector === undefined || since === undefined) {
    console.error(`dex-sync rebuild: --connector says whose tickets, --since of which incidents\n\n${USAGE}`);
    return 2;
  }
  const place = await remoteOf("rebuild", values);
  if (place === undefined) return 2;
  const options = {
    connector,
    since,
    tenant: values.tenant,
    reason: values.reason ?? DEFAULT_REASON,
    isJson: values.json === true,
    remote: place.remote,
  };
  return await (values["dry-run"] === true ? rebuildDry(options, place.start) : rebuild(options, place.start));
}
