import { existsSync } from "node:fs";
import { join } from "node:path";
import { createAzureTables } from "../shared/azure/azure-tables.ts";
import { type Composition, compose } from "../shared/composition.ts";
import { readSettings } from "../shared/config/settings.ts";
import type { Tables } from "../shared/pipeline/ports/table.ts";
import { SILENT_BUS, readOnlyTables } from "../shared/pipeline/preview/read-only.ts";
import { type Answer, type Place, runningPlace } from "./operations-client.ts";
import { configDigestOf, readRunningFile } from "./running-file.ts";
import { type StartOptions, dataFolderOf } from "./start.ts";
import { createMemoryTables } from "./store/memory-tables.ts";
import { openLmdbTables } from "./store/lmdb-tables.ts";

const TABLES_TIMEOUT_MS = 10_000;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The product on this data folder, where it follows the same configuration: the answer of another would be another. */
export async function placeThatFollows(start: StartOptions): Promise<Place | undefined> {
  const running = readRunningFile(dataFolderOf(start));
  if (running === undefined) return undefined;
  const { configFile } = start;
  const isSame =
    configFile === undefined || (existsSync(configFile) && configDigestOf(configFile) === running.configDigest);
  return isSame ? await runningPlace(start) : undefined;
}

/** Asks the product's own code, over a state that is only read; no product runs for it. */
export async function askReadOnly(
  start: StartOptions,
  ask: (composed: Composition) => Promise<{ readonly status: number; readonly body: unknown }>,
): Promise<Answer> {
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
      const { status, body } = await ask(composed);
      const answered = body as Answer["body"];
      return { status, problems: (answered["problems"] ?? []) as readonly string[], body: answered };
    } finally {
      await composed.close();
    }
  } finally {
    await state.close();
  }
}

/** Before the first start there is no state: then nothing is known, and nothing is made. */
async function stateOf(start: StartOptions): Promise<{ readonly tables: Tables; close(): Promise<void> }> {
  const close = (): Promise<void> => Promise.resolve();
  if (start.tables !== undefined) {
    return { tables: createAzureTables({ connectionString: start.tables, timeoutMs: TABLES_TIMEOUT_MS }), close };
  }
  const path = join(dataFolderOf(start), "state");
  if (!existsSync(join(path, "data.mdb"))) return { tables: createMemoryTables(), close };
  return await openLmdbTables({ path, isReadOnly: true });
}
