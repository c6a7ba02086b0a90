import { join } from "node:path";
import {
  eventually,
  freePort,
  secretsOf,
  setBehaviour,
  startProduct,
  startSimulators,
  temporaryFolder,
  writeConfig,
} from "../test/product-process.ts";
import { summary } from "./percentiles.ts";
import { readLog } from "./read-log.ts";

const INCIDENTS = 300;
const LIVES_S = 90;

/** Change at the source → ticket written, by the product's own log, with incidents that live through whole lives; poll intervals of a real tenant and of the demo. */
export async function benchEndToEnd(): Promise<void> {
  for (const interval of ["PT15S", "PT2S"]) await measure(interval);
}

async function measure(interval: string): Promise<void> {
  const folder = temporaryFolder();
  const simulators = await startSimulators([
    "--incidents",
    `${INCIDENTS}`,
    "--seed",
    "3",
    "--duration-s",
    `${LIVES_S}`,
  ]);
  await setBehaviour(simulators.sentinelUrl, { putLimit: 0 });
  const dataFolder = join(folder.path, "data");
  const config = writeConfig(folder.path, simulators, { poll: { interval, requestsPerMinute: 100_000 } });
  const product = await startProduct({ config, dataFolder, port: await freePort(), env: secretsOf(simulators) });
  try {
    await new Promise((resolve) => setTimeout(resolve, (LIVES_S + 5) * 1_000));
    await eventually(
      async () => {
        const health = (await (await fetch(`${product.url}/api/health`)).json()) as {
          connectors: { behind: number }[];
        };
        return health.connectors.every((connector) => connector.behind === 0) ? true : undefined;
      },
      60_000,
      1_000,
    );
  } finally {
    await product.stop();
    await simulators.stop();
  }
  const lines = await readLog(join(dataFolder, "logs", "dex-sync.ndjson"));
  const written = lines.filter((line) => line.message === "ticket synced" && line.lateMs !== undefined);
  for (const connector of ["itsm", "sentinel"]) {
    const late = written.filter((line) => line.connector === connector).map((line) => line.lateMs ?? 0);
    console.log(
      `poll ${interval}, ${connector}: change → ticket ${summary(late)} over ${late.length} writes of ${INCIDENTS} incidents`,
    );
  }
  folder.remove();
}
