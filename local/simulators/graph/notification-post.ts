import { randomUUID } from "node:crypto";

/** How notifications leave. */
export interface NotificationPost {
  /** Whether it was answered with 2xx in time. */
  deliver(url: string, body: unknown): Promise<boolean>;
  /** Whether the endpoint gives back the token it is sent. */
  validates(url: string): Promise<boolean>;
  close(): void;
}

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const HANDSHAKE_MS = 10_000;
const DELIVERY_MS = 3_000;

export function createNotificationPost(): NotificationPost {
  const closing = new AbortController();

  /** Undefined where nobody answers in time. */
  async function post(url: string, contentType: string, body: string, timeoutMs: number): Promise<Answer | undefined> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": contentType },
        body,
        signal,
        redirect: "error",
      });
      return { ok: response.ok, status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      if (signal.aborted || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  return {
    async deliver(url, body) {
      const answer = await post(url, "application/json", JSON.stringify(body), DELIVERY_MS);
      return answer?.ok === true;
    },
    async validates(url) {
      const token = newToken();
      const asked = new URL(url);
      asked.searchParams.set("validationToken", token);
      const answer = await post(asked.href, "text/plain; charset=utf-8", "", HANDSHAKE_MS);
      if (answer?.status !== 200) return false;
      return (answer.headers.get("content-type") ?? "").startsWith("text/plain") && answer.text === token;
    },
    close: () => closing.abort(),
  };
}

/** Every character that goes wrong where the token is not URL-decoded exactly once; none that escaping HTML would change but `&`. */
function newToken(): string {
  return `Validation: Testing client application reachability for subscription Request-Id: ${randomUUID()} & 100%25 a+b/c==`;
}
