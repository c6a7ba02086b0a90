import type { HttpRequest, HttpResponse } from "../../shared/http/request.ts";
import { ConflictError, type ETag, type Table } from "../../shared/pipeline/ports/table.ts";
import { NO_OPERATIONS } from "./operations-plan.ts";
import { type Send, answering, calm, overHttp } from "./planting.ts";
import type { Plan } from "./plan.ts";
import type { ReceivedEvent } from "./received-event.ts";
import { signatureOf } from "./receiver-service.ts";
import { PLAIN_RECEIVER, type ReceiverPlan } from "./receiver-plan.ts";
import type { Plant } from "./world.ts";

/** One tenant's receiver, and no other tool; the rest as the seed has it, or as is given. */
export function toReceiver(
  faults: Partial<Plan["faults"]> = {},
  changes: Partial<Plan> = {},
  receiver: Partial<ReceiverPlan> = {},
): (plan: Plan) => Plan {
  return (plan) => {
    const tuned = calm(plan);
    return {
      ...tuned,
      experts: "all",
      hasSentinel: false,
      operations: NO_OPERATIONS,
      ...changes,
      faults: { ...tuned.faults, tableFails: 0, ...faults },
      receiver: { ...PLAIN_RECEIVER, ...receiver },
    };
  };
}

export function isOfReceiver({ url }: HttpRequest): boolean {
  return url.endsWith("/hooks/dex");
}

/** Whatever becomes of it, its sender is told that it was taken. */
export function taken(request: HttpRequest): HttpResponse {
  return answering({ status: 200, headers: { get: () => null }, text: "", json: () => undefined }, request.url);
}

export function eventIn(request: HttpRequest): ReceivedEvent {
  return JSON.parse(request.body ?? "{}") as ReceivedEvent;
}

/** The same request with another event, signed anew. */
export function withEvent(request: HttpRequest, event: ReceivedEvent): HttpRequest {
  const body = JSON.stringify(event);
  const timestamp = request.headers?.["webhook-timestamp"] ?? "";
  return {
    ...request,
    body,
    headers: {
      ...request.headers,
      "webhook-id": event.id,
      "webhook-signature": signatureOf(event.id, timestamp, body),
    },
  };
}

export function overEvents(change: (event: ReceivedEvent, world: Parameters<Plant>[1]) => ReceivedEvent): Plant {
  return overHttp((request, send, world) =>
    send(isOfReceiver(request) ? withEvent(request, change(eventIn(request), world)) : request),
  );
}

export function overSending(
  instead: (request: HttpRequest, send: Send, world: Parameters<Plant>[1]) => Promise<HttpResponse>,
): Plant {
  return overHttp((request, send, world) => (isOfReceiver(request) ? instead(request, send, world) : send(request)));
}

/** What is kept of a receiver's link, changed on its way into the table. */
export function overReceiverLink(change: (link: object) => object): Plant {
  return overReceiverRow((value, save) => save(change(value)));
}

type Save = (link: object) => Promise<readonly ETag[]>;

/** `save` throws `ConflictError` where another worker wrote the link. */
export function overReceiverRow(
  instead: (link: object, save: Save, partition: string) => Promise<readonly ETag[]>,
): Plant {
  return (ports) => {
    const { incident } = ports.tables;
    const table: Table = {
      ...incident,
      async put(partition, row, value, condition) {
        if (!isReceiverLink(row)) return incident.put(partition, row, value, condition);
        const save: Save = async (link) => [await incident.put(partition, row, link, condition)];
        const [etag = ""] = await instead(value as object, save, partition);
        return etag;
      },
      batch(partition, writes) {
        const own = writes.find((write) => write.kind === "put" && isReceiverLink(write.row));
        if (own?.kind !== "put") return incident.batch(partition, writes);
        const save: Save = (link) =>
          incident.batch(
            partition,
            writes.map((write) => (write === own ? { ...own, value: link } : write)),
          );
        return instead(own.value as object, save, partition);
      },
    };
    return { ...ports, tables: { ...ports.tables, incident: table } };
  };
}

export function isConflict(error: unknown): boolean {
  return error instanceof ConflictError;
}

function isReceiverLink(row: string): boolean {
  return row.startsWith("link:soar-");
}
