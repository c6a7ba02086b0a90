import type { OperationsRecord, ParkedLine } from "./operations-record.ts";
import { toolOf } from "./operations-record.ts";
import type { Oracle, Place } from "./oracle.ts";
import { type SourceIncident, newestOf } from "./source-record.ts";
import type { TicketRecord } from "./ticket-record.ts";

const CLOSED = "7";

/** True where somebody decided that what the ticket lacks need not be done, and the source has said nothing new since. */
export function isLetBe(record: OperationsRecord, place: Place, incident: SourceIncident): boolean {
  const toldAt = newsToldAt(incident);
  return record.drops.some(
    (drop) =>
      drop.tenant === place.tenant &&
      drop.tool === place.tool &&
      drop.incidentId === incident.id &&
      toldAt <= (drop.takenAt ?? Number.POSITIVE_INFINITY),
  );
}

/** A stamp that moved alone is nothing new: no ticket shows it, so it takes back no decision. */
function newsToldAt(incident: SourceIncident): number {
  const newest = newestOf(incident);
  return incident.versions
    .filter(({ n, comments }) => n === newest.n && comments.length === newest.comments.length)
    .reduce((first, { visibleAt }) => Math.min(first, visibleAt), newest.visibleAt);
}

/** Whoever was looking at the link while it was dropped may still send it. */
const LOOKING_MS = 60_000;

/** A walk over the links sends nothing again that somebody dropped, until there is something newer. */
export function seeSent(oracle: Oracle, record: OperationsRecord, queue: string, body: unknown, now: number): void {
  if (record.drops.length === 0) return;
  const { cause, incidentId, seq } = (body ?? {}) as { cause?: string; incidentId?: string; seq?: number };
  const place = toolOf(queue.replace("incident-deltas-", ""));
  if (cause !== "sweep" || place === undefined || incidentId === undefined || seq === undefined) return;
  const isOwed = !record.drops.some(
    (drop) =>
      drop.tool === place.tool &&
      drop.tenant === place.tenant &&
      drop.incidentId === incidentId &&
      drop.seq >= seq &&
      drop.takenAt !== undefined &&
      now - drop.takenAt > LOOKING_MS &&
      // With the state the decision was lost.
      !record.stateLostAt.some((lostAt) => lostAt >= (drop.takenAt ?? 0)),
  );
  if (isOwed) return;
  const { tenant, tool } = place;
  oracle.report("done though dropped", { tenant, tool: toolNamed(tool) }, incidentId, `${queue} has it again`);
}

function toolNamed(tool: string): Place["tool"] {
  return tool === "sentinel" || tool === "webhook" ? tool : "servicenow";
}

/** What nobody can read is kept for a person; what can be read is done, and then nothing of it is parked any more. */
export function checkParked(
  oracle: Oracle,
  record: OperationsRecord,
  lines: readonly ParkedLine[],
  recordsOf: (tenant: string, incidentId: string) => readonly TicketRecord[],
): void {
  for (const { queue, text, at, isGone } of record.poison) {
    const isKept = lines.some((line) => line.what === queue && line.body === text);
    const wasLost = [...record.busLostAt, ...record.stateLostAt].some((lostAt) => lostAt >= at);
    if (!isKept && !isGone && !wasLost)
      oracle.report("not parked", { tenant: "", tool: "servicenow" }, "", `${queue} had ${text}`);
  }
  for (const line of lines) {
    const place = toolOf(line.what);
    if (place === undefined && line.what !== "source") continue;
    const tenant = place?.tenant ?? line.tenantId.slice(0, 1);
    const tickets = place?.tool === "webhook" ? [] : recordsOf(tenant, line.incidentId);
    // What a person closed takes no more changes.
    if (tickets.some((ticket) => ticket.values["state"] === CLOSED)) continue;
    const what = `${line.what} was parked (${line.reason}), and still is`;
    oracle.report("still parked", { tenant, tool: toolNamed(place?.tool ?? "") }, line.incidentId, what);
  }
}
