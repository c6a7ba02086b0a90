import type { Projection } from "../../incident/projection.ts";
import { plainLine } from "../neutralise-servicenow.ts";

/** Rows shown of a table; the count says how many there are. */
export const ROWS_MAX = 10;
const CELL_MAX = 80;
/** So many are kept of an incident: where there are as many, there may be more. */
const ASSETS_KEPT = 100;

/** "" where there is nothing to show; so are the other tables. */
export function alertTable({ alerts }: Projection): string {
  if (alerts === undefined || alerts.count === 0) return "";
  return table({
    name: "Alerts",
    count: alerts.count,
    isAtLeast: alerts.isCut === true,
    columns: ["severity", "status", "source", "category", "title"],
    rows: alerts.rows.map((alert) => [alert.severity, alert.status, alert.serviceSource, alert.category, alert.title]),
  });
}

export function assetTable({ alerts }: Projection): string {
  if (alerts === undefined || alerts.assets.length === 0) return "";
  return table({
    name: "Assets",
    count: alerts.assets.length,
    isAtLeast: alerts.isCut === true || alerts.assets.length >= ASSETS_KEPT,
    columns: ["kind", "name"],
    rows: alerts.assets.map((asset) => [asset.kind, asset.name]),
  });
}

/** What the experts ask for, or are doing, and what is not done yet. */
export function actionTable({ pendingTasks }: Projection): string {
  if (pendingTasks.length === 0) return "";
  return table({
    name: "Pending actions",
    count: pendingTasks.length,
    isAtLeast: false,
    columns: ["action type", "status", "target", "title"],
    rows: pendingTasks.map((task) => [task.actionType, task.status, task.target, task.title]),
  });
}

function table(content: {
  readonly name: string;
  readonly count: number;
  readonly isAtLeast: boolean;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}): string {
  const { count, columns } = content;
  const rows = content.rows.slice(0, ROWS_MAX).map((values) => values.map((value) => cell(value)).join(" | "));
  const total = content.isAtLeast ? `at least ${count}` : String(count);
  const shown = count === rows.length && !content.isAtLeast ? "" : `; ${rows.length} shown`;
  return [`${content.name} (${total}${shown})`, columns.join(" | "), ...rows].join("\n");
}

/** The bar parts the columns. */
function cell(text: string): string {
  return plainLine(text, CELL_MAX).replaceAll("|", "\u{A6}");
}
