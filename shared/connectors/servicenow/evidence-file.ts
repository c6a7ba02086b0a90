import type { Evidence } from "../../incident/incident.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import type { Projection } from "../../incident/projection.ts";
import type { Attachment } from "../connector.ts";
import { plainLine } from "../neutralise-servicenow.ts";

/** A file of a name is never replaced, so there is one for what was known when the work was handed over, and one for how it ended. */
const ATTACHED_IN: readonly Stage[] = ["awaitingCustomerAction", "resolved"];
const COLUMNS = [
  "kind",
  "name",
  "detail",
  "verdict",
  "remediation",
  "remediationDetails",
] as const satisfies readonly (keyof Evidence)[];
const CELL_MAX = 1_000;

/** Everything the alerts name, as a table for a spreadsheet; none where there is nothing, or nothing was read. */
export function toAttachments({ alerts, incidentId, lifecycle }: Projection): readonly Attachment[] {
  if (alerts === undefined || alerts.evidence.length === 0 || !ATTACHED_IN.includes(lifecycle.stage)) return [];
  const rows = [COLUMNS, ...alerts.evidence.map((piece) => COLUMNS.map((column) => piece[column]))];
  const text = rows.map((row) => row.map(cell).join(",")).join("\r\n");
  return [
    { name: `defender-evidence-${incidentId}-${lifecycle.stage}.csv`, mediaType: "text/csv", text: `${text}\r\n` },
  ];
}

/** A cell that a spreadsheet would run begins with an apostrophe instead; every cell is quoted (RFC 4180). */
function cell(text: string): string {
  const line = plainLine(text, CELL_MAX);
  const inert = /^[\s]*[=+\-@|%]/.test(line) ? `'${line}` : line;
  return `"${inert.replaceAll('"', '""')}"`;
}
