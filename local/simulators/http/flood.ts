import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** An answer too big to be kept whole by whoever reads it. */
export interface Flood {
  readonly status: number;
  /** Of the text, before it is packed. */
  readonly bytes: number;
  /** Small on the wire: `content-encoding: gzip`. */
  readonly isPacked: boolean;
}

export const FLOOD_BYTES = 60_000_000;

const HEAD = '{"value":[],"padding":"';
const TAIL = '"}';
const CHUNK_BYTES = 65_536;

/** Sends it bit by bit and without a length, for as long as the other side listens; `onSent` hears of every piece on the wire. */
export async function sendFlood(
  response: ServerResponse,
  { status, bytes, isPacked }: Flood,
  onSent: (bytes: number) => void,
): Promise<void> {
  const encoding = isPacked ? { "content-encoding": "gzip" } : {};
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...encoding });
  const text = Readable.from(textOf(bytes));
  async function* counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      onSent(chunk.length);
      yield chunk;
    }
  }
  try {
    if (isPacked) await pipeline(text, createGzip(), counted, response);
    else await pipeline(text, counted, response);
  } catch (error) {
    if (!isHangUp(error)) throw error;
  }
}

/** JSON that can be parsed by whoever has the memory: an empty list, which is what a reader without a limit would take it for. */
function* textOf(bytes: number): Generator<Buffer> {
  let padding = bytes - HEAD.length - TAIL.length;
  if (padding < 0) {
    yield Buffer.from("{}".padEnd(bytes));
    return;
  }
  const chunk = Buffer.alloc(CHUNK_BYTES, "x");
  yield Buffer.from(HEAD);
  for (; padding > CHUNK_BYTES; padding -= CHUNK_BYTES) yield chunk;
  yield chunk.subarray(0, padding);
  yield Buffer.from(TAIL);
}

/** What a pipeline fails with when its reader has gone. */
const HANG_UPS: readonly unknown[] = ["ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR", "ECONNRESET", "EPIPE"];

function isHangUp(error: unknown): boolean {
  return error instanceof Error && "code" in error && HANG_UPS.includes(error.code);
}
