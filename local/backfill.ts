import { setTimeout as sleep } from "node:timers/promises";
import type { BackfillOfTenant } from "../shared/pipeline/operate-backfill.ts";
import { readHostKeys } from "./host-keys.ts";
import { readRunningFile } from "./running-file.ts";
import { type StartOptions, dataFolderOf, withProduct } from "./start.ts";

export interface BackfillOptions {
  readonly since: string;
  readonly until: string | undefined;
  readonly tenant: string | undefined;
  readonly isDryRun: boolean;
  readonly reason: string;
  readonly isJson: boolean;
  /** A product that runs elsewhere, and its master key. */
  readonly remote: Place | undefined;
}

/** Where a product is told to do something. */
interface Place {
  readonly url: string;
  readonly key: string;
}

const LOOK_EVERY_MS = 500;
const SILENT_LOOKS = 10;

/**
 * Asks the product that runs on this data folder (or elsewhere) for a backfill and shows how far it is; where none runs, one runs for as
 * long as it takes. Broken off, it goes on where it was: with the product, or with the same command. Answers the exit code.
 */
export async function backfill(options: BackfillOptions, start: StartOptions): Promise<number> {
  const place = options.remote ?? (await runningPlace(start));
  if (place !== undefined) return await follow(options, place);
  if (start.configFile === undefined) {
    console.error(
      "dex-sync backfill: nothing runs on this data folder; name the configuration with --config FILE or DEX_SYNC_CONFIG",
    );
    return 2;
  }
  return await withProduct(start, async ({ running, dataFolder }) => {
    const own = { url: running.url, key: readHostKeys(dataFolder).master };
    await untilRead(own);
    return await follow(options, own);
  });
}

/** Undefined where what the folder names does not answer. */
async function runningPlace(start: StartOptions): Promise<Place | undefined> {
  const dataFolder = dataFolderOf(start);
  const running = readRunningFile(dataFolder);
  if (running === undefined) return undefined;
  const place = { url: running.url, key: readHostKeys(dataFolder).master };
  return (await call(place, "GET")) === undefined ? undefined : place;
}

/** A product that was only just started has read nothing yet: its first poll comes with its timer. */
async function untilRead(place: Place): Promise<void> {
  for (let looks = 0; looks < 240; looks += 1) {
    const health = await fetch(`${place.url}/api/health`, { headers: { "x-functions-key": place.key } });
    const { tenants } = (await health.json()) as { tenants?: readonly { lastPollAgeMs?: number | null }[] };
    if (tenants?.every((tenant) => typeof tenant.lastPollAgeMs === "number") === true) return;
    await sleep(LOOK_EVERY_MS);
  }
}

async function follow(options: BackfillOptions, place: Place): Promise<number> {
  const { since, until, tenant, isDryRun, reason } = options;
  const order = { since, ...(until === undefined ? {} : { until }), ...(tenant === undefined ? {} : { tenant }) };
  const asked = await call(place, "POST", { ...order, dryRun: isDryRun, reason });
  if (asked === undefined) {
    console.error(`dex-sync backfill: nobody answers at ${place.url}`);
    return 1;
  }
  if (asked.status !== 202) {
    for (const problem of asked.problems) console.error(`dex-sync backfill: ${problem}`);
    return asked.status === 400 ? 2 : 1;
  }
  let shown = "";
  let silent = 0;
  for (;;) {
    const told = await call(place, "GET");
    silent = told === undefined ? silent + 1 : 0;
    if (silent >= SILENT_LOOKS) {
      console.error("dex-sync backfill: the product no longer answers; it goes on where it was once it runs again");
      return 1;
    }
    const tenants = (told?.tenants ?? asked.tenants).filter(
      (row) => row.backfill !== null && (tenant === undefined || row.tenantId === tenant),
    );
    const text = tenants.map(lineOf).join("\n");
    if (!options.isJson && text !== shown) console.log(text);
    shown = text;
    if (tenants.every((row) => row.backfill?.finishedAt !== null)) {
      if (options.isJson) console.log(JSON.stringify({ tenants }));
      return 0;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function lineOf({ name, backfill: progress }: BackfillOfTenant): string {
  if (progress === null) return `${name}: none`;
  const { pages, rows, created, changed, unchanged, outOfScope, finishedAt, isDryRun } = progress;
  const verb = isDryRun ? "would be " : "";
  const counts = [
    `${created} ${verb}new`,
    `${changed} ${verb}changed`,
    `${unchanged} unchanged`,
    ...(outOfScope > 0 ? [`${outOfScope} out of scope`] : []),
  ];
  return `${name}: ${pages} pages, ${rows} incidents: ${counts.join(", ")}${finishedAt === null ? " …" : "; done"}`;
}

interface Answer {
  readonly status: number;
  readonly problems: readonly string[];
  readonly tenants: readonly BackfillOfTenant[];
}

/** Undefined where nobody answers. */
async function call(place: Place, method: "GET" | "POST", body?: unknown): Promise<Answer | undefined> {
  let response: Response;
  try {
    response = await fetch(`${place.url}/api/operations/backfill`, {
      method,
      headers: { "x-functions-key": place.key, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    if (error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError"))
      return undefined;
    throw error;
  }
  const { problems = [], tenants = [] } = (await response.json().catch(() => ({}))) as Partial<Answer>;
  if (response.status === 401) return { status: 401, problems: ["the key is not this product's master key"], tenants };
  return { status: response.status, problems, tenants };
}
