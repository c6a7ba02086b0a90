import { RetryableError } from "../errors.ts";
import type { Source } from "../pipeline/ports/source.ts";
import type { GraphReading } from "./graph-reading.ts";
import { notificationTextOf } from "./notification-of-wire.ts";
import { REFUSALS, isRefusal } from "./refusal.ts";

/** Executive summary, recommendations and hunting queries are on beta only (v1.0 metadata of August 2026 lacks them). */
export function createReadNotification({ graph, checks }: GraphReading): Source["notification"] {
  return async function notification(id, signal) {
    const response = await graph.get(`/security/incidents/${id}`, {}, signal, { version: "beta", expect: REFUSALS });
    if (isRefusal(response.status)) return { refused: response.status };
    const checked = checks.incident(response.json());
    if ("problems" in checked) {
      throw new RetryableError("unreadable", `Graph answered no incident on beta (${checked.problems.join("; ")})`);
    }
    return notificationTextOf(checked.value);
  };
}
