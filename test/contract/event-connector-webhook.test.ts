import type { Delivery } from "../../local/simulators/webhook/delivery.ts";
import { hiddenIn, htmlIn } from "../shared/connectors/inertness.ts";
import { type EventHarness, type ReceivedEvent, describeEventConnector } from "./event-connector.ts";
import { startWebhookBench } from "./webhook-bench.ts";

async function startHarness(): Promise<EventHarness> {
  const { receiver, connect, close } = await startWebhookBench();
  return {
    connector: connect(),
    received: () => receiver.deliveries.map(receivedOf),
    loseAnswer: () => receiver.faults.add({ kind: "applyThenCut", times: 1 }),
    goAway: () => receiver.faults.add({ kind: "status", status: 503 }),
    comeBack: () => receiver.faults.clear(),
    requestCount: () => receiver.requests.read().total,
    isLive: (wire) => htmlIn(wire) ?? lineEndIn(wire) ?? textsIn(JSON.parse(wire)).find((text) => hiddenIn(text)),
    close,
  };
}

function receivedOf({ event, body }: Delivery): ReceivedEvent {
  const data = event["data"] as Record<string, unknown>;
  return {
    id: String(event["id"]),
    incidentId: String(data["incidentId"]),
    sequence: Number(data["sequence"]),
    stage: String(data["stage"]),
    skipped: data["skipped"] as readonly string[],
    content: body,
    wire: body,
  };
}

/** An event is one line, in whatever log it ends. */
function lineEndIn(wire: string): string | undefined {
  return /[\n\r\u2028\u2029]/.exec(wire)?.[0];
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

describeEventConnector("the signed webhook", startHarness);
