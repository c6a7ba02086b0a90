import { app } from "@azure/functions";
import { composition } from "./compose-once.ts";

/** Once a minute, on one instance: how everything stands. */
export function registerMeasure(): void {
  app.timer("measure", {
    schedule: "45 * * * * *",
    handler: async () => {
      const { measure } = await import("./work.ts");
      const composed = await composition();
      if (!composed.figures.isKept) await measure(composed.measureDeps());
    },
  });
}
