import { parseArgs } from "node:util";
import { reconcile } from "../local/reconcile.ts";
import { orSay } from "./options.ts";
import { DEFAULT_REASON, REMOTE_OPTIONS, REMOTE_USAGE, remoteOf } from "./remote.ts";

const USAGE = `dex-sync reconcile [--window 24h] [--repair] [--tenant ID] [--reason TEXT]
        compares the source with what is known, that with the links, and those with the tickets; each ticket is looked up once
  --window SPAN        incidents that changed in the last 90m, 24h (the default) or 7d
  --repair             sends what is missing or late on its way again; what people changed is left alone
${REMOTE_USAGE}`;

const OPTIONS = { ...REMOTE_OPTIONS, window: { type: "string" }, repair: { type: "boolean" } } as const;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 400 * 86_400_000;

/** Exit codes: 0 all agree, or was sent on its way again; 1 something is left for a person; 2 the call or the configuration is wrong. */
export async function reconcileCommand(args: readonly string[]): Promise<number> {
  const values = orSay("reconcile", USAGE, () => parseArgs({ args: [...args], options: OPTIONS }).values);
  if (values === undefined) return 2;
  const windowMs = spanOf(values.window ?? "24h");
  if (windowMs === undefined) {
    console.error(
      `dex-sync reconcile: --window takes a span like 90m, 24h or 7d (400d at most), not "${values.window}"`,
    );
    return 2;
  }
  const place = await remoteOf("reconcile", values);
  if (place === undefined) return 2;
  return await reconcile(
    {
      windowMs,
      tenant: values.tenant,
      isRepairing: values.repair === true,
      reason: values.reason ?? DEFAULT_REASON,
      isJson: values.json === true,
      remote: place.remote,
    },
    place.start,
  );
}

function spanOf(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const ms = Number(count ?? 0) * (UNIT_MS[unit] ?? 0);
  return ms > 0 && ms <= LONGEST_MS ? ms : undefined;
}
