import { PermanentError } from "../../errors.ts";
import type { Http, HttpRequest } from "../../http/request.ts";

export interface WebhookClient {
  /** Answers once the receiver has taken it: any 2xx. */
  post(event: SignedBody, signal: AbortSignal): Promise<void>;
}

interface SignedBody {
  readonly headers: NonNullable<HttpRequest["headers"]>;
  readonly body: string;
}

const TIMEOUT_MS = 20_000;
/** Statuses that are no word on the event, but on the address: every other event would meet them too. */
const OF_THE_ADDRESS: readonly number[] = [403, 404, 405];
const GONE = 410;

export function createWebhookClient(options: {
  readonly url: string;
  readonly isAddressSecret: boolean;
  readonly http: Http;
}): WebhookClient {
  const { url, isAddressSecret, http } = options;
  return {
    async post({ headers, body }, signal) {
      const { status } = await http.send({
        method: "POST",
        url,
        isAddressSecret,
        headers: { ...headers, "content-type": "application/cloudevents+json; charset=utf-8" },
        body,
        signal,
        timeoutMs: TIMEOUT_MS,
        accept: "none",
        expect: [...OF_THE_ADDRESS, GONE],
        names: "the receiver",
      });
      if (status === GONE) throw new PermanentError("gone", "the receiver answered 410: it wants no more events");
      if (!OF_THE_ADDRESS.includes(status)) return;
      throw new PermanentError("misconfigured", `the receiver answered ${status}: it takes no events at this address`, {
        mend: "compare the connector's address with the receiver's, and what it lets in; what waits is sent once it answers",
      });
    },
  };
}
