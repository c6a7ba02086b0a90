import { PermanentError, RetryableError } from "../errors.ts";
import type { TenantId } from "../incident/incident.ts";
import { momentOf } from "../incident/revision.ts";
import type { HttpResponse } from "../http/request.ts";
import type { Clock } from "../pipeline/ports/clock.ts";
import type { ListRequest, Source, SourcePage, SourceRow } from "../pipeline/ports/source.ts";
import type { Graph } from "./graph-client.ts";
import { rowOfWire } from "./incident-of-wire.ts";
import { createReadAlertsPage } from "./read-alerts-page.ts";
import { createReadDetails } from "./read-details.ts";
import { createReadNotification } from "./read-notification.ts";
import { createReadTasks } from "./read-tasks.ts";
import { loadWireChecks } from "./wire-checks.ts";

/** The source refuses more ("The limit of '50' for Top query has been exceeded"). */
const PAGE_SIZE = 50;

/** Incidents of one tenant through Microsoft Graph. */
export async function createGraphSource(deps: {
  readonly tenantId: TenantId;
  readonly graph: Graph;
  readonly clock: Clock;
}): Promise<Source> {
  const { graph, tenantId } = deps;
  const checks = await loadWireChecks();
  const toRow = (body: unknown): SourceRow => rowOfWire(tenantId, body, checks.incident);
  const reading = { ...deps, checks, toRow, pageOf };

  return {
    async listPage(page, signal): Promise<SourcePage> {
      const response =
        "next" in page
          ? await graph.getNext(page.next, signal)
          : await graph.get("/security/incidents", queryOf(page), signal);
      const { rows, next, count } = pageOf(response);
      return {
        rows: rows.map(toRow),
        ...(next === undefined ? {} : { next }),
        ...(count === undefined ? {} : { count }),
        servedAt: servedAtOf(response),
        isPartial: response.status === 206,
      };
    },
    async get(id, signal) {
      const response = await graph.get(`/security/incidents/${id}`, {}, signal);
      return response.status === 404 ? undefined : toRow(response.json());
    },
    details: createReadDetails(reading),
    tasks: createReadTasks(reading),
    notification: createReadNotification(reading),
    alertsPage: createReadAlertsPage(reading),
  };

  function pageOf(response: HttpResponse): {
    rows: readonly unknown[];
    next: string | undefined;
    count: number | undefined;
  } {
    if (response.status === 404)
      throw new PermanentError("notFound", "Graph answered 404 to a list", { mend: NOT_HERE });
    const checked = checks.page(response.json());
    if ("problems" in checked) {
      throw new RetryableError("unreadable", `Graph answered no page of rows (${checked.problems.join("; ")})`);
    }
    const { value, "@odata.nextLink": next, "@odata.count": count } = checked.value;
    return { rows: value, next: next ?? undefined, count: count ?? undefined };
  }
}

const NOT_HERE = "check `cloud` and `graphUrl` of this tenant: not every cloud has security incidents";

function queryOf(request: ListRequest): Readonly<Record<string, string>> {
  return {
    $filter: filterOf(request),
    $top: `${request.top ?? PAGE_SIZE}`,
    ...(request.skip === undefined ? {} : { $skip: `${request.skip}` }),
    ...(request.isCounted === true ? { $count: "true" } : {}),
  };
}

/** `ge` and `le`, never `gt`: rows share their stamps. */
function filterOf(window: ListRequest): string {
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
