import { join } from "node:path";
import {
  freePort,
  secretsOf,
  startProduct,
  startSimulators,
  temporaryFolder,
  writeConfig,
} from "../test/product-process.ts";
import { type LogLine, readLog } from "./read-log.ts";

const INCIDENTS = 3_000;

/** Deltas a second from the first save to the last ticket: a backlog of new incidents, real Service Bus client, embedded bus and store. Every id is checked at the end. */
export async function benchThroughput(): Promise<void> {
  const folder = temporaryFolder();
  const simulators = await startSimulators(["--incidents", `${INCIDENTS}`, "--seed", "5", "--duration-s", "0"]);
  const dataFolder = join(folder.path, "data");
  const config = writeConfig(folder.path, simulators);
  const product = await startProduct({ config, dataFolder, port: await freePort(), env: secretsOf(simulators) });
  const file = join(dataFolder, "logs", "dex-sync.ndjson");
  let lines: readonly LogLine[] = [];
  let before = -1;
  // Until no ticket was written for ten seconds.
  for (let quietS = 0; quietS < 10;) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    lines = await readLog(file);
    const count = lines.filter(isSynced).length;
    quietS = count === before && count > 0 ? quietS + 1 : 0;
    before = count;
  }
  await product.stop();
  const tickets = (await (await fetch(`${simulators.serviceNowUrl}/simulator/tickets`)).json()) as {
    result: { correlation_id: string }[];
  };
  await simulators.stop();
  const distinct = new Set(tickets.result.map((ticket) => ticket.correlation_id)).size;
  const saves = lines.filter((line) => line.message === "change saved").map((line) => Date.parse(line.at));
  const synced = lines.filter(isSynced).map((line) => Date.parse(line.at));
  const tookS = (Math.max(...synced) - Math.min(...saves)) / 1_000;
  console.log(
    `${synced.length} deltas handled in ${tookS.toFixed(1)} s: ${Math.round(synced.length / tookS)}/s (two lanes; ${saves.length} changes, ${distinct} tickets for ${INCIDENTS} incidents, ${tickets.result.length - distinct} duplicates)`,
  );
  folder.remove();
}

function isSynced(line: LogLine): boolean {
  return line.message === "ticket synced" && line.outcome !== "waiting";
}
