import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ServiceBusClient, type ServiceBusSender } from "@azure/service-bus";
import { createAzureTables } from "../shared/azure/azure-tables.ts";
import type { Table } from "../shared/pipeline/ports/table.ts";
import { startBus } from "../local/bus/start-bus.ts";
import { openLmdbJournal } from "../local/bus/lmdb-journal.ts";
import { openLmdbTables } from "../local/store/lmdb-tables.ts";
import { temporaryFolder } from "../test/product-process.ts";

const QUEUE = {
  name: "trial",
  requiresSession: true,
  lockDurationMs: 60_000,
  maxDeliveryCount: 10,
  duplicateDetectionWindowMs: 600_000,
};
const MESSAGES = 1_000;
const RECEIVERS = 32;
const SENDERS = 16;
const TABLES_TIMEOUT_MS = 10_000;

/**
 * The yardstick of this machine: messages a second of the plainest design, everything in one process and no tool called. An HTTP request
 * sends one message into a session of its own; whoever gets the session reads a row, writes it on its ETag, and completes the message.
 */
export async function sessionTrial(tables: string | undefined): Promise<number> {
  const folder = temporaryFolder();
  const store =
    tables === undefined
      ? await openLmdbTables({ path: join(folder.path, "state") })
      : {
          tables: createAzureTables({ connectionString: tables, timeoutMs: TABLES_TIMEOUT_MS }),
          close: async () => {},
        };
  const journal = openLmdbJournal(join(folder.path, "bus"));
  const bus = await startBus({ queues: [{ ...QUEUE }], journal });
  const client = new ServiceBusClient(bus.connectionString);
  const webhook = await startWebhook(client.createSender(QUEUE.name));
  const startedAt = performance.now();
  let left = MESSAGES;
  await Promise.all([
    ...Array.from({ length: SENDERS }, (_, sender) => post(webhook, sender)),
    ...Array.from({ length: RECEIVERS }, () =>
      receive(client, store.tables.incident, () => {
        left -= 1;
        return left < 0;
      }),
    ),
  ]);
  const tookMs = performance.now() - startedAt;
  webhook.close();
  await client.close();
  await bus.close();
  await journal.close();
  await store.close();
  folder.remove();
  return (MESSAGES * 1_000) / tookMs;
}

async function startWebhook(sender: ServiceBusSender): Promise<Server> {
  const server = createServer((request, response) => {
    const id = request.url ?? "";
    const body = { id, text: "x".repeat(400) };
    void sender.sendMessages({ body, sessionId: id, messageId: id }).then(() => response.writeHead(202).end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}

async function post(webhook: Server, first: number): Promise<void> {
  const { port } = webhook.address() as AddressInfo;
  for (let id = first; id < MESSAGES; id += SENDERS) {
    const { status } = await fetch(`http://127.0.0.1:${port}/${id}`, { method: "POST" });
    if (status !== 202) throw new Error(`the trial's webhook answered ${status}`);
  }
}

/** Each receiver takes one session after the other until every message is taken by somebody. */
async function receive(client: ServiceBusClient, rows: Table, isAllTaken: () => boolean): Promise<void> {
  while (!isAllTaken()) {
    const receiver = await client.acceptNextSession(QUEUE.name);
    const [message] = await receiver.receiveMessages(1);
    if (message === undefined) throw new Error("a session of the trial was empty");
    const name = `s${receiver.sessionId.slice(1)}`;
    const row = await rows.get("trial", name);
    await rows.put("trial", name, message.body, row === undefined ? "absent" : { etag: row.etag });
    await receiver.completeMessage(message);
    await receiver.close();
  }
}
