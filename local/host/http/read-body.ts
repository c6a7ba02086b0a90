import type { IncomingMessage } from "node:http";

/** Thrown when a body is larger than the host takes. */
export class BodyTooLargeError extends Error {}

/** The whole body as it came, byte for byte. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (declaredLength(request) > maxBytes) throw new BodyTooLargeError(`a body of at most ${maxBytes} bytes is taken`);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length > maxBytes) throw new BodyTooLargeError(`a body of at most ${maxBytes} bytes is taken`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function declaredLength(request: IncomingMessage): number {
  return Number(request.headers["content-length"] ?? 0);
}
