import { app } from "@azure/functions";
import { operateRequest } from "./operate-request.ts";

/**
 * What an operator sets off, under the master key: POST poll, sweep, replay, drop, pause, resume, backfill or rebuild, each with a reason that
 * is kept; reconcile, a step of a comparison; and forget, a step of deleting what is kept of a tenant that has left. GET backfill and
 * rebuild tell how far they are, GET parked lists what is parked, or shows one of it.
 */
export function registerOperate(): void {
  app.http("operate", {
    route: "api/operations/{operation}",
    methods: ["GET", "POST"],
    authLevel: "admin",
    handler: (request) => operateRequest(request),
  });
}
