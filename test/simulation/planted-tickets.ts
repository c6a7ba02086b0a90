import { RetryableError } from "../../shared/errors.ts";
import type { HttpRequest } from "../../shared/http/request.ts";
import type { Table } from "../../shared/pipeline/ports/table.ts";
import type { Ports } from "./life.ts";
import {
  type Planted,
  anew,
  answering,
  calm,
  isTicketWrite,
  overHttp,
  pretended,
  valuesOf,
  withFaults,
} from "./planting.ts";
import { hostOf } from "./product-config.ts";
import type { Plant } from "./world.ts";

/** Bugs on the way from the lanes to the tickets. */
export const PLANTED_AT_THE_TICKETS: readonly Planted[] = [
  {
    name: "a target's refusal counts as done (A, 3; B, 7)",
    plant: overHttp(async (request, send) => {
      try {
        return await send(request);
      } catch (error) {
        if (request.method !== "PATCH") throw error;
        return pretended(request);
      }
    }),
    as: ["lost", "comment missing"],
    tune: withFaults({ refused: 0.2 }),
  },
  {
    name: "merged incidents are reopened (B, 6)",
    plant: overHttp((request, send) => {
      const values = isTicketWrite(request) ? valuesOf(request) : {};
      if (values["close_code"] !== "Duplicate") return send(request);
      return send({ ...request, body: JSON.stringify({ ...values, state: "2" }) });
    }),
    as: ["lost"],
    tune: calm,
  },
  {
    name: "the whole tag list is sent (B, 9)",
    plant: overHttp((request, send) => {
      if (request.method !== "PUT" || request.url.includes("/comments/")) return send(request);
      const body = JSON.parse(request.body ?? "{}") as { properties: { labels: { labelName: string }[] } };
      const labels = body.properties.labels.filter(({ labelName }) => labelName.startsWith("dex:"));
      return send({ ...request, body: JSON.stringify({ ...body, properties: { ...body.properties, labels } }) });
    }),
    as: ["person overwritten"],
    tune: (plan) => ({ ...calm(plan), hasSentinel: true, person: 0.7 }),
  },
  {
    name: "tickets are not looked for before they are made (G, 14)",
    plant: overHttp(async (request, send) => {
      const response = await send(request);
      return request.url.includes("sysparm_query=correlation_id") ? answering(response, { result: [] }) : response;
    }),
    as: ["duplicate"],
    tune: withFaults({ timeoutAfter: 0.3 }),
  },
  {
    name: "a time-out counts as not done (Kibana)",
    plant: overHttp(async (request, send) => {
      try {
        return await send(request);
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        throw new RetryableError(error.reason, error.message, { mayHaveHappened: false });
      }
    }),
    as: ["duplicate", "comment twice"],
    tune: withFaults({ timeoutAfter: 0.3 }),
  },
  {
    name: "a remark is posted again",
    plant: overHttp(async (request, send) => {
      const isNote = isTicketWrite(request) && valuesOf(request)["work_notes"] !== undefined;
      if (isNote) await send(request);
      return send(request);
    }),
    as: ["comment twice"],
    tune: calm,
  },
  {
    name: "an older change is written over a newer",
    plant: overHttp((request, send, { timeline }) => {
      const isOfFields =
        request.method === "PATCH" && isTicketWrite(request) && valuesOf(request)["description"] !== undefined;
      const { signal: _signal, ...again } = request;
      if (isOfFields) timeline.after(20 * 60_000, () => void send(again).catch(() => undefined));
      return send(request);
    }),
    as: ["regressed", "person overwritten"],
    tune: calm,
  },
  {
    name: "every field is written each time",
    plant: everyField(),
    as: ["person overwritten"],
    tune: (plan) => ({ ...calm(plan), person: 0.7 }),
  },
  {
    name: "tenants are mixed up",
    plant: overHttp((request, send, { random }) =>
      isTicketWrite(request) && random.chance(0.1)
        ? send({ ...request, url: request.url.replace(hostOf("servicenow", "a"), hostOf("servicenow", "b")) })
        : send(request),
    ),
    as: ["cross-tenant"],
    tune: (plan) => ({ ...calm(plan), tenants: ["a", "b"] }),
  },
  {
    name: "rows are written whatever their version",
    plant: (ports: Ports) => ({
      ...ports,
      tables: { ...ports.tables, incident: withoutConditions(ports.tables.incident) },
    }),
    as: ["duplicate", "comment twice", "regressed", "lost"],
    tune: withFaults({ lockLost: 0.5, redelivered: 0.3, tableLatencyMs: 60, timeoutAfter: 0.1 }),
  },
  {
    name: "a ticket that is there is never refreshed (Splunk SOAR, 13)",
    plant: overHttp((request, send) => (isFieldsPatch(request) ? Promise.resolve(pretended(request)) : send(request))),
    as: ["lost"],
    tune: calm,
  },
  {
    name: "what was resolved gets no more of the source (C, 18)",
    plant: anew(() => {
      const resolved = new Set<string>();
      return overHttp((request, send) => {
        const { pathname } = new URL(request.url);
        if (isFieldsPatch(request) && resolved.has(pathname)) return Promise.resolve(pretended(request));
        if (isTicketWrite(request) && valuesOf(request)["state"] === "6") resolved.add(pathname);
        return send(request);
      });
    }),
    as: ["lost"],
    tune: calm,
  },
  {
    name: "a status that no table has stops the update (D, 19)",
    plant: overHttp((request, send) =>
      isFieldsPatch(request) && valuesOf(request)["description"]?.includes("Stage: Not known") === true
        ? Promise.resolve(pretended(request))
        : send(request),
    ),
    as: ["lost"],
    tune: calm,
  },
];

function isFieldsPatch(request: HttpRequest): boolean {
  return request.method === "PATCH" && isTicketWrite(request) && valuesOf(request)["work_notes"] === undefined;
}

function withoutConditions(table: Table): Table {
  return {
    ...table,
    put: (partition, row, value) => table.put(partition, row, value, "any"),
    batch: (partition, writes) =>
      table.batch(
        partition,
        writes.map((write) => ({ ...write, condition: "any" as const })),
      ),
  };
}

/** What was ever written to a record goes along with each write. */
function everyField(): Plant {
  return anew(() => {
    const all = new Map<string, Record<string, string>>();
    return overHttp((request, send) => {
      if (request.method !== "PATCH" || !isTicketWrite(request)) return send(request);
      const path = new URL(request.url).pathname;
      const { work_notes: note, ...values } = valuesOf(request);
      const merged = { ...all.get(path), ...values };
      all.set(path, merged);
      return send({
        ...request,
        body: JSON.stringify({ ...merged, ...(note === undefined ? {} : { work_notes: note }) }),
      });
    });
  });
}
