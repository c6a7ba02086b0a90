/** A request from outside, as far as it is looked at before anything of it is believed. */
export interface Incoming {
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<unknown> | null;
}

/** What is read of a call before it is known whose it is. */
export const MAX_BELL_BYTES = 256 * 1_024;

/** The body, or undefined where it is longer: then it is not read to its end. */
export async function readLimited(request: Incoming, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get("content-length") ?? "0") > maxBytes) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
