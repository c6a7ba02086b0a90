import { PermanentError, RetryableError } from "../errors.ts";
import type { IncidentId } from "../incident/incident.ts";
import type { HttpResponse } from "../http/request.ts";
import type { IncidentDetails, Refused, Source } from "../pipeline/ports/source.ts";
import { type ReadAlert, alertsPartOf } from "./alerts-of-wire.ts";
import type { GraphReading } from "./graph-reading.ts";
import { REFUSALS, isRefusal } from "./refusal.ts";

/** Pages of alerts that are followed; an incident of more is told by its count of those read. */
const ALERT_PAGES = 3;

/**
 * An incident and its alerts in one request (`$expand=alerts`). Where that fails, as it does for good on some incidents
 * (elastic/integrations#18144), the alerts are read by themselves.
 */
export function createReadDetails({ graph, clock, checks, toRow, pageOf }: GraphReading): Source["details"] {
  return async function details(id, signal) {
    const readAt = clock.now();
    const expanded = await expand(id, signal);
    if (expanded === undefined) return await readAlone(id, readAt, signal);
    const first = { rows: expanded.alerts, next: expanded.next };
    const { requests, ...read } = await readOn(first, signal);
    return { incident: expanded.incident, alerts: alertsPartOf({ ...read, readAt }), requests: 1 + requests };
  };

  /** Undefined where the two cannot be had together. */
  async function expand(
    id: IncidentId,
    signal: AbortSignal,
  ): Promise<
    (Pick<IncidentDetails, "incident"> & { alerts: readonly unknown[]; next: string | undefined }) | undefined
  > {
    let response: HttpResponse;
    let body: unknown;
    try {
      response = await graph.get(`/security/incidents/${id}`, { $expand: "alerts" }, signal, { expect: REFUSALS });
      body = isRefusal(response.status) ? undefined : response.json();
    } catch (error) {
      if (isOfThisRequest(error)) return undefined;
      throw error;
    }
    if (response.status === 404) throw notKnown();
    if (isRefusal(response.status)) return undefined;
    checkWhole(response);
    const checked = checks.expanded(body);
    if ("problems" in checked) return undefined;
    const row = toRow(body);
    return {
      incident: row.kind === "incident" && row.incident.id === id ? row.incident : undefined,
      alerts: checked.value.alerts,
      next: checked.value["alerts@odata.nextLink"] ?? undefined,
    };
  }

  async function readAlone(id: IncidentId, readAt: number, signal: AbortSignal): Promise<IncidentDetails | Refused> {
    const response = await graph.get(`/security/incidents/${id}/alerts`, {}, signal, { expect: REFUSALS });
    if (response.status === 404) throw notKnown();
    if (isRefusal(response.status)) return { refused: response.status, requests: 2 };
    checkWhole(response);
    const { requests, ...read } = await readOn(pageOf(response), signal);
    return { incident: undefined, alerts: alertsPartOf({ ...read, readAt }), requests: 2 + requests };
  }

  async function readOn(
    first: { readonly rows: readonly unknown[]; readonly next: string | undefined },
    signal: AbortSignal,
  ): Promise<{ alerts: readonly ReadAlert[]; count: number; isCut: boolean; requests: number }> {
    const rows = [...first.rows];
    let { next } = first;
    let requests = 0;
    while (next !== undefined && requests < ALERT_PAGES - 1) {
      const response = await graph.getNext(next, signal);
      checkWhole(response);
      const page = pageOf(response);
      requests += 1;
      rows.push(...page.rows);
      next = page.next;
    }
    return { alerts: rows.flatMap(readAlert), count: rows.length, isCut: next !== undefined, requests };
  }

  /** One that is none is counted and not shown; so is a piece of evidence. */
  function readAlert(row: unknown): readonly ReadAlert[] {
    const checked = checks.alert(row);
    if ("problems" in checked) return [];
    const evidence = (checked.value.evidence ?? []).flatMap((item) => {
      const piece = checks.evidence(item);
      return "value" in piece ? [piece.value] : [];
    });
    return [{ wire: checked.value, evidence }];
  }
}

/** 206: a provider behind Graph failed. What is missing is not "none", so what was read before stays. */
function checkWhole(response: HttpResponse): void {
  if (response.status === 206) throw new RetryableError("unavailable", "Graph answered alerts in part (206)");
}

/** A failure that another way to the same alerts may not meet; a quota or a credential would meet it again. */
function isOfThisRequest(error: unknown): boolean {
  if (error instanceof PermanentError) return true;
  return error instanceof RetryableError && (error.reason === "unavailable" || error.reason === "unreadable");
}

function notKnown(): PermanentError {
  return new PermanentError("notFound", "Graph knows no such incident, or no alerts of it");
}
