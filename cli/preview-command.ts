import { parseArgs } from "node:util";
import { preview } from "../local/preview.ts";
import { orSay } from "./options.ts";
import { REMOTE_OPTIONS, REMOTE_USAGE, remoteOf } from "./remote.ts";

const USAGE = `dex-sync preview [--last 50] [--connector ID] [--tenant ID]
        what would be created and changed in each tool for the incidents that changed last, and why; writes nothing
  --last N             so many incidents, 1 to 200
  --connector ID       for one tool only
  --config FILE        by this configuration, also while a product that follows another one runs on the data folder
${REMOTE_USAGE}`;

const OPTIONS = { ...REMOTE_OPTIONS, last: { type: "string" }, connector: { type: "string" } } as const;

/** Exit codes: 0 done, 1 some of it could not be looked at, 2 the call or the configuration is wrong. */
export async function previewCommand(args: readonly string[]): Promise<number> {
  const values = orSay("preview", USAGE, () => parseArgs({ args: [...args], options: OPTIONS }).values);
  const place = values === undefined ? undefined : await remoteOf("preview", values);
  if (values === undefined || place === undefined) return 2;
  const { last = "50", tenant, connector } = values;
  return await preview({ last, tenant, connector, isJson: values.json === true, remote: place.remote }, place.start);
}
