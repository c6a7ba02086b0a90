import { existsSync } from "node:fs";
import { join } from "node:path";
import { createAzureTables } from "../shared/azure/azure-tables.ts";
import { compose } from "../shared/composition.ts";
import { readSettings } from "../shared/config/settings.ts";
import { operatePreview } from "../shared/pipeline/operate-preview.ts";
import { SILENT_BUS, readOnlyTables } from "../shared/pipeline/read-only.ts";
import type { Preview } from "../shared/pipeline/previewed.ts";
import type { Tables } from "../shared/pipeline/ports/table.ts";
import { type Answer, type Place, callProduct, exitCodeOf, runningPlace } from "./operations-client.ts";
import { previewText } from "./preview-text.ts";
import { configDigestOf, readRunningFile } from "./running-file.ts";
import { type StartOptions, dataFolderOf, orSayWhy } from "./start.ts";
import { createMemoryTables } from "./store/memory-tables.ts";
import { openLmdbTables } from "./store/lmdb-tables.ts";

export interface PreviewOptions {
  readonly last: string;
  readonly tenant: string | undefined;
  readonly connector: string | undefined;
  readonly isJson: boolean;
  readonly remote: Place | undefined;
}

/** This process. */
const HERE: Place = { url: "", key: "" };
const TABLES_TIMEOUT_MS = 10_000;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Asks the product that runs elsewhere or on this data folder; where none runs, or it follows another configuration than the one named,
 * the state is opened to be read. Nothing is written either way. Answers the exit code.
 */
export function preview(options: PreviewOptions, start: StartOptions): Promise<number> {
  const { last, tenant, connector } = options;
  const named = {
    last,
    ...(tenant === undefined ? {} : { tenant }),
    ...(connector === undefined ? {} : { connector }),
  };
  return orSayWhy(async () => {
    const place = options.remote ?? (await placeThatFollows(start));
    const answer =
      place === undefined
        ? await previewHere(named, start)
        : await callProduct(place, "GET", `preview?${new URLSearchParams(named)}`);
    const code = exitCodeOf("preview", place ?? HERE, answer);
    if (code !== undefined) return code;
    const seen = answer?.body as unknown as Preview;
    console.log(options.isJson ? JSON.stringify(seen) : previewText(seen));
    return seen.problems.length === 0 && seen.left === 0 ? 0 : 1;
  });
}

/** Its answer would be another's where it follows another configuration. */
async function placeThatFollows(start: StartOptions): Promise<Place | undefined> {
  const running = readRunningFile(dataFolderOf(start));
  if (running === undefined) return undefined;
  const { configFile } = start;
  const isSame =
    configFile === undefined || (existsSync(configFile) && configDigestOf(configFile) === running.configDigest);
  return isSame ? await runningPlace(start) : undefined;
}

async function previewHere(named: Readonly<Record<string, string>>, start: StartOptions): Promise<Answer> {
  if (start.configFile === undefined) {
    const problem = "nothing runs on this data folder; name the configuration with --config FILE or DEX_SYNC_CONFIG";
    return { status: 400, problems: [problem], body: {} };
  }
  const state = await stateOf(start);
  const settings = readSettings({ ...process.env, DEX_SYNC_CONFIG: start.configFile });
  try {
    const parts = { tables: readOnlyTables(state.tables), bus: SILENT_BUS, isOneMachine: true, log: SILENT };
    const composed = await compose(parts, settings);
    try {
      const { status, body } = await operatePreview(composed, (name) => named[name] ?? null);
      return { status, problems: "incidents" in body ? [] : body.problems, body: { ...body } };
    } finally {
      await composed.close();
    }
  } finally {
    await state.close();
  }
}

/** Before the first start there is no state: then nothing is known, and nothing is made. */
async function stateOf(start: StartOptions): Promise<{ readonly tables: Tables; close(): Promise<void> }> {
  if (start.tables !== undefined) {
    const tables = createAzureTables({ connectionString: start.tables, timeoutMs: TABLES_TIMEOUT_MS });
    return { tables, close: () => Promise.resolve() };
  }
  const path = join(dataFolderOf(start), "state");
  if (!existsSync(join(path, "data.mdb"))) return { tables: createMemoryTables(), close: () => Promise.resolve() };
  return await openLmdbTables({ path, isReadOnly: true });
}
