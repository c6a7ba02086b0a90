import { RetryableError } from "../../shared/errors.ts";
import type { HttpRequest } from "../../shared/http/request.ts";
import { type Planted, anew, isList, overHttp } from "./planting.ts";
import {
  eventIn,
  isConflict,
  isOfReceiver,
  overEvents,
  overReceiverLink,
  overReceiverRow,
  overSending,
  taken,
  toReceiver,
  withEvent,
} from "./planting-events.ts";
import { NO_OPERATIONS } from "./operations-plan.ts";
import { hostOf } from "./product-config.ts";
import type { ReceivedEvent } from "./received-event.ts";
import type { Plant } from "./world.ts";

const MINUTE = 60_000;

/** Bugs on the way from the lanes to a receiver of events. */
export const PLANTED_AT_THE_RECEIVER: readonly Planted[] = [
  {
    name: "the link says that an event was sent before it is",
    plant: overSending((request, send) => send(request).catch(() => taken(request))),
    as: ["lost", "comment missing"],
    tune: toReceiver({ refused: 0.2 }),
  },
  {
    name: "an event is gone where the save meets another worker's",
    plant: anew(savedThenSent),
    as: ["lost", "comment missing", "told wrong"],
    tune: toReceiver({ lockLost: 0.5, redelivered: 0.3, slow: 0.3 }),
  },
  {
    name: "stages that had no event of their own are forgotten",
    plant: overEvents((event) => ({ ...event, data: { ...event.data, skipped: [] } })),
    as: ["told wrong"],
    tune: toReceiver({}, {}, { outages: 2 }),
  },
  {
    name: "an event names a stage that was told as skipped",
    plant: overEvents((event) => {
      const { previousStage, skipped } = event.data;
      return { ...event, data: { ...event.data, skipped: [...skipped, previousStage ?? "active"] } };
    }),
    as: ["told wrong"],
    tune: toReceiver(),
  },
  {
    name: "an event has another id each time that it is sent",
    plant: overEvents((event, { random }) => ({ ...event, id: random.uuid().replaceAll("-", "") })),
    as: ["told wrong"],
    tune: toReceiver({ timeoutAfter: 0.3 }),
  },
  {
    name: "an event says when it was sent, and is another each time",
    plant: overEvents((event, { timeline }) => ({
      ...event,
      data: { ...event.data, stageSince: new Date(timeline.now()).toISOString() },
    })),
    as: ["told wrong"],
    tune: toReceiver({ timeoutAfter: 0.3 }),
  },
  {
    name: "what was told is told again with every look",
    plant: overReceiverLink((link) => ({ ...link, mappingVersion: 0 })),
    as: ["told again"],
    tune: toReceiver({ redelivered: 0.5 }),
  },
  {
    name: "what nobody sees of an incident is told like a change",
    plant: overReceiverLink((link) => ({ ...link, written: {} })),
    as: ["told again"],
    tune: toReceiver(),
  },
  {
    name: "which remarks were told is forgotten",
    plant: overReceiverLink((link) => ({ ...link, notes: [] })),
    as: ["comment twice"],
    tune: toReceiver(),
  },
  {
    name: "an event is sent when its incident has gone on",
    plant: overSending((request, send, { timeline, random }) => {
      if (!random.chance(0.3)) return send(request);
      const { signal: _signal, ...later } = request;
      timeline.after(20 * MINUTE, () => void send(later).catch(() => undefined));
      return Promise.resolve(taken(request));
    }),
    as: ["regressed"],
    tune: toReceiver(),
  },
  {
    name: "an event is not signed",
    plant: overSending((request, send) =>
      send({ ...request, headers: { ...request.headers, "webhook-signature": "v1," } }),
    ),
    as: ["lost"],
    tune: toReceiver(),
  },
  {
    name: "an event goes to another tenant's receiver",
    plant: overSending((request, send, { random }) =>
      send(
        random.chance(0.1)
          ? { ...request, url: request.url.replace(hostOf("receiver", "a"), hostOf("receiver", "b")) }
          : request,
      ),
    ),
    as: ["cross-tenant"],
    tune: toReceiver({}, { tenants: ["a", "b"] }),
  },
  {
    name: "the route is not asked",
    plant: anew(unrouted),
    as: ["not wanted"],
    tune: toReceiver({}, {}, { severities: ["high"] }),
  },
  {
    name: "a receiver that wants nothing more is called again and again",
    plant: overSending(async (request, send) => {
      const response = await send(request);
      if (response.status !== 410) return response;
      throw new RetryableError("unavailable", "the receiver answered 410");
    }),
    as: ["not wanted"],
    tune: toReceiver({}, { operations: { ...NO_OPERATIONS, looks: 1 } }, { gone: 2 }),
  },
  {
    name: "what came while the receiver was gone is not replayed",
    plant: (ports) => ({
      ...ports,
      bus: {
        send: (queue, messages) =>
          ports.bus.send(
            queue,
            messages.filter(({ body }) => (body as { readonly cause?: string }).cause !== "replay"),
          ),
      },
    }),
    as: ["lost", "still parked"],
    tune: toReceiver({}, { operations: { ...NO_OPERATIONS, looks: 1 } }, { gone: 2 }),
  },
];

/** The link is written first; whoever loses it to another worker drops the event. */
function savedThenSent(): Plant {
  const held = new Map<string, () => void>();
  const sending = overSending((request, send) => {
    const { signal: _signal, ...later } = request;
    const { tenantId, incidentId } = eventIn(request).data;
    held.set(`${tenantId}:${incidentId}`, () => void send(later).catch(() => undefined));
    return new Promise((resolve) => setImmediate(() => resolve(taken(request))));
  });
  const saving = overReceiverRow(async (link, save, partition) => {
    const event = held.get(partition);
    held.delete(partition);
    try {
      const etags = await save(link);
      event?.();
      return etags;
    } catch (error) {
      if (event === undefined || !isConflict(error)) throw error;
      return [];
    }
  });
  return (ports, world) => saving(sending(ports, world), world);
}

/** Rows that the source lists are told like those that the route wants. */
function unrouted(): Plant {
  let known: { readonly request: HttpRequest; readonly event: ReceivedEvent } | undefined;
  return overHttp(async (request, send) => {
    if (isOfReceiver(request)) known = { request, event: eventIn(request) };
    const response = await send(request);
    if (known === undefined || !isList(request)) return response;
    const { signal: _signal, ...again } = known.request;
    const { value } = response.json() as { readonly value: readonly Readonly<Record<string, string>>[] };
    for (const { id: incidentId = "", severity = "" } of value) {
      if (severity === "high") continue;
      const { event } = known;
      const subject = event.subject.replace(/[^:]*$/, incidentId);
      const other = {
        ...event,
        id: `${incidentId}-${severity}`,
        subject,
        data: { ...event.data, incidentId, severity },
      };
      await send(withEvent(again, other)).catch(() => undefined);
    }
    return response;
  });
}
