import type { Oracle, Place } from "./oracle.ts";
import type { TicketRecord, TicketWrite } from "./ticket-record.ts";

/**
 * What is judged of an issue beyond what holds of every ticket: whom a comment is shown to, whose issue it is, and the status, which is
 * written before the fields that tell what stage it is of.
 */
export function createJiraWatch(
  report: Oracle["report"],
): (place: Place, record: TicketRecord, incidentId: string, write: TicketWrite) => void {
  /** Statuses of people's that were left, until the fields say whether a stage was entered. */
  const moved = new Map<TicketRecord, { readonly stage: string; readonly what: string }>();

  return (place, record, incidentId, write) => {
    const { seen_by: seenBy, status, link, description } = write.values;
    if (seenBy === "customers") report("shown to customers", place, incidentId, `a comment of ${record.number}`);
    if (record.writes[0]?.writer === "person")
      report("person overwritten", place, incidentId, `${record.number} is a person's clone`);
    const last = record.writes.findLast((earlier) => earlier.values["status"] !== undefined);
    if (status !== undefined && last?.writer === "person" && !moved.has(record)) {
      const what = `${record.number} status: "${record.values["status"] ?? ""}" by "${status}"`;
      moved.set(record, { stage: stageLine(lastDescription(record)), what });
    }
    // Only the making of an issue writes its link. Until it is seen to be made its status is set, whoever was quicker (ADR 20).
    if (link !== undefined) moved.delete(record);
    if (description === undefined) return;
    const before = moved.get(record);
    moved.delete(record);
    if (before !== undefined && before.stage === stageLine(description))
      report("person overwritten", place, incidentId, before.what);
  };
}

function lastDescription(record: TicketRecord): string | undefined {
  return record.writes.findLast((write) => write.writer === "product" && write.values["description"] !== undefined)
    ?.values["description"];
}

function stageLine(description: string | undefined): string {
  return /^Stage: .*$/m.exec(description ?? "")?.[0] ?? "";
}
