import { RetryableError } from "../../errors.ts";
import type { CheckFinding } from "../connector.ts";
import { type Choices, type KnownChoices, problemOf } from "./choices.ts";
import type { Line } from "./line.ts";
import type { FullMapping } from "./mapping-options.ts";
import type { Reference } from "./reference.ts";

export interface CheckDeps {
  readonly line: Line;
  readonly mapping: FullMapping;
  readonly choices: KnownChoices;
  readonly group: Reference;
  readonly caller: Reference;
  /** Our own user, where the sign-in names it. */
  readonly username: string | undefined;
}

/** Compares the mapping with what the instance has, and what this account may do there. Reads only: whether it may write is not known before it does. */
export async function checkInstance(deps: CheckDeps, signal: AbortSignal): Promise<readonly CheckFinding[]> {
  try {
    const table = await tableFindings(deps, signal);
    // An account that does not see the table sees nothing else either.
    if (table.some(({ severity }) => severity === "error")) return table;
    return [
      ...table,
      ...(await choiceFindings(deps, signal)),
      ...(await referenceFindings(deps, signal)),
      ...(await journalFindings(deps, signal)),
      ...callerFindings(deps),
    ];
  } catch (error) {
    if (!(error instanceof RetryableError) || error.reason !== "unauthorized") throw error;
    return [{ severity: "error", place: "auth", problem: error.message, mend: "mend the sign-in, and check again" }];
  }
}

async function tableFindings({ line, mapping }: CheckDeps, signal: AbortSignal): Promise<readonly CheckFinding[]> {
  const { table } = mapping;
  const query = {
    sysparm_query: "correlation_idSTARTSWITHmdx:",
    sysparm_fields: "sys_id,correlation_id",
    sysparm_limit: "5",
    sysparm_no_count: "true",
  };
  const listed = await line.list(`/api/now/table/${table}`, query, signal, [400, 403, 404]);
  if (listed === 403) {
    const problem = `this account may not read the table ${table}`;
    const role = table === "incident" ? "itil (or sn_incident_write)" : "a role of Security Incident Response, sn_si.*";
    return [{ severity: "error", place: "table", problem, mend: `give the account ${role}` }];
  }
  if (listed === 400) {
    const problem = `the instance has no table ${table}`;
    const mend = "install its plugin (Security Incident Response for sn_si_incident), or name the other table";
    return [{ severity: "error", place: "table", problem, mend }];
  }
  if (typeof listed === "number" || listed.rows.every((row) => row["correlation_id"]?.startsWith("mdx:"))) return [];
  return [
    {
      severity: "error",
      place: "table",
      problem: `the instance ignores a condition on ${table}.correlation_id, so no ticket can be looked up: this account may not read that column`,
      mend: "let the account read it, and set glide.invalid_query.returns_no_rows to true",
    },
  ];
}

interface Mapped {
  readonly place: string;
  readonly element: string;
  readonly value: string;
}

async function choiceFindings({ choices, mapping }: CheckDeps, signal: AbortSignal): Promise<readonly CheckFinding[]> {
  const there = await choices.read(signal);
  if (there === undefined) {
    return [
      {
        severity: "warning",
        place: "mapping",
        problem: "this account may not read sys_choice: states and close codes are not checked",
        mend: "let the account read sys_choice, or compare the mapping with the instance by hand",
      },
    ];
  }
  return mappedIn(mapping).flatMap((mapped) => choiceFinding(mapped, mapping, there));
}

function choiceFinding(mapped: Mapped, { table }: FullMapping, there: Choices): readonly CheckFinding[] {
  const { element, value, place } = mapped;
  const known = there.get(element);
  if (value === "" || known === undefined || known.has(value)) return [];
  const severity = element === "state" || element === "close_code" ? "error" : "warning";
  const mend = `set ${place} to one of those, or add it in ServiceNow`;
  return [{ severity, place, problem: problemOf(element, value, table, there), mend }];
}

/** Every choice the mapping may write, with the place that names it. */
function mappedIn(mapping: FullMapping): readonly Mapped[] {
  const all = (prefix: string, element: string, values: Readonly<Record<string, string>>): readonly Mapped[] =>
    Object.entries(values).map(([name, value]) => ({ place: `${prefix}.${name}`, element, value }));
  return [
    ...all("mapping.states", "state", mapping.states),
    ...all("mapping.closeCodes", "close_code", mapping.closeCodes),
    { place: "mapping.duplicateCloseCode", element: "close_code", value: mapping.duplicateCloseCode },
    ...(mapping.onHold ? [{ place: "mapping.onHold", element: "hold_reason", value: "1" }] : []),
    ...all("mapping.impact", "impact", mapping.impact),
    ...all("mapping.urgency", "urgency", mapping.urgency),
    { place: "mapping.category", element: "category", value: mapping.category },
  ];
}

async function referenceFindings(
  { group, caller, mapping }: CheckDeps,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const found: CheckFinding[] = [];
  const references = [
    {
      reference: group,
      place: "mapping.assignmentGroup",
      what: "group",
      table: "sys_user_group",
      value: mapping.assignmentGroup,
    },
    { reference: caller, place: "mapping.callerId", what: "user", table: "sys_user", value: mapping.callerId },
  ];
  for (const { reference, place, what, table, value } of references) {
    const referred = await reference.resolve(signal);
    if (referred === undefined || referred.kind === "found") continue;
    if (referred.kind === "unreadable") {
      const problem = `this account cannot look up the ${what} "${value}" in ${table}: it is sent as it stands`;
      found.push({ severity: "warning", place, problem, mend: `let the account read ${table}, or give the sys_id` });
      continue;
    }
    const problem =
      referred.kind === "missing"
        ? `the instance has no active ${what} "${value}" (or hides it): tickets are written without it`
        : `the instance has several active ${what}s "${value}": tickets are written without it`;
    found.push({ severity: "error", place, problem, mend: `name one that there is, or give its sys_id` });
  }
  return found;
}

async function journalFindings({ line }: CheckDeps, signal: AbortSignal): Promise<readonly CheckFinding[]> {
  const query = { sysparm_query: `element_id=${"0".repeat(32)}`, sysparm_fields: "sys_id", sysparm_limit: "1" };
  const listed = await line.list("/api/now/table/sys_journal_field", query, signal, [400, 403, 404]);
  if (typeof listed !== "number") return [];
  return [
    {
      severity: "warning",
      place: "auth",
      problem:
        "this account may not read sys_journal_field: a note of which no answer came is written again, and marked so",
      mend: "let the account read sys_journal_field, or live with it",
    },
  ];
}

/** An update by the caller ends On Hold. */
function callerFindings({ mapping, username }: CheckDeps): readonly CheckFinding[] {
  if (!mapping.onHold || username === undefined || mapping.callerId !== username) return [];
  const problem = `"${username}" is the caller and our own account: each of its updates ends On Hold / Awaiting Caller`;
  return [{ severity: "error", place: "mapping.callerId", problem, mend: "name another caller, or leave it out" }];
}
