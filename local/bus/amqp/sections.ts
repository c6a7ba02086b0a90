import { BusError } from "../bus-error.ts";

/** Where each section of an AMQP message begins and ends. The sections come in the order of their codes. */
export interface Sections {
  readonly header: Section | undefined;
  readonly messageAnnotations: Section | undefined;
  readonly properties: Section | undefined;
  readonly applicationProperties: Section | undefined;
  /** From here on the bytes are the sender's and are passed on as they are. */
  readonly bareStart: number;
  /** Where application properties are, or would be. */
  readonly applicationPropertiesStart: number;
  readonly bodyStart: number;
  /** The contents of the data sections, one a message in a batch. */
  readonly data: readonly Uint8Array[];
}

export interface Section {
  readonly start: number;
  /** Where the value begins, behind the section's code. */
  readonly valueStart: number;
  readonly end: number;
}

const HEADER = 0x70;
const MESSAGE_ANNOTATIONS = 0x72;
const PROPERTIES = 0x73;
const APPLICATION_PROPERTIES = 0x74;
const DATA = 0x75;
const FOOTER = 0x78;

export function splitSections(bytes: Buffer): Sections {
  const found = new Map<number, Section>();
  const data: Uint8Array[] = [];
  let at = 0;
  let bareStart = -1;
  let applicationPropertiesStart = -1;
  let bodyStart = -1;
  while (at < bytes.length) {
    const start = at;
    const { code, valueStart } = readSectionCode(bytes, at);
    const end = valueEnd(bytes, valueStart);
    if (code >= PROPERTIES && bareStart < 0) bareStart = start;
    if (code >= APPLICATION_PROPERTIES && applicationPropertiesStart < 0) applicationPropertiesStart = start;
    if (code >= DATA && bodyStart < 0) bodyStart = start;
    if (code === DATA) data.push(binaryAt(bytes, valueStart, end));
    else if (!found.has(code)) found.set(code, { start, valueStart, end });
    at = end;
  }
  return {
    header: found.get(HEADER),
    messageAnnotations: found.get(MESSAGE_ANNOTATIONS),
    properties: found.get(PROPERTIES),
    applicationProperties: found.get(APPLICATION_PROPERTIES),
    bareStart: bareStart < 0 ? bytes.length : bareStart,
    applicationPropertiesStart: applicationPropertiesStart < 0 ? bytes.length : applicationPropertiesStart,
    bodyStart: bodyStart < 0 ? bytes.length : bodyStart,
    data,
  };
}

function readSectionCode(bytes: Buffer, at: number): { readonly code: number; readonly valueStart: number } {
  if (byteAt(bytes, at) === 0x00) {
    const kind = byteAt(bytes, at + 1);
    // A small ulong, or a ulong of eight bytes of which only the last can matter here.
    if (kind === 0x53) return checkCode(byteAt(bytes, at + 2), at + 3);
    if (kind === 0x80 && at + 10 <= bytes.length) return checkCode(Number(bytes.readBigUInt64BE(at + 2)), at + 10);
  }
  throw malformed(`expected a section at byte ${at}`);
}

function checkCode(code: number, valueStart: number): { readonly code: number; readonly valueStart: number } {
  if (code >= HEADER && code <= FOOTER) return { code, valueStart };
  throw malformed(`0x${code.toString(16)} is no section of a message`);
}

/** AMQP 1.0 part 1.6: the upper half of a type's code tells how its size is written. */
function valueEnd(bytes: Buffer, at: number): number {
  let valueAt = at;
  // A described value: the descriptor, then the value.
  if (byteAt(bytes, at) === 0x00) {
    if (byteAt(bytes, at + 1) === 0x00) throw malformed(`a descriptor that is described itself at byte ${at}`);
    valueAt = valueEnd(bytes, at + 1);
  }
  const end = valueAt + 1 + sizeOf(bytes, valueAt);
  if (end > bytes.length) throw malformed(`a value at byte ${at} ends behind the message`);
  return end;
}

function sizeOf(bytes: Buffer, at: number): number {
  const width = FIXED_WIDTHS[byteAt(bytes, at) >> 4];
  if (width === undefined) throw malformed(`unknown type at byte ${at}`);
  if (width >= 0) return width;
  if (width === SIZE_IN_ONE_BYTE) return 1 + byteAt(bytes, at + 1);
  if (at + 5 > bytes.length) throw malformed(`a size is cut off at byte ${at}`);
  return 4 + bytes.readUInt32BE(at + 1);
}

const SIZE_IN_ONE_BYTE = -1;
const SIZE_IN_FOUR_BYTES = -4;
const FIXED_WIDTHS: readonly (number | undefined)[] = [
  undefined,
  undefined,
  undefined,
  undefined,
  0,
  1,
  2,
  4,
  8,
  16,
  SIZE_IN_ONE_BYTE,
  SIZE_IN_FOUR_BYTES,
  SIZE_IN_ONE_BYTE,
  SIZE_IN_FOUR_BYTES,
  SIZE_IN_ONE_BYTE,
  SIZE_IN_FOUR_BYTES,
];

function binaryAt(bytes: Buffer, at: number, end: number): Uint8Array {
  const kind = byteAt(bytes, at);
  if (kind === 0xa0) return bytes.subarray(at + 2, end);
  if (kind === 0xb0) return bytes.subarray(at + 5, end);
  throw malformed(`the data section at byte ${at} is not binary`);
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw malformed(`it is cut off at byte ${at}`);
  return byte;
}

export function malformed(why: string, cause?: unknown): BusError {
  return new BusError("amqp:decode-error", `The message is not AMQP 1.0: ${why}.`, { cause });
}
