import rhea, { type Connection, type Delivery, type Sender, type Session } from "rhea";

/*
 * Everything the bus does with rhea that its declarations do not offer. rhea is made for clients; these are the places
 * where a broker needs more. The version is pinned for their sake, and the scenarios fail if one of them stops working.
 */

/** The message format under which rhea hands over a message undecoded. Any but 0 would do; clients never see it. */
const UNDECODED = 1;

interface TransferFrame {
  readonly performative: { message_format: number | undefined };
  readonly payload?: Buffer;
}

/**
 * Lets every message of the session arrive as bytes: decoding it and encoding it again loses the types of numbers.
 * A message that is far longer than any may be breaks the connection, before it fills the memory.
 */
export function receiveUndecoded(session: Session, longestBytes: number): void {
  const inner = session as unknown as {
    on_transfer(frame: TransferFrame): void;
    _get_link(frame: TransferFrame): object;
  };
  const onTransfer = inner.on_transfer.bind(session);
  inner.on_transfer = (frame) => {
    if ((frame.performative.message_format ?? 0) === 0) frame.performative.message_format = UNDECODED;
    const link = inner._get_link(frame) as { _incomplete?: { frames?: readonly Buffer[] } };
    const pending = link._incomplete?.frames;
    // Every frame but the last is about as long as the first.
    if (pending !== undefined && pending.length * (pending[0]?.length ?? 0) > longestBytes) {
      throw new Error(`a message of more than ${longestBytes} bytes`);
    }
    onTransfer(frame);
  };
}

/** The settle modes the peer asks for, before rhea answers its attach. */
export function mirrorSettleModes(link: Sender): void {
  const { attach } = (link as unknown as { local: { attach: { snd_settle_mode: number; rcv_settle_mode: number } } })
    .local;
  attach.snd_settle_mode = link.snd_settle_mode;
  attach.rcv_settle_mode = link.rcv_settle_mode;
}

interface EndpointState {
  local_open: boolean;
  open_requests: number;
}

/** rhea answers an attach as soon as it comes; a client that waits for a session must wait for the answer. */
export function holdAttach(link: Sender): void {
  const { state } = link as unknown as { state: EndpointState };
  state.local_open = false;
  state.open_requests = 0;
}

export function setAttachProperties(link: Sender, properties: Readonly<Record<string, unknown>>): void {
  (link as unknown as { local: { attach: { properties: unknown } } }).local.attach.properties = properties;
}

/** rhea lowers a link's credit when it writes the frames, later than `send`: this counts what was sent already. */
export function createCredit(link: Sender): { free(): number; sent(): void; isWritten(): boolean } {
  const inner = link as unknown as { credit: number; delivery_count: number };
  let sentCount = inner.delivery_count;
  return {
    free: () => inner.credit - unwritten(),
    sent() {
      sentCount = inner.delivery_count + unwritten() + 1;
    },
    isWritten: () => unwritten() === 0,
  };

  /** A drain raises the delivery count past what was sent. */
  function unwritten(): number {
    return Math.max(0, sentCount - inner.delivery_count);
  }
}

/** rhea throws where its buffer of unsettled deliveries is full. */
export function roomForDeliveries(session: Session): number {
  return (session as unknown as { outgoing: { available(): number } }).outgoing.available();
}

/** Answers a peer that wants its credit used up. */
export function reportDrained(link: Sender): void {
  link.set_drained(true);
  (link.connection as unknown as { _register(): void })._register();
}

export function isDraining(link: Sender): boolean {
  return (link as unknown as { _draining: boolean })._draining;
}

/** Tells the receiver the outcome of its settlement, and frees rhea's buffer, which otherwise waits for an answer. */
export function settleOutgoing(
  delivery: Delivery,
  error: { condition: string; description: string } | undefined,
): void {
  const outcome = error === undefined ? outcomes().accepted() : outcomes().rejected({ error });
  delivery.update(true, outcome.described());
  (delivery as { remote_settled: boolean }).remote_settled = true;
}

/** The fields of the receiver's outcome with their AMQP types. */
export function outcomeFields(delivery: Delivery): readonly unknown[] {
  const value: unknown = delivery.remote_state?.["value"];
  return Array.isArray(value) ? value : [];
}

/** Without a goodbye. rhea does not see that its own side destroyed the socket, and would keep its timers. */
export function dropConnection(connection: Connection): void {
  const inner = connection as unknown as { socket?: { destroy(): void }; _disconnected(): void };
  inner.socket?.destroy();
  inner._disconnected();
}

/** `format` is set on what arrives undecoded. */
export function bytesOf(message: unknown): Buffer {
  if (Buffer.isBuffer(message)) return message;
  throw new Error("rhea decoded a message that should have arrived as bytes");
}

interface Outcomes {
  accepted(): { described(): unknown };
  rejected(fields: { error: { condition: string; description: string } }): { described(): unknown };
}

function outcomes(): Outcomes {
  return rhea.message as unknown as Outcomes;
}
