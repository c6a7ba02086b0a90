import type { HttpRequest, HttpResponse } from "../../shared/http/request.ts";
import type { Plan } from "./plan.ts";
import type { ViolationKind } from "./verdict.ts";
import type { Plant } from "./world.ts";

/** A bug that others have shipped, put between the product and its ports. The oracle must see it. */
export interface Planted {
  readonly name: string;
  readonly plant: Plant;
  /** What it must be caught as. */
  readonly as: readonly ViolationKind[];
  /** A bug that is a setting, not something in between. */
  readonly misset?: (plan: Plan) => Plan;
  /** Where such a bug shows. */
  tune(plan: Plan): Plan;
}

export type Send = (request: HttpRequest) => Promise<HttpResponse>;

export function overHttp(
  change: (request: HttpRequest, send: Send, world: Parameters<Plant>[1]) => Promise<HttpResponse>,
): Plant {
  return (ports, world) => ({
    ...ports,
    http: { ...ports.http, send: (request) => change(request, (sent) => ports.http.send(sent), world) },
  });
}

export function overBus(
  isDropped: (body: { readonly to?: string; readonly cause?: string }, next: number) => boolean,
): Plant {
  return (ports, { random }) => ({
    ...ports,
    bus: {
      send: (queue, messages) =>
        ports.bus.send(
          queue,
          messages.filter((message) => queue === "poll-requests" || !isDropped(message.body as object, random.next())),
        ),
    },
  });
}

/** Made for each history, so that none remembers another. */
export function anew(make: () => Plant): Plant {
  return (ports, world) => make()(ports, world);
}

export function isList({ url }: HttpRequest): boolean {
  return url.includes("/v1.0/security/incidents?");
}

export function isLaterPage({ url }: HttpRequest): boolean {
  return /(?:\$|%24)skip/.test(url);
}

export function isTicketWrite({ url, method }: HttpRequest): boolean {
  return method !== "GET" && url.includes("/api/now/table/incident");
}

export function valuesOf(request: HttpRequest): Record<string, string> {
  return JSON.parse(request.body ?? "{}") as Record<string, string>;
}

export function answering(response: HttpResponse, body: unknown): HttpResponse {
  return { ...response, status: 200, text: JSON.stringify(body), json: () => structuredClone(body) };
}

/** What the product is told was done. */
export function pretended(request: HttpRequest): HttpResponse {
  const headers = { get: () => null };
  const result = { ...valuesOf(request), sys_id: request.url.split("/").at(-1)?.split("?")[0], number: "INC" };
  return answering({ status: 200, headers, text: "", json: () => undefined }, { result });
}

export const calm = (plan: Plan): Plan => ({ ...plan, faults: { ...plan.faults, clockJumps: 0, outages: 0 } });
export const withPages = (plan: Plan): Plan => ({
  ...calm(plan),
  source: { ...plan.source, pageSize: 2, links: "skip", order: "updated" },
});
export const withFaults =
  (changes: Partial<Plan["faults"]>) =>
  (plan: Plan): Plan => {
    const tuned = calm(plan);
    return { ...tuned, faults: { ...tuned.faults, ...changes } };
  };
