import { parseArgs } from "node:util";
import { backfill } from "../local/backfill.ts";
import { orSay } from "./options.ts";
import { DEFAULT_REASON, REMOTE_OPTIONS, REMOTE_USAGE, remoteOf } from "./remote.ts";

const USAGE = `dex-sync backfill --since MOMENT [--until MOMENT] [--tenant ID] [--dry-run] [--reason TEXT]
        reads what was last updated in that time once more: incidents before scope.createdAfter included, nothing twice
  --since MOMENT       2026-01-01T00:00:00Z, or a day
  --until MOMENT       default: now
  --dry-run            only counts
${REMOTE_USAGE}`;

const OPTIONS = {
  ...REMOTE_OPTIONS,
  since: { type: "string" },
  until: { type: "string" },
  "dry-run": { type: "boolean" },
} as const;

/** Exit codes: 0 done, 1 it cannot go on, 2 the call or the configuration is wrong. */
export async function backfillCommand(args: readonly string[]): Promise<number> {
  const values = orSay("backfill", USAGE, () => valuesOf(args));
  if (values === undefined) return 2;
  if (values.since === undefined) {
    console.error(`dex-sync backfill: --since says from when\n\n${USAGE}`);
    return 2;
  }
  const place = await remoteOf("backfill", values);
  if (place === undefined) return 2;
  return await backfill(
    {
      since: values.since,
      until: values.until,
      tenant: values.tenant,
      isDryRun: values["dry-run"] === true,
      reason: values.reason ?? DEFAULT_REASON,
      isJson: values.json === true,
      remote: place.remote,
    },
    place.start,
  );
}

interface Values {
  readonly config?: string;
  readonly data?: string;
  readonly port?: string;
  readonly tables?: string;
  readonly json?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly tenant?: string;
  readonly "dry-run"?: boolean;
  readonly reason?: string;
  readonly url?: string;
  readonly key?: string;
}

function valuesOf(args: readonly string[]): Values {
  return parseArgs({ args: [...args], options: OPTIONS }).values;
}
