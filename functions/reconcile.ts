import { app } from "@azure/functions";
import { composition } from "./compose-once.ts";

/** Once a minute: whose walk over its links is under way or due gets a message of its own, and a rebuild that was cut short goes on. */
export function registerReconcile(): void {
  app.timer("reconcile", {
    schedule: "30 * * * * *",
    handler: async () => {
      const { requestDueWalks, requestLostRebuilds } = await import("./work.ts");
      const { bells, random } = await composition();
      await requestDueWalks(bells);
      await requestLostRebuilds({ ...bells, random });
    },
  });
}
