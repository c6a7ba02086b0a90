/** An encoded query (`a=1^b!=2^ORc=3^ORDERBYd`): alternatives (`^NQ`) of groups that must all hold, each a choice of conditions. */
export interface EncodedQuery {
  readonly alternatives: readonly Alternative[];
  readonly order: ReadonlyArray<{ readonly field: string; readonly descending: boolean }>;
  /** A part named no column or no operator, and was left out: rows come back as if it had not been there. */
  readonly hadInvalidPart: boolean;
}

export type Alternative = ReadonlyArray<readonly QueryCondition[]>;

export interface QueryCondition {
  readonly field: string;
  readonly operator: (typeof OPERATORS)[number];
  readonly value: string;
}

const OPERATORS = [
  "ISNOTEMPTY",
  "ISEMPTY",
  "STARTSWITH",
  "ENDSWITH",
  "NOT LIKE",
  "NOT IN",
  "LIKE",
  "IN",
  "!=",
  ">=",
  "<=",
  "=",
  ">",
  "<",
] as const;
const CONDITION = new RegExp(`^([a-z][a-z0-9_]*)(${OPERATORS.join("|")})([\\s\\S]*)$`);

/** Never refuses: what it does not understand it leaves out, as the platform does. */
export function parseEncodedQuery(text: string, isColumn: (name: string) => boolean, userId: string): EncodedQuery {
  const alternatives: QueryCondition[][][] = [[]];
  const order: Array<{ readonly field: string; readonly descending: boolean }> = [];
  let hadInvalidPart = false;
  for (const raw of text.split("^")) {
    const ordering = /^ORDERBY(DESC)?(.*)$/.exec(raw);
    if (raw === "" || raw === "EQ") continue;
    if (ordering !== null) {
      const field = ordering[2] ?? "";
      if (isColumn(field)) order.push({ field, descending: ordering[1] !== undefined });
      else hadInvalidPart = true;
      continue;
    }
    const isNew = raw.startsWith("NQ");
    const isOr = raw.startsWith("OR");
    if (isNew) alternatives.push([]);
    const condition = parseCondition(isNew || isOr ? raw.slice(2) : raw, isColumn, userId);
    if (condition === undefined) {
      hadInvalidPart = true;
      continue;
    }
    const groups = alternatives.at(-1) as QueryCondition[][];
    const last = groups.at(-1);
    if (isOr && last !== undefined) last.push(condition);
    else groups.push([condition]);
  }
  return { alternatives, order, hadInvalidPart };
}

export function holds(query: EncodedQuery, valueOf: (field: string) => string): boolean {
  return query.alternatives.some((groups) =>
    groups.every((group) => group.some((condition) => isMet(condition, valueOf(condition.field)))),
  );
}

function parseCondition(text: string, isColumn: (name: string) => boolean, userId: string): QueryCondition | undefined {
  const [, field, operator, value] = CONDITION.exec(text) ?? [];
  if (field === undefined || operator === undefined || !isColumn(field)) return undefined;
  return { field, operator: operator as QueryCondition["operator"], value: evaluate(value ?? "", userId) };
}

/** A value that begins with `javascript:` is run by the instance. */
function evaluate(value: string, userId: string): string {
  if (!value.startsWith("javascript:")) return value;
  if (value.includes("gs.getUserID()")) return userId;
  const [, day, time] = /gs\.dateGenerate\('([^']*)','([^']*)'\)/.exec(value) ?? [];
  return day === undefined ? "" : `${day} ${time}`;
}

function isMet({ operator, value }: QueryCondition, actual: string): boolean {
  switch (operator) {
    case "=":
      return actual === value;
    case "!=":
      return actual !== value;
    case ">":
      return compare(actual, value) > 0;
    case ">=":
      return compare(actual, value) >= 0;
    case "<":
      return compare(actual, value) < 0;
    case "<=":
      return compare(actual, value) <= 0;
    case "LIKE":
      return actual.includes(value);
    case "NOT LIKE":
      return !actual.includes(value);
    case "STARTSWITH":
      return actual.startsWith(value);
    case "ENDSWITH":
      return actual.endsWith(value);
    case "IN":
      return value.split(",").includes(actual);
    case "NOT IN":
      return !value.split(",").includes(actual);
    case "ISEMPTY":
      return actual === "";
    case "ISNOTEMPTY":
      return actual !== "";
  }
}

function compare(left: string, right: string): number {
  const numbers = /^\d+$/.test(left) && /^\d+$/.test(right);
  if (numbers) return Number(left) - Number(right);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
