import { BusError } from "../bus-error.ts";
import type { Engine } from "../engine/engine.ts";
import type { Queue } from "../engine/queue-contract.ts";

export type Address =
  | { readonly kind: "cbs" }
  | { readonly kind: "queue"; readonly queue: Queue }
  | { readonly kind: "management"; readonly queue: Queue };

const MANAGEMENT = "/$management";

/** What a link is to be attached to. Throws the refusal where it is nothing the bus has. */
export function resolveAddress(engine: Engine, address: unknown): Address {
  if (typeof address !== "string" || address === "") {
    throw new BusError(
      "amqp:not-implemented",
      "Transactions and dynamic nodes are not in this stand-in for Service Bus.",
    );
  }
  const path = pathOf(address);
  if (path.toLowerCase() === "$cbs") return { kind: "cbs" };
  if (path.toLowerCase().endsWith(MANAGEMENT)) {
    return { kind: "management", queue: findQueue(engine, path.slice(0, -MANAGEMENT.length)) };
  }
  return { kind: "queue", queue: findQueue(engine, path) };
}

function findQueue(engine: Engine, path: string): Queue {
  const queue = engine.queue(path);
  if (queue !== undefined) return queue;
  if (/\/subscriptions\//i.test(path)) {
    throw new BusError(
      "amqp:not-implemented",
      `Topics and subscriptions are not in this stand-in for Service Bus: '${path}'.`,
    );
  }
  if (/\/\$transfer\//i.test(path)) {
    throw new BusError("amqp:not-implemented", `Forwarding is not in this stand-in for Service Bus: '${path}'.`);
  }
  // Worded as the service words it: the client goes by the words.
  throw new BusError("amqp:not-found", `The messaging entity 'sb://localhost/${path}' could not be found.`);
}

/** Clients name an entity by its path, or by a whole URL. */
function pathOf(address: string): string {
  return address.replace(/^(sb|amqps?):\/\/[^/]*\//i, "").replace(/^\/+|\/+$/g, "");
}
