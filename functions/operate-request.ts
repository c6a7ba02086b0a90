import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { composition } from "./compose-once.ts";

const NO_STORE = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
const MAX_BODY_BYTES = 64 * 1_024;

/** What an operator sets off, whoever found out that it is one. `by`: who was signed in. */
export async function operateRequest(request: HttpRequest, by?: string): Promise<HttpResponseInit> {
  const operation = request.params["operation"] ?? "";
  if (request.method === "GET") return tell(request, operation);
  const text = await request.text();
  if (text.length > MAX_BODY_BYTES) return answer(413, { problems: ["at most 64 KiB"] });
  const { operate, operateForget, operateRebuild, operateReconcile } = await import("./work.ts");
  const composed = { ...(await composition()), ...(by === undefined ? {} : { by }) };
  const own = { rebuild: operateRebuild, reconcile: operateReconcile, forget: operateForget };
  const { status, body } = await (Object.hasOwn(own, operation)
    ? own[operation as keyof typeof own](composed, text)
    : operate(composed, operation, text));
  return answer(status, body);
}

async function tell({ query }: HttpRequest, operation: string): Promise<HttpResponseInit> {
  const { tellBackfill, tellParked, tellRebuild } = await import("./work.ts");
  const composed = await composition();
  if (operation === "backfill") return answer(200, await tellBackfill(composed, query.get("tenant") ?? ""));
  const named = (name: string): string | undefined => query.get(name) ?? undefined;
  if (operation === "rebuild") {
    return answer(200, await tellRebuild(composed, { connector: named("connector"), tenant: named("tenant") }));
  }
  if (operation !== "parked") return answer(404, { problems: ["there is no such operation"] });
  const filter = { tenant: named("tenant"), incident: named("incident"), connector: named("connector") };
  return answer(200, await tellParked(composed, filter, query.get("whole") === "true"));
}

function answer(status: number, jsonBody: unknown): HttpResponseInit {
  return { status, headers: NO_STORE, jsonBody };
}
