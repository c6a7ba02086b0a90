import { randomUUID } from "node:crypto";
import { type ClientRequest, type IncomingMessage, type ServerResponse, request as httpRequest } from "node:http";
import { Transform } from "node:stream";
import type { InvocationInput, InvocationOutcome } from "../invoker.ts";
import { plainHeaders } from "./http-data.ts";
import { BodyTooLargeError, declaredLength } from "./read-body.ts";

export interface StreamedCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
  /** Where the library listens, on 127.0.0.1. */
  readonly port: number;
  readonly maxBodyBytes: number;
}

/**
 * Sends a request on to the library's own listener, which answers it piece by piece (server-sent events).
 * The invocation goes the usual way beside it; the two meet by the invocation id. Rejects, with nothing answered yet, when the function fails first.
 */
export async function proxyStream(
  call: StreamedCall,
  invoke: (input: InvocationInput) => Promise<InvocationOutcome>,
): Promise<void> {
  const { response } = call;
  if (declaredLength(call.request) > call.maxBodyBytes) throw tooLarge(call);
  const invocationId = randomUUID();
  const forwarded = openForwarded(call, invocationId);
  const answered = pipeAnswer(call, forwarded).then(() => "answered" as const);
  const invoked = invoke({
    invocationId,
    trigger: { http: {} },
    triggerMetadata: {
      ...Object.fromEntries(Object.entries(call.params).map(([name, value]) => [name, { string: value }])),
      Headers: { json: JSON.stringify(plainHeaders(call.request.headers)) },
    },
  }).then(({ returned }) => (returned === undefined || returned === null ? ("nothing" as const) : answered));
  // Whichever loses the race below has been logged by the invoker, or follows from the caller having gone away.
  invoked.catch(() => undefined);
  answered.catch(() => undefined);
  try {
    const outcome = await Promise.race([answered, invoked]);
    // A function that returns nothing never answers the library's listener; on the real host it is 204.
    if (outcome === "nothing" && !response.headersSent) response.writeHead(204).end();
  } catch (error) {
    if (!response.headersSent) throw error;
    response.destroy();
  } finally {
    forwarded.destroy();
  }
}

function openForwarded({ request, port }: StreamedCall, invocationId: string): ClientRequest {
  const { connection: _connection, upgrade: _upgrade, expect: _expect, ...headers } = request.headers;
  return httpRequest({
    host: "127.0.0.1",
    port,
    method: request.method ?? "GET",
    path: request.url ?? "/",
    agent: false,
    headers: {
      ...headers,
      "x-ms-invocation-id": invocationId,
      "x-forwarded-host": request.headers.host ?? "",
      "x-forwarded-proto": "http",
    },
  });
}

/** Resolves when the answer has gone out whole, or when the caller has gone away. */
async function pipeAnswer(call: StreamedCall, forwarded: ClientRequest): Promise<void> {
  const { request, response } = call;
  await new Promise<void>((resolve, reject) => {
    forwarded.on("error", reject);
    forwarded.on("response", (answer) => {
      const {
        "x-ms-invocation-id": _id,
        connection: _connection,
        "keep-alive": _keepAlive,
        ...headers
      } = answer.headers;
      response.writeHead(answer.statusCode ?? 200, headers);
      // Without this a first event would wait for the second.
      response.flushHeaders();
      answer.on("error", reject);
      answer.pipe(response);
    });
    response.on("close", resolve);
    const limited = request.pipe(limitBody(call));
    limited.on("error", reject);
    limited.pipe(forwarded);
  });
}

function limitBody(call: StreamedCall): Transform {
  let length = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.byteLength;
      if (length > call.maxBodyBytes) done(tooLarge(call));
      else done(null, chunk);
    },
  });
}

function tooLarge({ maxBodyBytes }: StreamedCall): BodyTooLargeError {
  return new BodyTooLargeError(`a body of at most ${maxBodyBytes} bytes is taken`);
}
