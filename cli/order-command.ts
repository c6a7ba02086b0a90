import { parseArgs } from "node:util";
import { callOperation, exitCodeOf, withPlace } from "../local/operations-client.ts";
import { orSay } from "./options.ts";
import { DEFAULT_REASON, REMOTE_OPTIONS, REMOTE_USAGE, remoteOf } from "./remote.ts";

const ABOUT = {
  poll: "reads the source now, without waiting for the timer",
  sweep: "reads the last hours of the source again, and walks over all links",
  pause: "holds a tenant (it is not read) or a connector (nothing is sent): --tenant ID or --connector ID",
  resume: "lets a tenant or a connector go on",
} as const;

type Order = keyof typeof ABOUT;

const OPTIONS = { ...REMOTE_OPTIONS, connector: { type: "string" } } as const;

/** `dex-sync poll|sweep|pause|resume`. Exit codes: 0 done, 1 it cannot go on, 2 the call or the configuration is wrong. */
export async function orderCommand(order: Order, args: readonly string[]): Promise<number> {
  const usage = `dex-sync ${order} [--tenant ID]${order === "pause" || order === "resume" ? " [--connector ID]" : ""} [--reason TEXT]
        ${ABOUT[order]}
${REMOTE_USAGE}`;
  const values = orSay(order, usage, () => parseArgs({ args: [...args], options: OPTIONS }).values);
  const place = values === undefined ? undefined : await remoteOf(order, values);
  if (values === undefined || place === undefined) return 2;
  return await withPlace(order, place.remote, place.start, async (at) => {
    const { tenant, connector, reason = DEFAULT_REASON } = values;
    const answer = await callOperation(at, "POST", order, {
      ...(tenant === undefined ? {} : { tenant }),
      ...(connector === undefined ? {} : { connector }),
      reason,
    });
    const code = exitCodeOf(order, at, answer);
    if (code !== undefined) return code;
    console.log(values.json === true ? JSON.stringify(answer?.body) : `${order}: taken`);
    return 0;
  });
}
