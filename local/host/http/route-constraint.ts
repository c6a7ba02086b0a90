type Check = (value: string) => boolean;

const GUID = /^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The inline constraints of ASP.NET routing, which Functions' routes use. */
const CONSTRAINTS: Readonly<Record<string, (args: readonly string[]) => Check>> = {
  int: () => (value) => isWithin(value, -(2n ** 31n), 2n ** 31n - 1n),
  long: () => (value) => isWithin(value, -(2n ** 63n), 2n ** 63n - 1n),
  bool: () => (value) => /^(?:true|false)$/i.test(value),
  datetime: () => (value) => !Number.isNaN(Date.parse(value)),
  decimal: () => (value) => NUMBER.test(value),
  double: () => (value) => NUMBER.test(value),
  float: () => (value) => NUMBER.test(value),
  guid: () => (value) => GUID.test(value),
  alpha: () => (value) => /^[a-z]*$/i.test(value),
  required: () => (value) => value !== "",
  minlength: ([least]) =>
    (
      (limit) => (value) =>
        value.length >= limit
    )(whole(least)),
  maxlength: ([most]) =>
    (
      (limit) => (value) =>
        value.length <= limit
    )(whole(most)),
  length: ([first, second]) =>
    (
      (least, most) => (value) =>
        value.length >= least && value.length <= most
    )(whole(first), whole(second ?? first)),
  min: ([least]) =>
    (
      (limit) => (value) =>
        isWithin(value, limit, 2n ** 63n - 1n)
    )(BigInt(whole(least))),
  max: ([most]) =>
    (
      (limit) => (value) =>
        isWithin(value, -(2n ** 63n), limit)
    )(BigInt(whole(most))),
  range: ([least, most]) =>
    (
      (low, high) => (value) =>
        isWithin(value, low, high)
    )(BigInt(whole(least)), BigInt(whole(most))),
};

/** One constraint as it is written after a `:`, such as `int` or `maxlength(0)`; throws on one that the real host would not know. */
export function parseConstraint(text: string): Check {
  const match = /^([a-z]+)(?:\((.*)\))?$/is.exec(text);
  const name = match?.[1]?.toLowerCase() ?? "";
  const args = match?.[2];
  if (name === "regex" && args !== undefined) {
    const pattern = new RegExp(args, "i");
    return (value) => pattern.test(value);
  }
  const create = CONSTRAINTS[name];
  if (create === undefined) throw new Error(`route constraint "${text}" is not known`);
  return create(args === undefined ? [] : args.split(",").map((part) => part.trim()));
}

function isWithin(value: string, least: bigint, most: bigint): boolean {
  if (!/^[+-]?\d{1,20}$/.test(value)) return false;
  const number = BigInt(value.replace("+", ""));
  return number >= least && number <= most;
}

function whole(text: string | undefined): number {
  if (text !== undefined && /^-?\d+$/.test(text)) return Number(text);
  throw new Error(`a route constraint needs a whole number, not "${text ?? ""}"`);
}
