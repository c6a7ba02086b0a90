import { parseArgs } from "node:util";
import { doctor } from "../local/doctor.ts";
import { PLACE_OPTIONS, orSay } from "./options.ts";
import { remoteOf } from "./remote.ts";

const USAGE = `dex-sync doctor
        asks everything that the product depends on one harmless question: configuration, secrets, each permission at Graph, each
        tool, tables, queues and clocks; says the mend for what is wrong; writes no ticket
  --config FILE        examine this configuration from here, where no product follows it
  --url URL --key ENV  a product that runs elsewhere, and the environment variable that holds its master key
  --json               machine-readable`;

const OPTIONS = { ...PLACE_OPTIONS, url: { type: "string" }, key: { type: "string" } } as const;

/** Exit codes: 0 nothing is wrong, 1 something is, 2 the call or the configuration is wrong. */
export async function doctorCommand(args: readonly string[]): Promise<number> {
  const values = orSay("doctor", USAGE, () => parseArgs({ args: [...args], options: OPTIONS }).values);
  const place = values === undefined ? undefined : await remoteOf("doctor", values);
  if (values === undefined || place === undefined) return 2;
  return await doctor({ isJson: values.json === true, remote: place.remote }, place.start);
}
