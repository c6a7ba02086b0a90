import { parseArgs } from "node:util";
import { callOperation, exitCodeOf, withPlace } from "../local/operations-client.ts";
import { orSay } from "./options.ts";
import { DEFAULT_REASON, REMOTE_OPTIONS, REMOTE_USAGE, remoteOf } from "./remote.ts";

const USAGE = `dex-sync forget --tenant ID [--reason TEXT]
        deletes everything that is kept of a tenant that has left the configuration; its tickets stay as they are
${REMOTE_USAGE}`;

interface Step {
  readonly incidents: number;
  readonly next?: number;
}

/** Exit codes: 0 nothing is left, 1 it cannot go on, 2 the call or the configuration is wrong. */
export async function forgetCommand(args: readonly string[]): Promise<number> {
  const values = orSay("forget", USAGE, () => parseArgs({ args: [...args], options: REMOTE_OPTIONS }).values);
  if (values === undefined) return 2;
  const { tenant, reason = DEFAULT_REASON } = values;
  if (tenant === undefined) {
    console.error(`dex-sync forget: --tenant names whose data is to go\n\n${USAGE}`);
    return 2;
  }
  const place = await remoteOf("forget", values);
  if (place === undefined) return 2;
  return await withPlace("forget", place.remote, place.start, async (at) => {
    let incidents = 0;
    let from: number | undefined;
    do {
      const order = { tenant, reason, ...(from === undefined ? {} : { from }) };
      const answer = await callOperation(at, "POST", "forget", order);
      const code = exitCodeOf("forget", at, answer);
      if (code !== undefined) return code;
      const step = answer?.body as unknown as Step;
      incidents += step.incidents;
      from = step.next;
      if (values.json !== true && from !== undefined) console.log(`… ${incidents} incidents forgotten`);
    } while (from !== undefined);
    console.log(
      values.json === true
        ? JSON.stringify({ tenant, incidents })
        : `forget: nothing of ${tenant} is left (${incidents} incidents)`,
    );
    return 0;
  });
}
