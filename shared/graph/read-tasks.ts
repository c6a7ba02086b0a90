import type { HttpResponse } from "../http/request.ts";
import type { Source } from "../pipeline/ports/source.ts";
import type { GraphReading } from "./graph-reading.ts";
import { REFUSALS, isRefusal } from "./refusal.ts";
import { tasksOf } from "./tasks-of-wire.ts";

/** Default and maximum of the documentation. */
const PAGE_SIZE = 500;

/** The experts' tasks: beta, Global cloud only, and of contradictory documentation as to rights; so a refusal is an answer. */
export function createReadTasks({ graph, clock, checks, pageOf }: GraphReading): Source["tasks"] {
  // Documented as `$orderby lastUpdateDateTime`, a name that the schema does not have.
  let isOrderRefused = false;

  return async function tasks(signal) {
    const readAt = clock.now();
    let requests = 1;
    let response = await list(!isOrderRefused, signal);
    if (response.status === 400 && !isOrderRefused) {
      isOrderRefused = true;
      requests = 2;
      response = await list(false, signal);
    }
    if (isRefusal(response.status)) return { refused: response.status, requests };
    const { rows, next } = pageOf(response);
    const read = rows.flatMap((row) => {
      const checked = checks.task(row);
      return "value" in checked ? [checked.value] : [];
    });
    // 206: a provider behind Graph failed. A full page is not believed to be the last one, link or not.
    const isWhole = response.status !== 206 && next === undefined && rows.length < PAGE_SIZE;
    return { readAt, rows: tasksOf(read), isComplete: isWhole && read.length === rows.length, requests };
  };

  function list(isOrdered: boolean, signal: AbortSignal): Promise<HttpResponse> {
    const query = { $top: `${PAGE_SIZE}`, ...(isOrdered ? { $orderby: "lastUpdateDateTime desc" } : {}) };
    return graph.get("/security/incidentTasks", query, signal, { version: "beta", expect: REFUSALS });
  }
}
