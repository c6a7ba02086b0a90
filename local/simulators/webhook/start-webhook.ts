import { machineClock, type SimulatorClock } from "../clock.ts";
import { createBehaviour } from "../http/behaviour.ts";
import { createControlPanel } from "../http/control-panel.ts";
import type { Faults } from "../http/faults.ts";
import { fieldTable, htmlPage, PAGE_HEADERS, textBlock } from "../http/html.ts";
import { type Call, emptyReply, htmlReply, jsonReply, type Reply, textReply } from "../http/message.ts";
import type { RequestCounters } from "../http/request-counters.ts";
import { startServer } from "../http/start-server.ts";
import { signatureProblem } from "./check-signature.ts";
import { type Delivery, deliveryOf, eventProblem } from "./delivery.ts";
import { defaultWebhookBehaviour, WEBHOOK_CHOICES, type WebhookBehaviour } from "./webhook-behaviour.ts";

export interface WebhookOptions {
  readonly port?: number;
  readonly clock?: SimulatorClock;
  /** What signatures are checked with; one of them must fit. */
  readonly secrets?: readonly string[];
  /** What the address's query must have as `sig`, like that of a Logic App: whoever has it may call. Absent: nothing is asked. */
  readonly sig?: string;
  readonly behaviour?: Partial<WebhookBehaviour>;
}

export interface WebhookSimulator {
  /** Where events go. */
  readonly url: string;
  /** Change it at any time. */
  secrets: readonly string[];
  /** What the query of a call must have as `sig`. Change it at any time: the address of before lets nobody in then. */
  sig: string | undefined;
  readonly behaviour: WebhookBehaviour;
  readonly faults: Faults;
  readonly requests: RequestCounters;
  /** All that was taken, in the order it came; the same event again is here again. */
  readonly deliveries: readonly Delivery[];
  /** Requests that a sender of ours should not make: they were refused. */
  readonly unexpected: readonly string[];
  close(): Promise<void>;
}

export const DEFAULT_WEBHOOK_SECRET = "whsec_c2ltdWxhdGVkLXdlYmhvb2stc2VjcmV0LW5vdC1yZWFs";
const PATH = "/hooks/dex";

/** A receiver of CloudEvents that are signed by the Standard Webhooks scheme: what any SOAR is to the product. */
export async function startWebhook(options: WebhookOptions = {}): Promise<WebhookSimulator> {
  const clock = options.clock ?? machineClock;
  const behaviour = { ...defaultWebhookBehaviour(), ...options.behaviour };
  const deliveries: Delivery[] = [];
  const unexpected: string[] = [];

  const panel = createControlPanel({
    name: "a receiver of webhooks",
    behaviour: createBehaviour(behaviour, WEBHOOK_CHOICES),
    records: () =>
      deliveries
        .slice(-50)
        .toReversed()
        .map(({ id, type, subject }) => ({ href: `/events/${id}`, text: `${type} ${subject}` })),
    views: {
      events: () => ({ count: deliveries.length, events: deliveries.map(({ event }) => event) }),
      unexpected: () => ({ unexpected }),
    },
  });
  const server = await startServer({
    port: options.port ?? 0,
    clock,
    route: (method, path) => ({
      kind: method === "POST" && path === PATH ? "event" : "other",
      run: (call) => (method === "POST" && path === PATH ? take(call) : stray(call)),
    }),
    control: (call, running) => panel(call, running) ?? page(call),
  });

  const simulator: WebhookSimulator = {
    url: `${server.url}${PATH}${options.sig === undefined ? "" : queryOf(options.sig)}`,
    secrets: options.secrets ?? [DEFAULT_WEBHOOK_SECRET],
    sig: options.sig,
    behaviour,
    faults: server.faults,
    requests: server.requests,
    deliveries,
    unexpected,
    close: () => server.close(),
  };
  return simulator;

  function take({ headers, body, query }: Call): Reply {
    if (simulator.sig !== undefined && query.get("sig") !== simulator.sig) return notLetIn(query);
    if (behaviour.isGone) return emptyReply(410);
    const text = (name: string): string => [headers[name] ?? ""].flat().join(" ");
    const signed = {
      id: text("webhook-id"),
      timestamp: text("webhook-timestamp"),
      signatures: text("webhook-signature"),
      body,
    };
    const refusal = signatureProblem(signed, simulator.secrets, clock.now(), behaviour.toleranceS);
    if (refusal !== undefined) return jsonReply(401, { error: refusal });
    const problem = eventProblem(headers, body);
    if (problem !== undefined) {
      unexpected.push(problem);
      return jsonReply(400, { error: problem });
    }
    deliveries.push(deliveryOf(headers, body, clock.now()));
    return emptyReply(204);
  }

  function stray({ method, path }: Call): Reply {
    unexpected.push(`${method} ${path}`);
    return jsonReply(404, { error: "nothing is here" });
  }

  function page({ method, path }: Call): Reply | undefined {
    if (method !== "GET" || !path.startsWith("/events/")) return undefined;
    const delivery = deliveries.findLast(({ id }) => path === `/events/${id}`);
    if (delivery === undefined) return textReply(404, "text/plain; charset=utf-8", "There is no such event");
    return htmlReply(200, eventPage(delivery), PAGE_HEADERS);
  }
}

function queryOf(sig: string): string {
  return `?${new URLSearchParams({ "api-version": "2016-10-01", sp: "/triggers/manual/run", sv: "1.0", sig })}`;
}

/** It says back what it was given, as careless receivers do. */
function notLetIn(query: URLSearchParams): Reply {
  return jsonReply(401, { error: { message: `${query} does not let you in: ${query.get("sig")} is another's` } });
}

function eventPage({ type, subject, event }: Delivery): string {
  const fields = Object.entries(event)
    .filter(([name]) => name !== "data")
    .map(([name, value]) => [name, String(value)] as const);
  return htmlPage(
    `${type} ${subject}`,
    `<p class="banner">This is a simulator on this machine, not a SOAR. Nothing here is real.</p>${fieldTable(fields)}<h2>Data</h2>${textBlock(JSON.stringify(event["data"], null, 2))}`,
  );
}
