import rhea, { type Typed } from "rhea";
import { malformed } from "./sections.ts";

/** AMQP values with their AMQP types, so that reading and writing them again changes nothing. */
const { types } = rhea;

export function readTyped(bytes: Buffer): Typed {
  try {
    return new (readerOf())(bytes).read();
  } catch (error) {
    // The reader's own type error, or a read behind the end of the buffer.
    if (error instanceof RangeError || (error instanceof Error && error.name === "TypeError")) {
      throw malformed(error.message, error);
    }
    throw error;
  }
}

export function writeTyped(value: Typed): Buffer {
  const writer = new (writerOf())();
  writer.write(value);
  return writer.toBuffer();
}

/** The items of a list, or the keys and values of a map in turn. Empty for null. */
export function itemsOf(value: Typed | undefined): readonly Typed[] {
  const items: unknown = value?.value;
  return Array.isArray(items) ? (items as Typed[]) : [];
}

export function plain(value: Typed | undefined): unknown {
  const unwrapped: unknown = value === undefined ? undefined : types.unwrap(value);
  return unwrapped ?? undefined;
}

type Constructor<T> = new (buffer?: Buffer) => T;

// The reader and writer are part of rhea's `types`, but not of its type declarations.
function readerOf(): Constructor<{ read(): Typed }> {
  return (types as unknown as { Reader: Constructor<{ read(): Typed }> }).Reader;
}

function writerOf(): Constructor<{ write(value: Typed): void; toBuffer(): Buffer }> {
  return (types as unknown as { Writer: Constructor<{ write(value: Typed): void; toBuffer(): Buffer }> }).Writer;
}
