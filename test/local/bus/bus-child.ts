import { openLmdbJournal } from "../../../local/bus/lmdb-journal.ts";
import { startBus } from "../../../local/bus/start-bus.ts";

/** A bus in a process of its own, to be killed. Prints its connection string. */
const SETTINGS = { lockDurationMs: 30_000, maxDeliveryCount: 3, duplicateDetectionWindowMs: 600_000 };
const bus = await startBus({
  queues: [
    { name: "plain", requiresSession: false, ...SETTINGS },
    { name: "sessions", requiresSession: true, ...SETTINGS },
  ],
  journal: openLmdbJournal(process.argv[2] ?? ""),
});
process.stdout.write(`${bus.connectionString}\n`);
