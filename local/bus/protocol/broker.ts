import type { Connection, Container, EventContext, Receiver, Sender, Session } from "rhea";
import { BusError } from "../bus-error.ts";
import { resolveAddress } from "./address.ts";
import { answerRequests, type Answer, type Request } from "./answer-requests.ts";
import { amqpError, type BrokerCore, type Client } from "./broker-core.ts";
import { manage } from "./management.ts";
import { dropConnection, receiveUndecoded } from "./rhea-internals.ts";
import { serveReceiver } from "./serve-receiver.ts";
import { takeSends } from "./take-sends.ts";

/** The connections of all clients. */
export interface Broker {
  /** Closes every connection; what was under way is not counted as delivered. */
  closeAll(): void;
}

const CBS_NAMES = { status: "status-code", description: "status-description", condition: "error-condition" };
const MANAGEMENT_NAMES = { status: "statusCode", description: "statusDescription", condition: "errorCondition" };

/** A message may come in frames: this much above the limit it is certain to be refused. */
const BYTES_ABOVE_LIMIT = 1024 * 1024;

/** Answers what clients do on the connections of a container. */
export function createBroker(core: BrokerCore, container: Container, warn: (message: string) => void): Broker {
  const clients = new Map<Connection, Client>();

  container.on("connection_open", (context: EventContext) => {
    const client: Client = { connection: context.connection, receivers: new Set(), replies: new Map() };
    clients.set(context.connection, client);
  });
  container.on("session_open", (context: EventContext) => {
    receiveUndecoded(context.session as Session, core.maxMessageBytes + BYTES_ABOVE_LIMIT);
  });
  container.on("receiver_open", (context: EventContext) => {
    const link = context.receiver as Receiver;
    refuseOrOpen(link, () => {
      openForSends(clientOf(context), link);
      // What is attached is named in the answer; an answer without a name announces a refusal.
      link.set_target({ address: link.target.address });
    });
  });
  container.on("sender_open", (context: EventContext) => {
    const link = context.sender as Sender;
    refuseOrOpen(link, () => openForReceives(clientOf(context), link));
  });
  container.on("session_close", (context: EventContext) => {
    end(context.connection, false, (link) => link.session === context.session);
  });
  container.on("connection_close", (context: EventContext) => {
    end(context.connection, false);
    clients.delete(context.connection);
  });
  // The peer has gone without a word: what it had in hand counts as delivered, like a lock that runs out.
  container.on("disconnected", (context: EventContext) => {
    end(context.connection, true);
    clients.delete(context.connection);
  });
  // A peer that closes with an error has had its close handled above.
  for (const event of [
    "connection_error",
    "session_error",
    "sender_error",
    "receiver_error",
    "sender_close",
    "receiver_close",
  ]) {
    container.on(event, () => undefined);
  }
  // rhea ends the connection after either.
  container.on("protocol_error", (error: Error) => warn(`a client broke the protocol: ${error.message}`));
  container.on("error", (error: Error) => warn(`a connection was closed: ${error.stack ?? error.message}`));

  return {
    closeAll() {
      for (const connection of clients.keys()) {
        end(connection, false);
        dropConnection(connection);
      }
      clients.clear();
    },
  };

  function clientOf(context: EventContext): Client {
    const client = clients.get(context.connection);
    if (client === undefined) throw new Error("a link of a connection that is not open");
    return client;
  }

  function openForSends(client: Client, link: Receiver): void {
    const address = resolveAddress(core.engine, link.target?.address);
    switch (address.kind) {
      case "cbs":
        return answerRequests(core, client, link, CBS_NAMES, putToken);
      case "management":
        return answerRequests(core, client, link, MANAGEMENT_NAMES, (request) =>
          manage(core, client, address.queue, request),
        );
      case "queue":
        return takeSends(core, link, address.queue);
      default:
        return address satisfies never;
    }
  }

  function openForReceives(client: Client, link: Sender): void {
    const address = resolveAddress(core.engine, link.source?.address);
    if (address.kind === "queue") {
      serveReceiver(core, client, link, address.queue);
      return;
    }
    const names = [link.name, link.target?.address].filter((name) => typeof name === "string");
    for (const name of names) client.replies.set(name, link);
    link.set_source({ address: link.source.address });
    link.on("sender_close", () => {
      for (const name of names) if (client.replies.get(name) === link) client.replies.delete(name);
    });
  }

  function end(connection: Connection, isCounted: boolean, isMeant: (link: Sender) => boolean = () => true): void {
    const client = clients.get(connection);
    for (const receiver of client?.receivers ?? []) {
      if (!isMeant(receiver.link)) continue;
      client?.receivers.delete(receiver);
      receiver.end(isCounted);
    }
  }
}

/** The bus has no authentication: it listens on this machine only, and takes any token. */
function putToken(request: Request): Answer {
  if (request.operation === "put-token") return { status: 202, description: "Accepted; this stand-in checks no token" };
  throw new BusError("amqp:not-implemented", `'${request.operation}' on $cbs is not in this stand-in for Service Bus.`);
}

/** A refusal is the answer to the attach, followed by a detach that says why. */
function refuseOrOpen(link: Receiver | Sender, open: () => void): void {
  try {
    open();
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    link.open();
    link.close(amqpError(error));
  }
}
