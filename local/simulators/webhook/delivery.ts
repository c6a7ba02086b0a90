import type { IncomingHttpHeaders } from "node:http";
import { isObject, objectIn } from "../http/message.ts";

/** An event as it came in, each time it came. */
export interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly receivedAtMs: number;
  readonly headers: IncomingHttpHeaders;
  /** As it was on the wire. */
  readonly body: string;
  readonly event: Readonly<Record<string, unknown>>;
}

/** What a receiver of CloudEvents 1.0 in structured mode holds against a body; undefined for nothing. */
export function eventProblem(headers: IncomingHttpHeaders, body: string): string | undefined {
  if (!/^application\/cloudevents\+json(?:;|$)/.test(headers["content-type"] ?? "")) return "no CloudEvent";
  const event = objectIn(body);
  if (event === undefined) return "no JSON object";
  if (event["specversion"] !== "1.0") return "another version of CloudEvents";
  const missing = ["id", "source", "type"].filter((name) => typeof event[name] !== "string" || event[name] === "");
  if (missing.length > 0) return `${missing.join(", ")} missing`;
  if (event["id"] !== headers["webhook-id"]) return "webhook-id is not the event's id";
  return isObject(event["data"]) ? undefined : "data is no object";
}

export function deliveryOf(headers: IncomingHttpHeaders, body: string, receivedAtMs: number): Delivery {
  const event = objectIn(body) ?? {};
  const text = (name: string): string => (typeof event[name] === "string" ? event[name] : "");
  return { id: text("id"), type: text("type"), subject: text("subject"), receivedAtMs, headers, body, event };
}
