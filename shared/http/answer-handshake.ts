const LONGEST_TOKEN_BYTES = 2_048;
/** Markup, and whatever does not show: Graph sends none of it, and nothing else is to be reflected. */
const REFUSED = /[<>\p{C}\p{Zl}\p{Zp}]/u;

export interface HandshakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Graph's validation of an address: the token it sent, decoded, as plain text and as nothing else. */
export function answerHandshake(token: string): HandshakeAnswer {
  const isAnswered = token !== "" && Buffer.byteLength(token) <= LONGEST_TOKEN_BYTES && !REFUSED.test(token);
  if (!isAnswered) return { status: 400 };
  return {
    status: 200,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
    body: token,
  };
}
