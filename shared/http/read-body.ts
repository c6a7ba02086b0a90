import type { Dispatcher } from "undici";

/** Longer than what is asked for, or in an encoding that was not: neither is read to its end. */
export type Body = { readonly text: string } | { readonly problem: string };

/** The whole body as text, but never more than asked for. Nothing is decompressed (no encoding was accepted), so nothing can swell. */
export async function readBody(response: Dispatcher.ResponseData, maxBytes: number): Promise<Body> {
  const encoding = response.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    stopReading(response);
    return { problem: "answered in an encoding that was not asked for" };
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    const bytes = chunk as Buffer;
    size += bytes.byteLength;
    if (size > maxBytes) {
      stopReading(response);
      return { problem: `answered more than ${maxBytes} bytes` };
    }
    chunks.push(bytes);
  }
  return { text: Buffer.concat(chunks).toString("utf8") };
}

/** Of an error only the tool's message is wanted. */
const MAX_ERROR_BYTES = 65_536;

/** What there is of an error's body; "" where it breaks off, as the status says enough. */
export async function readErrorBody(response: Dispatcher.ResponseData): Promise<string> {
  const body = await readBody(response, MAX_ERROR_BYTES).catch((error: unknown) => {
    if (error instanceof Error) return { text: "" };
    throw error;
  });
  return "text" in body ? body.text : "";
}

function stopReading(response: Dispatcher.ResponseData): void {
  // Ending early is reported as an error of the stream, and it is ours.
  response.body.on("error", () => undefined);
  response.body.destroy();
}
