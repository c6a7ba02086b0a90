import { randomUUID } from "node:crypto";
import type { SimulatorClock } from "../clock.ts";
import { jsonReply, type Reply } from "../http/message.ts";

/** Answers in Graph's envelopes. */
export interface GraphReplies {
  error(status: number, code: string, message: string, headers?: Readonly<Record<string, string>>): Reply;
  badRequest(message: string): Reply;
  forbidden(message: string): Reply;
  /** What an incident that the service cannot put together is answered with. */
  broken(): Reply;
  notFound(what: string): Reply;
}

export function createGraphReplies(clock: SimulatorClock): GraphReplies {
  function error(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Reply {
    const requestId = randomUUID();
    const innerError = {
      date: new Date(clock.now()).toISOString().slice(0, 19),
      "request-id": requestId,
      "client-request-id": requestId,
    };
    return jsonReply(status, { error: { code, message, innerError } }, { "request-id": requestId, ...headers });
  }
  return {
    error,
    badRequest: (message) => error(400, "BadRequest", message),
    forbidden: (message) => error(403, "Forbidden", message),
    broken: () => error(500, "InternalServerError", "An internal server error has occurred."),
    notFound: (what) => error(404, "ResourceNotFound", `${what} was not found.`),
  };
}
