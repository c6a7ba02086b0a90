import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { expect, it, onTestFinished } from "vitest";
import { startTenant } from "../../local/simulators/start-tenant.ts";
import {
  eventually,
  freePort,
  secretsOf,
  simulatorsOf,
  startProduct,
  temporaryFolder,
  writeConfig,
} from "../product-process.ts";

const SECRET = `whsec_${Buffer.from("a secret of a test, 24 bytes or more").toString("base64")}`;
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

interface Line {
  readonly message: string;
  readonly traceId?: string;
  readonly incidentId?: string;
}

it("one trace leads from a doorbell to the write in each tool", async () => {
  const tenant = await startTenant({ twinDelayMs: 200 });
  onTestFinished(() => tenant.close());
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const simulators = simulatorsOf(tenant);
  const data = join(folder.path, "data");
  const product = await startProduct({
    config: writeConfig(folder.path, simulators, {
      poll: { interval: "PT1H" },
      doorbells: { graphResource: "", secrets: ["BELL"] },
    }),
    dataFolder: data,
    port: await freePort(),
    env: { ...secretsOf(simulators), BELL: SECRET },
  });
  onTestFinished(async () => void (await product.stop()));
  const linesOf = (message: string): readonly Line[] =>
    readFileSync(join(data, "logs", "dex-sync.ndjson"), "utf8")
      .split("\n")
      .filter((line) => line.includes(`"${message}"`))
      .map((line) => JSON.parse(line) as Line);
  const { id } = tenant.graph.incidents.create({ displayName: "Rung for" });

  const [body, webhookId, now] = ["{}", "msg_1", new Date()];
  // A first bell may be asked to call again: whoever rings does.
  await eventually(async () => {
    const rung = await fetch(`${product.url}/api/doorbell`, {
      method: "POST",
      body,
      headers: {
        "webhook-id": webhookId,
        "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
        "webhook-signature": new Webhook(SECRET).sign(webhookId, now, body),
        traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01`,
      },
    });
    return rung.status === 202 ? true : undefined;
  }, 20_000);

  const synced = await eventually(() => {
    const found = linesOf("ticket synced").filter((line) => line.incidentId === id);
    return Promise.resolve(found.length >= 2 ? found : undefined);
  }, 30_000);
  expect(linesOf("change saved").find((line) => line.incidentId === id)?.traceId).toBe(TRACE_ID);
  expect(new Set(synced.slice(0, 2).map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
});
