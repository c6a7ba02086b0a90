import { join } from "node:path";
import {
  freePort,
  secretsOf,
  setBehaviour,
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
  await setBehaviour(simulators.sentinelUrl, { putLimit: 0 });
  const dataFolder = join(folder.path, "data");
  const config = writeConfig(folder.path, simulators);
  const product = await startProduct({ config, dataFolder, port: await freePort(), env: secretsOf(simulators) });
  const file = join(dataFolder, "logs", "dex-sync.ndjson");
  let lines: readonly LogLine[] = [];
  let before = -1;
  // Until hardly a ticket was written for ten seconds.
  for (let quietS = 0; quietS < 10;) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    lines = await readLog(file);
    const count = lines.filter(isSynced).length;
    quietS = count - before < 30 && count > 0 ? quietS + 1 : 0;
    before = count;
  }
  await product.stop();
  const tickets = (await (await fetch(`${simulators.serviceNowUrl}/simulator/tickets`)).json()) as {
    tickets: { correlation_id: string }[];
  };
  await simulators.stop();
  const distinct = new Set(tickets.tickets.map((ticket) => ticket.correlation_id)).size;
  const startedAt = Math.min(
    ...lines.filter((line) => line.message === "change saved").map((line) => Date.parse(line.at)),
  );
  // Until the last incident has its first ticket; alerts, which come later from a budget of their own, are not waited for.
  const isFirst = (line: LogLine): boolean => line.outcome === "created" || line.outcome === "adopted";
  const endedAt = Math.max(...lines.filter(isFirst).map((line) => Date.parse(line.at)));
  const handled = lines.filter((line) => isSynced(line) && Date.parse(line.at) <= endedAt).length;
  const tookS = (endedAt - startedAt) / 1_000;
  console.log(
    `${handled} deltas handled in ${tookS.toFixed(1)} s: ${Math.round(handled / tookS)}/s (two lanes; ${distinct} tickets for ${INCIDENTS} incidents, ${tickets.tickets.length - distinct} duplicates)`,
  );
  folder.remove();
}

function isSynced(line: LogLine): boolean {
  return line.message === "ticket synced" && line.outcome !== "waiting";
}
