import type { ChoiceList } from "./choice-list.ts";
import { COLUMNS } from "./columns.ts";
import type { Directory } from "./directory.ts";
import type { Fields } from "./write-context.ts";

/** How the caller wants values shown. */
export interface RecordView {
  /** Undefined for all columns; a name that is no column is left out. */
  readonly columns: readonly string[] | undefined;
  readonly displayValue: "false" | "true" | "all";
  readonly excludeReferenceLink: boolean;
  readonly origin: string;
}

/** What stands for ids and numbers. */
export interface Names {
  readonly directory: Directory;
  readonly choices: ChoiceList;
}

export function recordView(query: URLSearchParams, origin: string): RecordView {
  const display = query.get("sysparm_display_value");
  const fields = query.get("sysparm_fields");
  return {
    columns: fields === null || fields === "" ? undefined : fields.split(",").map((name) => name.trim()),
    displayValue: display === "true" || display === "all" ? display : "false",
    excludeReferenceLink: query.get("sysparm_exclude_reference_link") === "true",
    origin,
  };
}

/** All values are text; a reference is an object unless asked otherwise. */
export function renderRecord(record: Fields, view: RecordView, names: Names): Record<string, unknown> {
  const columns = view.columns?.filter((name) => Object.hasOwn(record, name)) ?? Object.keys(record);
  const tableName = record["sys_class_name"] ?? "";
  return Object.fromEntries(
    columns.map((name) => [name, renderValue(name, record[name] ?? "", view, names, tableName)]),
  );
}

function renderValue(name: string, value: string, view: RecordView, names: Names, tableName: string): unknown {
  const table = COLUMNS[name]?.kind === "reference" ? COLUMNS[name]?.table : undefined;
  if (view.displayValue === "false") return table === undefined ? value : reference(table, value, "value", value, view);
  const shown = displayOf(name, value, table, names, tableName);
  if (view.displayValue === "all") return { display_value: shown, value };
  return table === undefined ? shown : reference(table, value, "display_value", shown, view);
}

function reference(table: string, sysId: string, key: string, shown: string, view: RecordView): unknown {
  if (sysId === "" || view.excludeReferenceLink) return shown;
  return { link: `${view.origin}/api/now/table/${table}/${sysId}`, [key]: shown };
}

function displayOf(name: string, value: string, table: string | undefined, names: Names, tableName: string): string {
  if (table !== undefined) return names.directory.nameOf(table, value) ?? value;
  return names.choices.labelOf(tableName, name, value) ?? value;
}
