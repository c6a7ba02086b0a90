import { app } from "@azure/functions";
import { composedAlready } from "./compose-once.ts";

/** Before the process ends: what was not sent yet is sent, or is known to be owed. The host gives it a few seconds. */
export function registerEndWork(): void {
  app.hook.appTerminate(async () => {
    await (await composedAlready())?.endWork();
  });
}
