import { app } from "@azure/functions";
import { composition, composedAlready } from "./compose-once.ts";

/** Once a minute, on one instance: how everything stands. What was not sent yet is sent before the process ends. */
export function registerMeasure(): void {
  app.timer("measure", {
    schedule: "45 * * * * *",
    handler: async () => {
      const { measure } = await import("./work.ts");
      const composed = await composition();
      if (!composed.figures.isKept) await measure(composed.measureDeps());
    },
  });
  app.hook.appTerminate(async () => {
    await (await composedAlready())?.figures.flush();
  });
}
