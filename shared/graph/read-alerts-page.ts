import { momentOf, revisionOf } from "../incident/revision.ts";
import type { AlertStub, Source, Window } from "../pipeline/ports/source.ts";
import type { GraphReading } from "./graph-reading.ts";
import { REFUSALS, isRefusal } from "./refusal.ts";

/** The documentation's own example; its maximum is not documented. */
const PAGE_SIZE = "100";

/** Alerts by creation: `detectionSource` cannot be filtered on, so the experts' are found among all. */
export function createReadAlertsPage({ graph, checks, pageOf }: GraphReading): Source["alertsPage"] {
  return async function alertsPage(page, signal) {
    const response =
      "next" in page
        ? await graph.getNext(page.next, signal)
        : await graph.get("/security/alerts_v2", { $filter: filterOf(page), $top: PAGE_SIZE }, signal, {
            expect: REFUSALS,
          });
    if (isRefusal(response.status)) return { refused: response.status };
    const { rows, next } = pageOf(response);
    return {
      rows: rows.flatMap(stubOf),
      size: rows.length,
      ...(next === undefined ? {} : { next }),
      isPartial: response.status === 206,
    };
  };

  function stubOf(row: unknown): readonly AlertStub[] {
    const checked = checks.alert(row);
    if ("problems" in checked) return [];
    const { incidentId, detectionSource, createdDateTime, lastUpdateDateTime } = checked.value;
    const created = revisionOf(createdDateTime ?? "");
    if (created === undefined) return [];
    return [
      {
        incidentId: incidentId ?? "",
        detectionSource: detectionSource ?? "",
        created,
        updated: revisionOf(lastUpdateDateTime ?? "") ?? created,
      },
    ];
  }
}

function filterOf(window: Window): string {
  const parts = [`createdDateTime ge ${momentOf(window.from)}`];
  if (window.to !== undefined) parts.push(`createdDateTime le ${momentOf(window.to)}`);
  if (window.created !== undefined) {
    parts.push(
      `lastUpdateDateTime ge ${momentOf(window.created.from)}`,
      `lastUpdateDateTime le ${momentOf(window.created.to)}`,
    );
  }
  return parts.join(" and ");
}
