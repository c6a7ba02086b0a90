import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { app } from "@azure/functions";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { provide } from "../../functions/compose-once.ts";
import { registerDrainLane, registerDrainPolls } from "../../functions/drain-dead-letters.ts";
import { createMemoryTables } from "../../local/store/memory-tables.ts";
import type { ConnectorId } from "../../shared/connectors/connector.ts";
import { newLink } from "../../shared/pipeline/link.ts";
import type { DeltaMessage } from "../../shared/pipeline/schema.ts";
import { TENANT } from "../build.ts";
import { startTestHost } from "../local/host/start-test-host.ts";
import { queue, startTestBus } from "../local/host/service-bus/start-test-bus.ts";
import { temporaryFolder } from "../product-process.ts";
import { createRecordingLog } from "../recording-log.ts";

const LANE = "incident-deltas-itsm";

function delta(incidentId: string, seq: number): DeltaMessage {
  return {
    v: 1,
    tenantId: TENANT,
    incidentId,
    seq,
    cause: "change",
    n: 0,
    to: "active",
    changed: [],
    changedAt: seq,
    seenAt: seq,
  };
}

/** A lane whose worker dies at every message, the poll queue, and what drains both. */
async function startDying() {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, "config.json");
  writeFileSync(
    file,
    JSON.stringify({
      tenants: [{ id: TENANT, credential: { kind: "managedIdentity" } }],
      connectors: [
        {
          id: "itsm",
          kind: "servicenow",
          url: "https://contoso.service-now.com",
          auth: { kind: "basic", username: "x", secret: "SERVICENOW_PASSWORD" },
        },
      ],
    }),
  );
  vi.stubEnv("DEX_SYNC_CONFIG", file);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { bus, send } = await startTestBus(
    { ...queue(LANE), requiresSession: true, maxDeliveryCount: 2 },
    { ...queue("poll-requests"), maxDeliveryCount: 2 },
  );
  const tables = createMemoryTables();
  const log = createRecordingLog();
  provide({ tables, log, isOneMachine: true, bus: { send: () => Promise.resolve() } });
  const die = (): never => {
    throw new Error("the process dies of it");
  };
  await startTestHost({
    settings: {},
    serviceBusConnection: bus.connectionString,
    load: () => {
      const connection = "ServiceBusConnection";
      app.serviceBusQueue("lane", { connection, queueName: LANE, isSessionsEnabled: true, handler: die });
      app.serviceBusQueue("polls", { connection, queueName: "poll-requests", handler: die });
      registerDrainLane("itsm" as ConnectorId);
      registerDrainPolls();
    },
  });
  return { tables, send, log };
}

describe("what a queue has given up", () => {
  it("is parked with the exact body, the reason and the mend, and the link says so", async () => {
    const { tables, send } = await startDying();
    const body = delta("29", 7);
    await send(LANE, { body, messageId: "a", sessionId: "shard-1" });
    await expect.poll(() => tables.parked.get(TENANT, "29:itsm"), { timeout: 20_000 }).toBeDefined();
    expect((await tables.parked.get(TENANT, "29:itsm"))?.value).toMatchObject({
      reason: "deadLettered",
      message: "the queue gave this work up (MaxDeliveryCountExceeded)",
      mend: expect.stringContaining("replay it"),
      body,
    });
    expect((await tables.incident.get(`${TENANT}:29`, "link:itsm"))?.value).toMatchObject({ isParked: true });
  });

  it("is let go where the ticket shows it by now, or something newer is parked", async () => {
    const { tables, send, log } = await startDying();
    await tables.incident.put(`${TENANT}:1`, "link:itsm", { ...newLink(0), appliedSeq: 9 }, "any");
    await tables.parked.put(TENANT, "2:itsm", { incidentId: "2", what: "itsm", body: delta("2", 9) }, "any");
    await send(LANE, { body: delta("1", 7), messageId: "a", sessionId: "s" });
    await send(LANE, { body: delta("2", 7), messageId: "b", sessionId: "s" });
    await send(LANE, { body: delta("3", 7), messageId: "c", sessionId: "s" });
    await expect.poll(() => tables.parked.get(TENANT, "3:itsm"), { timeout: 20_000 }).toBeDefined();
    expect(await tables.parked.get(TENANT, "1:itsm")).toBeUndefined();
    expect((await tables.parked.get(TENANT, "2:itsm"))?.value).toMatchObject({ body: { seq: 9 } });
    expect(log.of("error")).toHaveLength(1);
  });

  it("is kept whole where it is no delta, and where it is a request to poll", async () => {
    const { tables, send } = await startDying();
    await send(LANE, { body: { v: 9, tenantId: TENANT, secret: "shape" }, messageId: "a", sessionId: "s" });
    const request = { v: 1, tenantId: TENANT, cause: "link", requestedAt: 1, incidents: ["7"] };
    await send("poll-requests", { body: request, messageId: "b" });
    await expect.poll(async () => (await tables.parked.range(TENANT)).length, { timeout: 20_000 }).toBe(2);
    const bodies = (await tables.parked.range(TENANT)).map(
      ({ value }) => JSON.parse((value as { body: string }).body) as unknown,
    );
    expect(bodies).toEqual(expect.arrayContaining([request, { v: 9, tenantId: TENANT, secret: "shape" }]));
  });
});
