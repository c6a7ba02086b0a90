import { type HttpResponseInit, app } from "@azure/functions";
import { composition } from "./compose-once.ts";

const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** One harmless question to everything that the product depends on, with the mend for what is wrong. It names what is configured, so it wants the master key. */
export function registerDoctor(): void {
  app.http("doctor", {
    route: "api/doctor",
    methods: ["GET"],
    authLevel: "admin",
    handler: async (): Promise<HttpResponseInit> => {
      const { doctorDeps, examine } = await import("./work.ts");
      const composed = await composition();
      const diagnosis = await examine(doctorDeps(composed, composed));
      return { status: 200, headers: HEADERS, jsonBody: diagnosis };
    },
  });
}
