import type { Ticket, TicketConnector } from "../../connectors/connector.ts";
import type { Breaker, CallKind } from "../breaker.ts";
import { watchCall, watchFailure } from "./watch-call.ts";

/** The same connector; what each of its calls comes to is told to the breaker. */
export function watchConnector(connector: TicketConnector, breaker: Breaker): TicketConnector {
  return {
    ...connector,
    find: (...args) => watched("lookUp", () => connector.find(...args)),
    read: (...args) => watched("lookUp", () => connector.read(...args)),
    update: (...args) => watched("write", () => connector.update(...args)),
    appendNotes: (...args) => watched("write", () => connector.appendNotes(...args)),
    ...(connector.tell === undefined ? {} : { tell: (...args) => watchFailure(breaker, () => told(args)) }),
    ...(connector.create === undefined ? {} : { create: (...args) => watched("write", () => created(args)) }),
    ...(connector.readNotes === undefined ? {} : { readNotes: (...args) => watched("lookUp", () => notesRead(args)) }),
    ...(connector.attach === undefined ? {} : { attach: (...args) => watched("write", () => attached(args)) }),
  };

  function told(args: Parameters<NonNullable<TicketConnector["tell"]>>): Promise<void> {
    return connector.tell?.(...args) ?? Promise.resolve();
  }

  function created(args: Parameters<NonNullable<TicketConnector["create"]>>): Promise<Ticket> {
    if (connector.create === undefined) throw new Error("this connector does not create tickets");
    return connector.create(...args);
  }

  function notesRead(
    args: Parameters<NonNullable<TicketConnector["readNotes"]>>,
  ): Promise<ReadonlySet<string> | undefined> {
    return connector.readNotes?.(...args) ?? Promise.resolve(undefined);
  }

  function attached(args: Parameters<NonNullable<TicketConnector["attach"]>>): Promise<void> {
    return connector.attach?.(...args) ?? Promise.resolve();
  }

  function watched<T>(kind: CallKind, call: () => Promise<T>): Promise<T> {
    return watchCall(breaker, kind, call);
  }
}
