import { app } from "@azure/functions";
import { composition } from "./compose-once.ts";

/** Once a minute: whose walk over its links is under way or due gets a message of its own. */
export function registerReconcile(): void {
  app.timer("reconcile", {
    schedule: "30 * * * * *",
    handler: async () => {
      const { requestDueWalks } = await import("./work.ts");
      await requestDueWalks((await composition()).bells);
    },
  });
}
