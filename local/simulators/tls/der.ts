/** The few forms of ASN.1's distinguished encoding that a certificate needs. Source: ITU-T X.690. */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

export const SEQUENCE = 0x30;
export const SET = 0x31;

export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** A positive number. */
export function integer(bytes: Buffer): Buffer {
  return der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.from([0]), bytes);
}

export function octetString(bytes: Buffer): Buffer {
  return der(0x04, bytes);
}

export function utf8(text: string): Buffer {
  return der(0x0c, Buffer.from(text));
}

export function yes(): Buffer {
  return der(0x01, Buffer.from([0xff]));
}

/** `20261122130000Z` */
export function time(ms: number): Buffer {
  return der(0x18, Buffer.from(`${new Date(ms).toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`));
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [0x80 + bytes.length, ...bytes];
}

function base128(number: number): readonly number[] {
  const bytes = [number % 128];
  for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128)) bytes.unshift(128 + (left % 128));
  return bytes;
}
