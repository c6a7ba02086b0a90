import { PermanentError } from "../../errors.ts";
import type { Line, Row } from "./line.ts";
import { type ServiceNowTable, TABLES } from "./tables.ts";

/** What `sys_choice` has for the columns we write: labels by value, by column. A column that is missing has no choices, or none that can be seen. */
export type Choices = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The choices of the instance, read once and again where something is missing. */
export interface KnownChoices {
  /** Undefined where this account may not read them, all or some. */
  read(signal: AbortSignal): Promise<Choices | undefined>;
  /** Throws where a state or close code is not the instance's. Where the choices were never read, the instance alone decides. */
  refuseUnknown(values: Row, signal: AbortSignal): Promise<void>;
}

const ELEMENTS = ["state", "close_code", "hold_reason", "impact", "urgency", "category"] as const;
/** An unknown value of these is refused; of the others ServiceNow makes what it can. */
const DECISIVE = ["state", "close_code"] as const;
const LIMIT = 2_000;
/** An administrator may have added what was missing. */
const AGAIN_MS = 60_000;

export function createKnownChoices(options: {
  readonly line: Line;
  readonly table: ServiceNowTable;
  readonly clock: { now(): number };
}): KnownChoices {
  const { line, table, clock } = options;
  let held: { readonly choices: Choices; readonly readAt: number } | undefined;

  async function read(signal: AbortSignal): Promise<Choices | undefined> {
    const query = {
      sysparm_query: `nameIN${table},task^elementIN${ELEMENTS.join(",")}^inactive=false`,
      sysparm_fields: "name,element,value,label,inactive",
      sysparm_limit: String(LIMIT),
    };
    const listed = await line.list("/api/now/table/sys_choice", query, signal, [400, 403, 404]);
    // Rows that an access rule hides are counted, but not answered: what is missing may be one of them.
    if (typeof listed === "number" || listed.rows.length < Math.min(LIMIT, listed.total)) return undefined;
    const choices = choicesOf(listed.rows, table);
    if (choices.size === 0) return undefined;
    held = { choices, readAt: clock.now() };
    return choices;
  }

  return {
    read,
    async refuseUnknown(values, signal) {
      if (held === undefined || missingIn(held.choices, values) === undefined) return;
      if (clock.now() - held.readAt >= AGAIN_MS) await read(signal);
      const missing = missingIn(held.choices, values);
      if (missing !== undefined) throw notThere(missing, table, held.choices);
    },
  };
}

function choicesOf(rows: readonly Row[], table: string): Choices {
  // A part of the query that was not understood is left out, and other rows come back.
  const active = rows.filter((row) => row["inactive"] !== "true" && row["value"] !== undefined);
  const of = (name: string, element: string): readonly Row[] =>
    active.filter((row) => row["name"] === name && row["element"] === element);
  return new Map(
    ELEMENTS.flatMap((element) => {
      const own = of(table, element);
      // A table without choices of its own for a column has those of the table it extends.
      const found = own.length > 0 ? own : of("task", element);
      const labels = new Map(found.map((row) => [row["value"] ?? "", row["label"] ?? ""]));
      return labels.size === 0 ? [] : [[element, labels] as const];
    }),
  );
}

interface Missing {
  readonly element: (typeof DECISIVE)[number];
  readonly value: string;
}

function missingIn(choices: Choices, values: Row): Missing | undefined {
  return DECISIVE.flatMap((element): readonly Missing[] => {
    const value = values[element] ?? "";
    const known = choices.get(element);
    return value === "" || known === undefined || known.has(value) ? [] : [{ element, value }];
  })[0];
}

function notThere({ element, value }: Missing, table: ServiceNowTable, choices: Choices): PermanentError {
  const place = element === "state" ? "mapping.states" : "mapping.closeCodes (or mapping.duplicateCloseCode)";
  return new PermanentError("rejected", problemOf(element, value, table, choices), {
    mend: `set ${place} to one of those, or add it in ServiceNow; then replay this work`,
  });
}

/** "the instance has no resolution code "X" in incident; it has "A", "B"" */
export function problemOf(element: string, value: string, table: ServiceNowTable, choices: Choices): string {
  const name = element === "close_code" ? TABLES[table].codeName : element.replaceAll("_", " ");
  const there = [...(choices.get(element) ?? [])].map(([known, label]) =>
    label === known || label === "" ? `"${known}"` : `${known} (${label})`,
  );
  return `the instance has no ${name} "${value}" in ${table}; it has ${there.slice(0, 20).join(", ")}`;
}
