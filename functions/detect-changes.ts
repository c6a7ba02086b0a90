import { app } from "@azure/functions";
import { POLL_QUEUE } from "../shared/pipeline/keys.ts";
import { composition } from "./compose-once.ts";

/** Reads one tenant per message; the use case is loaded with the first. */
export function registerDetectChanges(): void {
  app.serviceBusQueue("detect-changes", {
    connection: "ServiceBusConnection",
    queueName: POLL_QUEUE,
    handler: async (message) => {
      const deliveredAt = Date.now();
      const { handlePollMessage } = await import("./work.ts");
      await handlePollMessage(await composition(), message, deliveredAt);
    },
  });
}
