import { app } from "@azure/functions";
import { POLL_QUEUE } from "../shared/pipeline/keys.ts";
import { compositionOrHeld } from "./compose-once.ts";

/** Reads one tenant per message; the use case is loaded with the first. */
export function registerDetectChanges(): void {
  app.serviceBusQueue("detect-changes", {
    connection: "ServiceBusConnection",
    queueName: POLL_QUEUE,
    handler: async (message) => {
      const startedAt = performance.now();
      const composed = await compositionOrHeld(POLL_QUEUE, message, false);
      if (composed === undefined) return;
      const { handlePollMessage } = await import("./work.ts");
      await handlePollMessage(composed, message, composed.clock.now() - Math.round(performance.now() - startedAt));
    },
  });
}
