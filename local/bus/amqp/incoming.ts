import { randomUUID } from "node:crypto";
import rhea, { type Typed } from "rhea";
import { BusError } from "../bus-error.ts";
import type { IncomingMessage } from "../engine/message.ts";
import { malformed, splitSections, type Section, type Sections } from "./sections.ts";
import { itemsOf, plain, readTyped, writeTyped } from "./typed.ts";

const { types } = rhea;

/** The places of the fields the bus looks at, in the lists of AMQP 1.0 part 3.2. */
const TTL = 2;
const MESSAGE_ID = 0;
const GROUP_ID = 10;

const LONGEST_ID = 128;
const SCHEDULED_FOR = "x-opt-scheduled-enqueue-time";

/** Reads from a sent message what the engine goes by. One without a message id is given one. */
export function readIncoming(bytes: Buffer): IncomingMessage {
  const sections = splitSections(bytes);
  const properties = itemsOf(listIn(bytes, sections.properties));
  // Looked at now, so that nothing that is kept can turn out unreadable later.
  mapIn(bytes, sections.applicationProperties);
  const messageId = messageIdOf(properties[MESSAGE_ID]);
  const sessionId = plain(properties[GROUP_ID]);
  if (sessionId !== undefined && (typeof sessionId !== "string" || sessionId.length > LONGEST_ID)) {
    throw new BusError("amqp:invalid-field", `A session id is a text of at most ${LONGEST_ID} characters.`);
  }
  const timeToLiveMs = plain(itemsOf(listIn(bytes, sections.header))[TTL]);
  return {
    payload: messageId === undefined ? withMessageId(bytes, sections, properties) : bytes,
    messageId,
    sessionId,
    timeToLiveMs: typeof timeToLiveMs === "number" ? timeToLiveMs : undefined,
    scheduledFor: scheduledTime(bytes, sections),
  };
}

/** The messages in a transfer of the format 0x80013700: a data section each. */
export function readBatch(bytes: Buffer): readonly IncomingMessage[] {
  const { data } = splitSections(bytes);
  if (data.length === 0) throw malformed("a batch without messages");
  return data.map((message) => readIncoming(Buffer.from(message.buffer, message.byteOffset, message.byteLength)));
}

function messageIdOf(value: Typed | undefined): string | undefined {
  const id = plain(value);
  if (id === undefined) return undefined;
  const text = typeof id === "string" ? id : otherIdText(id);
  if (text.length > LONGEST_ID) {
    throw new BusError("amqp:invalid-field", `A message id has at most ${LONGEST_ID} characters.`);
  }
  return text;
}

/** An id may also be a ulong, a UUID or binary: as text it must differ from ids of other kinds only where they differ. */
function otherIdText(id: unknown): string {
  return Buffer.isBuffer(id) ? `0x${id.toString("hex")}` : JSON.stringify(id);
}

function scheduledTime(bytes: Buffer, sections: Sections): number | undefined {
  const annotations = itemsOf(mapIn(bytes, sections.messageAnnotations));
  for (let at = 0; at + 1 < annotations.length; at += 2) {
    if (plain(annotations[at]) !== SCHEDULED_FOR) continue;
    const value = plain(annotations[at + 1]);
    if (value instanceof Date) return value.getTime();
    if (value !== undefined) throw new BusError("amqp:invalid-field", `${SCHEDULED_FOR} must be a timestamp.`);
  }
  return undefined;
}

function listIn(bytes: Buffer, section: Section | undefined): Typed | undefined {
  const value = section && readTyped(bytes.subarray(section.valueStart, section.end));
  if (value !== undefined && !types.is_list(value)) throw malformed("a section that should be a list is none");
  return value;
}

function mapIn(bytes: Buffer, section: Section | undefined): Typed | undefined {
  const value = section && readTyped(bytes.subarray(section.valueStart, section.end));
  if (value !== undefined && !types.is_map(value)) throw malformed("a section that should be a map is none");
  return value;
}

function withMessageId(bytes: Buffer, sections: Sections, properties: readonly Typed[]): Buffer {
  const fields = [types.wrap_string(randomUUID()), ...properties.slice(1)];
  const list = types.described(types.wrap_ulong(0x73), types.wrap_list(fields)) as Typed;
  const end = sections.properties?.end ?? sections.bareStart;
  return Buffer.concat([bytes.subarray(0, sections.bareStart), writeTyped(list), bytes.subarray(end)]);
}
