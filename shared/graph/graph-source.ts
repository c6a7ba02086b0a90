import { PermanentError, RetryableError } from "../errors.ts";
import type { AlertsPart, IncidentId, TenantId } from "../incident/incident.ts";
import { momentOf } from "../incident/revision.ts";
import type { HttpResponse } from "../http/request.ts";
import type { Clock } from "../pipeline/ports/clock.ts";
import type { NextPage, Source, SourcePage, SourceRow, Window } from "../pipeline/ports/source.ts";
import { type SchemaCheck, loadSchemaCheck } from "../schema-check.ts";
import { alertsPartOf } from "./alerts-of-wire.ts";
import type { Graph } from "./graph-client.ts";
import { rowOfWire } from "./incident-of-wire.ts";
import { type WireAlert, WireAlertSchema, type WireIncident, WireIncidentSchema, WirePageSchema } from "./schema.ts";

/** The source refuses more ("The limit of '50' for Top query has been exceeded"). */
const PAGE_SIZE = "50";
const ALERT_PAGES = 3;

/** Incidents of one tenant through Microsoft Graph. */
export async function createGraphSource(deps: {
  readonly tenantId: TenantId;
  readonly graph: Graph;
  readonly clock: Clock;
}): Promise<Source> {
  const { graph, tenantId } = deps;
  const checkIncident: SchemaCheck<WireIncident> = await loadSchemaCheck(WireIncidentSchema);
  const checkAlert: SchemaCheck<WireAlert> = await loadSchemaCheck(WireAlertSchema);
  const checkPage = await loadSchemaCheck(WirePageSchema);

  return {
    async listPage(page: Window | NextPage, signal): Promise<SourcePage> {
      const response =
        "next" in page
          ? await graph.getNext(page.next, signal)
          : await graph.get("/security/incidents", { $filter: filterOf(page), $top: PAGE_SIZE }, signal);
      const { rows, next } = pageOf(response);
      return {
        rows: rows.map((row) => rowOfWire(tenantId, row, checkIncident)),
        ...(next === undefined ? {} : { next }),
        servedAt: servedAtOf(response),
        isPartial: response.status === 206,
      };
    },

    async get(id: IncidentId, signal): Promise<SourceRow | undefined> {
      const response = await graph.get(`/security/incidents/${id}`, {}, signal);
      return response.status === 404 ? undefined : rowOfWire(tenantId, response.json(), checkIncident);
    },

    async alerts(id: IncidentId, signal): Promise<AlertsPart> {
      const readAt = deps.clock.now();
      const alerts: WireAlert[] = [];
      let count = 0;
      let next: string | undefined;
      for (let pages = 0; pages < ALERT_PAGES; pages += 1) {
        const response: HttpResponse =
          next === undefined
            ? await graph.get(`/security/incidents/${id}/alerts`, {}, signal)
            : await graph.getNext(next, signal);
        if (response.status === 404) throw new PermanentError("notFound", "Graph knows no alerts of this incident");
        const page = pageOf(response);
        count += page.rows.length;
        for (const row of page.rows) {
          const checked = checkAlert(row);
          if ("value" in checked) alerts.push(checked.value);
        }
        next = page.next;
        if (next === undefined) break;
      }
      return alertsPartOf(alerts, count, readAt);
    },
  };

  function pageOf(response: HttpResponse): { rows: readonly unknown[]; next: string | undefined } {
    if (response.status === 404)
      throw new PermanentError("notFound", "Graph answered 404 to a list", { mend: NOT_HERE });
    const checked = checkPage(response.json());
    if ("problems" in checked) {
      throw new RetryableError("unreadable", `Graph answered no page of rows (${checked.problems.join("; ")})`);
    }
    return { rows: checked.value.value, next: checked.value["@odata.nextLink"] };
  }
}

const NOT_HERE = "check `cloud` and `graphUrl` of this tenant: not every cloud has security incidents";

function filterOf(window: Window): string {
  const parts = [`lastUpdateDateTime ge ${momentOf(window.from)}`];
  if (window.to !== undefined) parts.push(`lastUpdateDateTime le ${momentOf(window.to)}`);
  if (window.created !== undefined) {
    parts.push(
      `createdDateTime ge ${momentOf(window.created.from)}`,
      `createdDateTime le ${momentOf(window.created.to)}`,
    );
  }
  return parts.join(" and ");
}

function servedAtOf(response: HttpResponse): number | undefined {
  const ms = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(ms) ? undefined : ms;
}
