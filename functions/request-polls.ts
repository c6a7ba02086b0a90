import { app } from "@azure/functions";
import { requestTimedPolls } from "../shared/pipeline/request-polls.ts";
import { composition } from "./compose-once.ts";

/** The timer that everything depends on: one poll request per tenant. */
export function registerRequestPolls(schedule: string): void {
  app.timer("request-polls", {
    schedule,
    handler: async () => {
      const { bus, clock, config } = await composition();
      const tenants = config.tenants.map((tenant) => tenant.id);
      await requestTimedPolls({ bus, clock }, tenants, config.poll.intervalMs);
    },
  });
}
