import { afterAll, beforeAll } from "vitest";
import { createMemoryJournal } from "../../../local/bus/memory-journal.ts";
import { type Bus, startBus } from "../../../local/bus/start-bus.ts";
import { describeScenarios } from "./scenarios.ts";

const SHORT_LOCK_MS = 700;
const SETTINGS = {
  lockDurationMs: 30_000,
  maxDeliveryCount: 3,
  duplicateDetectionWindowMs: 600_000,
  deadLetterOnExpiration: true,
};

let bus: Bus;

beforeAll(async () => {
  bus = await startBus({
    queues: [
      { name: "plain", requiresSession: false, ...SETTINGS },
      { name: "sessions", requiresSession: true, ...SETTINGS },
      { name: "short", requiresSession: false, ...SETTINGS, lockDurationMs: SHORT_LOCK_MS },
      { name: "short-sessions", requiresSession: true, ...SETTINGS, lockDurationMs: SHORT_LOCK_MS },
    ],
    journal: createMemoryJournal(),
  });
});
afterAll(() => bus.close());

describeScenarios("the embedded bus, through the real client", {
  connectionString: () => bus.connectionString,
  plainQueue: "plain",
  sessionQueue: "sessions",
  shortLockQueue: "short",
  shortLockSessionQueue: "short-sessions",
  shortLockMs: SHORT_LOCK_MS,
  maxDeliveryCount: SETTINGS.maxDeliveryCount,
  patienceMs: 400,
});

const connection = process.env["SERVICE_BUS_TEST_CONNECTION"];
if (connection === undefined) {
  process.stdout.write("SERVICE_BUS_TEST_CONNECTION is not set: the scenarios run against the embedded bus only.\n");
} else {
  describeScenarios("the Service Bus of SERVICE_BUS_TEST_CONNECTION", {
    connectionString: () => connection,
    plainQueue: process.env["SERVICE_BUS_TEST_QUEUE"] ?? "dex-sync-test",
    sessionQueue: process.env["SERVICE_BUS_TEST_SESSION_QUEUE"] ?? "dex-sync-test-sessions",
    shortLockQueue: process.env["SERVICE_BUS_TEST_SHORT_LOCK_QUEUE"] ?? "dex-sync-test-short",
    shortLockSessionQueue: process.env["SERVICE_BUS_TEST_SHORT_LOCK_SESSION_QUEUE"] ?? "dex-sync-test-short-sessions",
    shortLockMs: Number(process.env["SERVICE_BUS_TEST_SHORT_LOCK_MS"] ?? 5_000),
    maxDeliveryCount: Number(process.env["SERVICE_BUS_TEST_MAX_DELIVERIES"] ?? 3),
    patienceMs: 4_000,
  });
}
