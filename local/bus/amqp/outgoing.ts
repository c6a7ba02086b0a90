import rhea, { type Typed } from "rhea";
import type { Message, PropertyChanges } from "../engine/message.ts";
import { splitSections } from "./sections.ts";
import { itemsOf, plain, readTyped, writeTyped } from "./typed.ts";

const { types } = rhea;

const DURABLE = 0;
const PRIORITY = 1;

/** Set by the bus alone; what a sender wrote there is left out. */
const OWN_ANNOTATIONS = new Set([
  "x-opt-sequence-number",
  "x-opt-enqueued-time",
  "x-opt-locked-until",
  "x-opt-message-state",
  "x-opt-enqueue-sequence-number",
  "x-opt-deadletter-source",
]);

/** As the service numbers them in a message that is peeked at. */
const ACTIVE = 0;
const SCHEDULED = 2;

/** The bytes a receiver gets: header and annotations are the bus's, the rest is byte for byte the sender's. */
export function writeOutgoing(message: Message, lockedUntil: number | undefined): Buffer {
  const bytes = Buffer.from(message.payload.buffer, message.payload.byteOffset, message.payload.byteLength);
  const sections = splitSections(bytes);
  const sent = sections.header && itemsOf(readTyped(bytes.subarray(sections.header.valueStart, sections.header.end)));
  const annotations =
    sections.messageAnnotations &&
    itemsOf(readTyped(bytes.subarray(sections.messageAnnotations.valueStart, sections.messageAnnotations.end)));
  return Buffer.concat([
    writeHeader(message, sent ?? []),
    writeAnnotations(message, lockedUntil, annotations ?? []),
    bytes.subarray(sections.bareStart),
  ]);
}

/** The message with these application properties set; those not named keep their values and types. */
export function amendApplicationProperties(payload: Uint8Array, changes: PropertyChanges): Uint8Array {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const { applicationProperties: section, applicationPropertiesStart: start } = splitSections(bytes);
  const entries = section === undefined ? [] : itemsOf(readTyped(bytes.subarray(section.valueStart, section.end)));
  const kept: Typed[] = [];
  for (let at = 0; at + 1 < entries.length; at += 2) {
    const key = entries[at] as Typed;
    if (!changes.has(String(plain(key)))) kept.push(key, entries[at + 1] as Typed);
  }
  for (const [name, value] of changes) kept.push(types.wrap_string(name), types.wrap(value));
  const map = types.described(types.wrap_ulong(0x74), mapOf(kept)) as Typed;
  return Buffer.concat([bytes.subarray(0, start), writeTyped(map), bytes.subarray(section?.end ?? start)]);
}

function writeHeader(message: Message, sent: readonly Typed[]): Buffer {
  const fields = [
    sent[DURABLE] ?? null,
    sent[PRIORITY] ?? null,
    message.timeToLiveMs === undefined ? null : types.wrap_uint(Math.min(message.timeToLiveMs, LONGEST_TTL_MS)),
    null,
    types.wrap_uint(message.deliveryCount),
  ];
  return writeTyped(types.described(types.wrap_ulong(0x70), types.wrap_list(fields)) as Typed);
}

/** A header's time to live has 32 bits: 49 days. */
const LONGEST_TTL_MS = 0xffffffff;

function writeAnnotations(message: Message, lockedUntil: number | undefined, sent: readonly Typed[]): Buffer {
  const entries: Typed[] = [];
  for (let at = 0; at + 1 < sent.length; at += 2) {
    const key = sent[at] as Typed;
    if (!OWN_ANNOTATIONS.has(String(plain(key)))) entries.push(key, sent[at + 1] as Typed);
  }
  add("x-opt-enqueued-time", types.wrap_timestamp(message.enqueuedAt));
  add("x-opt-sequence-number", types.wrap_long(message.sequenceNumber));
  add("x-opt-message-state", types.wrap_int(message.state === "scheduled" ? SCHEDULED : ACTIVE));
  if (lockedUntil !== undefined) add("x-opt-locked-until", types.wrap_timestamp(lockedUntil));
  if (message.originalSequenceNumber !== undefined) {
    add("x-opt-enqueue-sequence-number", types.wrap_long(message.originalSequenceNumber));
  }
  if (message.deadLetterSource !== undefined) {
    add("x-opt-deadletter-source", types.wrap_string(message.deadLetterSource));
  }
  return writeTyped(types.described(types.wrap_ulong(0x72), mapOf(entries)) as Typed);

  function add(name: string, value: Typed): void {
    entries.push(types.wrap_symbol(name), value);
  }
}

/** rhea makes a map from an object only, which would lose the types of the keys. */
function mapOf(entries: readonly Typed[]): Typed {
  const map = types.wrap_map({});
  map.value = entries;
  return map;
}
