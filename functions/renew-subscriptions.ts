import { app } from "@azure/functions";
import { composition } from "./compose-once.ts";

/** Once a minute: whose Graph subscription wants something gets a message of its own. */
export function registerRenewSubscriptions(): void {
  app.timer("renew-subscriptions", {
    schedule: "0 * * * * *",
    handler: async () => {
      const { requestSubscriptions } = await import("./work.ts");
      await requestSubscriptions((await composition()).bells);
    },
  });
}
