import { parseArgs } from "node:util";
import { backfill } from "../local/backfill.ts";
import { PLACE_OPTIONS, orSay, placeOf } from "./options.ts";

const USAGE = `dex-sync backfill --since MOMENT [--until MOMENT] [--tenant ID] [--dry-run] [--reason TEXT]
        reads what was last updated in that time once more: incidents before scope.createdAfter included, nothing twice
  --since MOMENT       2026-01-01T00:00:00Z, or a day
  --until MOMENT       default: now
  --tenant ID          default: all of the configuration
  --dry-run            only counts
  --url URL --key ENV  a product that runs elsewhere, and the environment variable that holds its master key`;

const OPTIONS = {
  ...PLACE_OPTIONS,
  since: { type: "string" },
  until: { type: "string" },
  tenant: { type: "string" },
  "dry-run": { type: "boolean" },
  reason: { type: "string" },
  url: { type: "string" },
  key: { type: "string" },
} as const;

/** Exit codes: 0 done, 1 it cannot go on, 2 the call or the configuration is wrong. */
export async function backfillCommand(args: readonly string[]): Promise<number> {
  const values = orSay("backfill", USAGE, () => valuesOf(args));
  if (values === undefined) return 2;
  if (values.since === undefined) {
    console.error(`dex-sync backfill: --since says from when\n\n${USAGE}`);
    return 2;
  }
  const place = await placeOf("backfill", { ...values, port: values.port ?? "0" });
  if (place === undefined) return 2;
  const key = process.env[values.key ?? "DEX_SYNC_MASTER_KEY"] ?? "";
  if (values.url !== undefined && key === "") {
    console.error("dex-sync backfill: with --url, --key names the environment variable that holds the master key");
    return 2;
  }
  return await backfill(
    {
      since: values.since,
      until: values.until,
      tenant: values.tenant,
      isDryRun: values["dry-run"] === true,
      reason: values.reason ?? "asked for on the command line",
      isJson: values.json === true,
      remote: values.url === undefined ? undefined : { url: values.url.replace(/\/$/, ""), key },
    },
    { ...place, isJsonLog: false },
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
