import { compose } from "../shared/composition.ts";
import { ConfigError } from "../shared/config/config.ts";
import { readSettings } from "../shared/config/settings.ts";
import type { ConnectorId, SetupReport } from "../shared/connectors/connector.ts";
import { isEventConnector } from "../shared/connectors/event-connector.ts";
import { PermanentError, RetryableError } from "../shared/errors.ts";
import type { Bus } from "../shared/pipeline/ports/bus.ts";
import { createMemoryTables } from "./store/memory-tables.ts";
import { printable } from "./terminal-words.ts";

export interface SetUpOptions {
  readonly kind: string;
  readonly configFile: string;
  readonly connector: string | undefined;
  readonly isJson: boolean;
}

/** For all questions to one tool. */
const LONGEST_MS = 120_000;
const LINE_MAX = 1_000;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NO_BUS: Bus = { send: () => Promise.reject(new Error("a set-up sends nothing")) };

/** Makes what the connectors of a kind need in their tools. Exit codes: 0 all is there, 1 something could not be made, 2 the call or the configuration is wrong. */
export async function setUp(options: SetUpOptions): Promise<number> {
  try {
    return await setUpAll(options);
  } catch (error) {
    const isKnown = error instanceof ConfigError || error instanceof PermanentError || error instanceof RetryableError;
    if (!isKnown) throw error;
    const mend = error instanceof PermanentError && error.mend !== "" ? `\n  mend: ${error.mend}` : "";
    console.error(printable(`dex-sync setup: ${error.message}`, LINE_MAX) + mend);
    return error instanceof ConfigError ? 2 : 1;
  }
}

async function setUpAll({ kind, configFile, connector: wanted, isJson }: SetUpOptions): Promise<number> {
  const settings = readSettings({ ...process.env, DEX_SYNC_CONFIG: configFile });
  const composed = await compose(
    { tables: createMemoryTables(), bus: NO_BUS, log: SILENT, isOneMachine: true },
    settings,
  );
  try {
    const named = composed.config.connectors.filter(
      (connector) => connector.kind === kind && (wanted === undefined || connector.id === wanted),
    );
    if (named.length === 0) {
      console.error(
        `dex-sync setup: ${configFile} has no connector of kind "${kind}"${wanted === undefined ? "" : ` and id "${wanted}"`}`,
      );
      return 2;
    }
    let isWhole = true;
    for (const { id } of named) {
      const { connector } = await composed.laneDeps(id as ConnectorId);
      if (isEventConnector(connector) || connector.setUp === undefined) {
        console.error(`dex-sync setup: a ${kind} needs no set-up from here; see docs/${kind}.md`);
        return 2;
      }
      const report = await connector.setUp(AbortSignal.timeout(LONGEST_MS));
      console.log(isJson ? JSON.stringify({ connector: id, ...report }) : setUpText(id, report));
      isWhole &&= report.done.every(({ outcome }) => outcome !== "failed");
    }
    return isWhole ? 0 : 1;
  } finally {
    await composed.close();
  }
}

function setUpText(id: string, { done, toDo }: SetupReport): string {
  const steps = done.map(({ what, outcome, detail }) =>
    printable(`  ${outcome.padEnd(10)} ${what}${detail === undefined ? "" : `: ${detail}`}`, LINE_MAX),
  );
  const left = toDo.map((step, index) => `  ${index + 1}. ${step}`);
  return [`${id}:`, ...steps, "", "What only you can do, in the tool:", ...left].join("\n");
}
