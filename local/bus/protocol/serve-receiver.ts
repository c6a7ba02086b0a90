import rhea, { type Sender } from "rhea";
import { BusError } from "../bus-error.ts";
import type { ReceiveMode } from "../engine/message.ts";
import type { Queue } from "../engine/queue-contract.ts";
import type { SessionReceiver } from "../engine/sessions.ts";
import { amqpError, type BrokerCore, type Client, type OpenReceiver } from "./broker-core.ts";
import { giveMessages, type Pump } from "./give-messages.ts";
import { holdAttach, mirrorSettleModes, setAttachProperties } from "./rhea-internals.ts";
import { takeSettlements } from "./take-settlements.ts";

const SESSION_FILTER = "com.microsoft:session-filter";
const LOCKED_UNTIL = "com.microsoft:locked-until-utc";
const TIMEOUT = "com.microsoft:timeout";

/** How long a client waits for a free session when it does not say. */
const DEFAULT_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 24 * 60 * 60_000;

/** A link on which a client receives from a queue, or from one session of it. */
export function serveReceiver(core: BrokerCore, client: Client, link: Sender, queue: Queue): void {
  mirrorSettleModes(link);
  const mode: ReceiveMode = link.snd_settle_mode === 1 ? "receiveAndDelete" : "peekLock";
  const filter: Readonly<Record<string, unknown>> = link.source.filter ?? {};
  const unknownFilter = Object.keys(filter).find((name) => name !== SESSION_FILTER);
  if (unknownFilter !== undefined) {
    throw new BusError(
      "amqp:not-implemented",
      `The filter '${unknownFilter}' is not in this stand-in for Service Bus.`,
    );
  }
  if (SESSION_FILTER in filter) serveSession(core, client, link, queue, mode, sessionIdOf(filter[SESSION_FILTER]));
  else serveQueue(core, client, link, queue, mode);
}

function serveQueue(core: BrokerCore, client: Client, link: Sender, queue: Queue, mode: ReceiveMode): void {
  const receiver = queue.openReceiver(mode, () => pump.wake());
  const pump: Pump = giveMessages(core, link, receiver);
  takeSettlements(core, link, queue);
  link.set_source({ address: link.source.address });
  track(client, link, {
    link,
    session: () => undefined,
    // Locks outlive the link, as in the service: they can be settled through $management, or run out.
    end: () => pump.stop(),
  });
}

function serveSession(
  core: BrokerCore,
  client: Client,
  link: Sender,
  queue: Queue,
  mode: ReceiveMode,
  sessionId: string | undefined,
): void {
  holdAttach(link);
  let session: SessionReceiver | undefined;
  let pump: Pump | undefined;
  let isAnswered = false;
  const cancel = queue.acceptSession({
    sessionId,
    mode,
    waitUntil: core.now() + waitOf(link),
    granted(receiver) {
      isAnswered = true;
      session = receiver;
      pump = giveMessages(core, link, receiver);
      takeSettlements(core, link, queue);
      link.set_source({ address: link.source.address, filter: { [SESSION_FILTER]: receiver.sessionId } });
      setAttachProperties(link, { [LOCKED_UNTIL]: rhea.types.wrap_long(ticksOf(receiver.lockedUntil)) });
      link.open();
    },
    refused(error) {
      isAnswered = true;
      link.open();
      link.close(amqpError(error));
    },
    wake: () => pump?.wake(),
    lost() {
      link.close({
        condition: "com.microsoft:session-lock-lost",
        description: `The lock of session '${session?.sessionId ?? ""}' of '${queue.rules.path}' has expired.`,
      });
    },
  });
  core.setTimer();
  track(client, link, {
    link,
    session: () => session,
    end(isCounted) {
      cancel();
      pump?.stop();
      // The attach that was held is answered, so that the client's detach is answered too.
      if (!isAnswered) link.open();
      isAnswered = true;
      session?.close(isCounted);
      core.setTimer();
    },
  });
}

function track(client: Client, link: Sender, receiver: OpenReceiver): void {
  client.receivers.add(receiver);
  link.on("sender_close", () => {
    client.receivers.delete(receiver);
    receiver.end(false);
  });
  // A client closes a link that was detached with an error, too; there is nothing more to do then.
  link.on("sender_error", () => undefined);
}

function sessionIdOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  const plain: unknown = typeof value === "object" && "value" in value ? value.value : value;
  if (typeof plain === "string") return plain;
  throw new BusError("amqp:invalid-field", `${SESSION_FILTER} must be a session id or null.`);
}

function waitOf(link: Sender): number {
  const properties = link.properties as Readonly<Record<string, unknown>> | undefined;
  const wanted = Number(properties?.[TIMEOUT] ?? DEFAULT_WAIT_MS);
  return Number.isFinite(wanted) ? Math.min(Math.max(wanted, 0), LONGEST_WAIT_MS) : DEFAULT_WAIT_MS;
}

/** .NET's ticks: 100 ns since the year 1, as eight bytes, since a JS number would lose some. */
function ticksOf(timeMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(Math.round(timeMs)) * 10_000n + 621_355_968_000_000_000n);
  return bytes;
}
