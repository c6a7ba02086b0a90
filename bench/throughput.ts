import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  freePort,
  secretsOf,
  setBehaviour,
  spawnProduct,
  startSimulators,
  temporaryFolder,
  writeConfig,
} from "../test/product-process.ts";
import { type Azurite, startAzurite } from "../test/shared/azure/start-azurite.ts";
import { type LogLine, readLog } from "./read-log.ts";
import { sessionTrial } from "./session-trial.ts";

const INCIDENTS = 3_000;
/** Looking costs time of the same two cores. */
const LOOK_MS = 3_000;
const EMBEDDED_BAR = 300;
const AZURITE_BAR = 150;
/** What the trial made where the bars come from: 90 to 162 a second, one message a session; the middle of it. */
const TRIAL_WHERE_BARS_COME_FROM = 126;

/**
 * Deltas a second from the first save to the last ticket: a backlog of new incidents, real Service Bus client, embedded bus, and the embedded
 * store or, with `--azurite`, the emulator found in AZURITE_PATH. Every id is checked at the end; false where a bar is missed.
 * The bars are of another machine: how fast this one is beside it is told by the same trial in the same run.
 */
export async function benchThroughput(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({ args: [...args], options: { azurite: { type: "boolean" } } });
  const azurite = values.azurite === true ? await startEmulator() : undefined;
  try {
    const trial = await sessionTrial(azurite?.connectionString);
    return await measure(azurite, trial);
  } finally {
    await azurite?.stop();
  }
}

async function startEmulator(): Promise<Azurite> {
  const folder = process.env["AZURITE_PATH"] ?? "";
  if (folder === "") {
    throw new Error(
      "AZURITE_PATH names no folder: npm install --no-save --prefix DIR azurite@3.35.0, then AZURITE_PATH=DIR",
    );
  }
  return startAzurite(folder);
}

async function measure(azurite: Azurite | undefined, trial: number): Promise<boolean> {
  const folder = temporaryFolder();
  const simulators = await startSimulators(["--incidents", `${INCIDENTS}`, "--seed", "5", "--duration-s", "0"]);
  await setBehaviour(simulators.sentinelUrl, { putLimit: 0 });
  const dataFolder = join(folder.path, "data");
  const config = writeConfig(folder.path, simulators);
  const args = ["start", "--config", config, "--data", dataFolder, "--port", `${await freePort()}`];
  const tables = azurite === undefined ? [] : ["--tables", azurite.connectionString];
  const product = spawnProduct([...args, ...tables], secretsOf(simulators));
  await product.greeted;
  const file = join(dataFolder, "logs", "dex-sync.ndjson");
  let lines: readonly LogLine[] = [];
  // Until no incident got its first ticket for a while.
  for (let looks = 0, before = 0; looks < 4 || before === 0;) {
    await sleep(LOOK_MS);
    lines = await readLog(file);
    const count = lines.filter(isFirst).length;
    looks = count === before ? looks + 1 : 0;
    before = count;
  }
  await product.stop();
  const { tickets } = (await ask(`${simulators.serviceNowUrl}/simulator/tickets`)) as {
    tickets: { correlation_id: string }[];
  };
  const { incidents } = (await ask(`${simulators.graphUrl}/simulator/truth`)) as { incidents: { status: string }[] };
  await simulators.stop();
  // One that was merged before it was ever read gets none.
  const wanted = incidents.filter(({ status }) => status !== "redirected").length;
  const distinct = new Set(tickets.map((ticket) => ticket.correlation_id)).size;
  const startedAt = Math.min(
    ...lines.filter((line) => line.message === "change saved").map((line) => Date.parse(line.at)),
  );
  // Until the last incident has its first ticket; alerts, which come later from a budget of their own, are not waited for.
  const endedAt = Math.max(...lines.filter(isFirst).map((line) => Date.parse(line.at)));
  const handled = lines.filter((line) => isSynced(line) && Date.parse(line.at) <= endedAt).length;
  const tookS = (endedAt - startedAt) / 1_000;
  const perSecond = Math.round(handled / tookS);
  const duplicates = tickets.length - distinct;
  const bar = azurite === undefined ? EMBEDDED_BAR : AZURITE_BAR;
  const barHere = Math.min(bar, (bar * trial) / TRIAL_WHERE_BARS_COME_FROM);
  const isMet = perSecond >= barHere && distinct === wanted && duplicates === 0;
  console.log(
    `state ${azurite === undefined ? "embedded" : "in Azurite"}: ${handled} deltas handled in ${tookS.toFixed(1)} s: ${perSecond}/s (two lanes; ${distinct} tickets for ${wanted} incidents, ${duplicates} duplicates)`,
  );
  console.log(
    `  the trial of a session a message makes ${trial.toFixed(0)}/s here, 90 to 162/s where the bar of ${bar}/s comes from: ×${(perSecond / trial).toFixed(2)} of it; bar: ×${(bar / TRIAL_WHERE_BARS_COME_FROM).toFixed(2)}, so ${barHere.toFixed(0)}/s here: ${isMet ? "ok" : "MISSED"}`,
  );
  folder.remove();
  return isMet;
}

async function ask(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

function isFirst({ outcome }: LogLine): boolean {
  return outcome === "created" || outcome === "adopted";
}

function isSynced(line: LogLine): boolean {
  return line.message === "ticket synced" && line.outcome !== "waiting";
}
