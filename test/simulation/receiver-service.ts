import { createHmac } from "node:crypto";
import type { Prng } from "./prng.ts";
import type { Delivery, ReceivedEvent } from "./received-event.ts";
import type { Answer, Asked, Service } from "./service.ts";

export interface Receiver {
  readonly service: Service;
  readonly deliveries: readonly Delivery[];
  /** Each request that reached it, whatever it was answered. */
  readonly calls: readonly ReceiverCall[];
  /** The first that has an answer gives it, instead of the receiver. */
  readonly rules: Set<(asked: Asked) => Answer | undefined>;
}

export interface ReceiverCall {
  readonly at: number;
  readonly status: number;
  /** Whoever called was told so at once. */
  readonly isAnswered: boolean;
}

const KEY = Buffer.alloc(32, "simulated");

/** As it stands in the product's configuration. */
export const RECEIVER_SECRET = `whsec_${KEY.toString("base64")}`;

/** Somebody's SOAR: takes what is signed as Standard Webhooks 1.0 says, and writes down each delivery, the repeats too. */
export function createReceiver(options: { readonly random: Prng; now(): number }): Receiver {
  const deliveries: Delivery[] = [];
  const calls: ReceiverCall[] = [];
  const rules: Receiver["rules"] = new Set();
  return { service, deliveries, calls, rules };

  function service(asked: Asked): Answer {
    let answer: Answer | undefined;
    for (const rule of rules) answer ??= rule(asked);
    answer ??= take(asked);
    calls.push({ at: options.now(), status: answer.status, isAnswered: asked.isAnswered });
    return answer;
  }

  function take({ headers, text, body, isAnswered }: Asked): Answer {
    const id = headers["webhook-id"] ?? "";
    const signed = signatureOf(id, headers["webhook-timestamp"] ?? "", text);
    if (headers["webhook-signature"]?.split(" ").includes(signed) !== true) return { status: 401, body: "" };
    const event = body as ReceivedEvent;
    if (event.id !== id) return { status: 400, body: "the header names another event" };
    deliveries.push({ at: options.now(), event, isAnswered });
    return { status: options.random.pick([200, 202, 204]), body: "" };
  }
}

export function signatureOf(id: string, timestamp: string, text: string): string {
  return `v1,${createHmac("sha256", KEY).update(`${id}.${timestamp}.${text}`).digest("base64")}`;
}
