import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Tenant, startTenant } from "../../local/simulators/start-tenant.ts";
import {
  DOORBELL_SECRET,
  type Product,
  eventually,
  freePort,
  secretsOf,
  simulatorsOf,
  startProduct,
  temporaryFolder,
  writeConfig,
} from "../product-process.ts";

let tenant: Tenant;
let product: Product;
const folder = temporaryFolder();

beforeAll(async () => {
  tenant = await startTenant({ twinDelayMs: 0 });
  const simulators = simulatorsOf(tenant);
  // So seldom a timer that only the bell can explain a quick ticket.
  const config = writeConfig(folder.path, simulators, { poll: { interval: "PT1H", requestsPerMinute: 1_000 } });
  product = await startProduct({
    config,
    dataFolder: join(folder.path, "data"),
    port: await freePort(),
    env: secretsOf(simulators),
  });
});
afterAll(async () => {
  await product.stop();
  await tenant.close();
  folder.remove();
});

function ring(secret: string, body = "{}"): Promise<Response> {
  const at = new Date();
  const id = `msg_${at.getTime()}`;
  return fetch(`${product.url}/api/doorbell`, {
    method: "POST",
    body,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": `${Math.floor(at.getTime() / 1_000)}`,
      "webhook-signature": new Webhook(secret).sign(id, at, body),
    },
  });
}

describe("the doorbell", () => {
  it("refuses who cannot sign, each time with the same words", async () => {
    const answers = await Promise.all([
      fetch(`${product.url}/api/doorbell`, { method: "POST", body: "{}" }),
      ring(`whsec_${Buffer.alloc(32, 1).toString("base64")}`),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([401, 401]);
    const [first, second] = await Promise.all(answers.map((answer) => answer.text()));
    expect(first).toBe(second);
  });

  it("refuses a body that is too long, and other methods", async () => {
    expect((await ring(DOORBELL_SECRET, "x".repeat(300_000))).status).toBe(413);
    expect((await fetch(`${product.url}/api/doorbell`)).status).toBe(404);
  });

  it("leads to a poll and so to a ticket within seconds; a hundred rings to one or two polls", async () => {
    const { id } = tenant.graph.incidents.create({ displayName: "Rung for", systemTags: ["Defender Experts"] });
    const before = tenant.graph.requests.read().byKind["list incidents"] ?? 0;
    const answers = await Promise.all(Array.from({ length: 100 }, () => ring(DOORBELL_SECRET)));
    // Who could not be heard in time is told so, and rings again.
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status !== 202 && status !== 503)).toEqual([]);
    if (!statuses.includes(202)) {
      await eventually(async () => ((await ring(DOORBELL_SECRET)).status === 202 ? true : undefined), 15_000);
    }
    await eventually(
      () =>
        Promise.resolve(
          [...tenant.serviceNow.tickets.all()].some((ticket) => ticket.fields["correlation_id"]?.endsWith(`:${id}`))
            ? true
            : undefined,
        ),
      15_000,
      100,
    );
    const polls = (tenant.graph.requests.read().byKind["list incidents"] ?? 0) - before;
    expect(polls).toBeGreaterThanOrEqual(1);
    expect(polls).toBeLessThanOrEqual(3);
  });
});
