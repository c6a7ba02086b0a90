import { parseConstraint } from "./route-constraint.ts";

/** A route as Functions (ASP.NET) writes it, ready to be compared with a path's segments. */
export interface RouteTemplate {
  readonly text: string;
  /** Lower goes first: literal 1, constrained parameter 2, parameter 3, constrained wildcard 4, wildcard 5; segment by segment. */
  readonly precedence: readonly number[];
  /** The route parameters, or undefined where the path is not this route's. */
  match(segments: readonly string[]): Record<string, string> | undefined;
}

interface Parameter {
  readonly name: string;
  readonly isOptional: boolean;
  readonly isWildcard: boolean;
  readonly fallback: string | undefined;
  readonly isConstrained: boolean;
  accepts(value: string): boolean;
}

type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "parameter"; readonly parameter: Parameter }
  | { readonly kind: "mixed"; readonly pattern: RegExp; readonly parameters: readonly Parameter[] };

export function parseRouteTemplate(text: string): RouteTemplate {
  const parts = splitOutsideBraces(text.replace(/^~?\//, ""), "/").filter(
    (part, at, all) => part !== "" || at < all.length - 1,
  );
  const segments = parts.map((part) => parseSegment(part, text));
  segments.forEach((segment, at) => {
    const isLast = at === segments.length - 1;
    if (segment.kind === "parameter" && segment.parameter.isWildcard && !isLast) {
      throw new Error(`route "${text}": a wildcard parameter must be the last segment`);
    }
  });
  const names = segments.flatMap(parametersOf).map((parameter) => parameter.name.toLowerCase());
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`route "${text}": parameter "${twice}" is used twice`);
  return { text, precedence: segments.map(precedenceOf), match: (path) => matchSegments(segments, path) };
}

function matchSegments(segments: readonly Segment[], path: readonly string[]): Record<string, string> | undefined {
  const values: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [at, segment] of segments.entries()) {
    const wildcard = segment.kind === "parameter" && segment.parameter.isWildcard;
    const given = wildcard ? path.slice(at).join("/") : path[at];
    if (!matchSegment(segment, given === "" && wildcard ? undefined : given, values)) return undefined;
    if (wildcard) return { ...values };
  }
  return path.length <= segments.length ? { ...values } : undefined;
}

function matchSegment(segment: Segment, given: string | undefined, values: Record<string, string>): boolean {
  if (segment.kind === "literal") return given?.toLowerCase() === segment.text.toLowerCase();
  if (segment.kind === "mixed") {
    const found = given === undefined ? null : segment.pattern.exec(given);
    return found !== null && segment.parameters.every((parameter, at) => take(parameter, found[at + 1], values));
  }
  return take(segment.parameter, given, values);
}

function take(parameter: Parameter, given: string | undefined, values: Record<string, string>): boolean {
  const value = given ?? parameter.fallback;
  if (value === undefined) return parameter.isOptional || parameter.isWildcard;
  if (value === "" || !parameter.accepts(value)) return false;
  values[parameter.name] = value;
  return true;
}

function parseSegment(part: string, route: string): Segment {
  if (part === "") throw new Error(`route "${route}": has an empty segment`);
  const pieces = part.match(/\{(?:[^{}]|\{\{|\}\}|\{\d+(?:,\d*)?\})*\}|[^{}]+/g) ?? [];
  if (pieces.join("") !== part) throw new Error(`route "${route}": the braces of "${part}" do not match`);
  const isParameter = (piece: string): boolean => piece.startsWith("{");
  if (!pieces.some(isParameter)) return { kind: "literal", text: part };
  if (pieces.length === 1) return { kind: "parameter", parameter: parseParameter(part.slice(1, -1), route) };
  const parameters = pieces.filter(isParameter).map((piece) => parseParameter(piece.slice(1, -1), route));
  if (parameters.some((parameter) => parameter.isOptional || parameter.isWildcard)) {
    throw new Error(`route "${route}": an optional or wildcard parameter must be a whole segment`);
  }
  const source = pieces.map((piece) =>
    isParameter(piece) ? "(.+?)" : piece.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"),
  );
  return { kind: "mixed", pattern: new RegExp(`^${source.join("")}$`, "is"), parameters };
}

function parseParameter(inner: string, route: string): Parameter {
  const isWildcard = inner.startsWith("*");
  const [first = "", ...constraintTexts] = splitOutsideBraces(inner.replace(/^\*{1,2}/, ""), ":");
  const last = constraintTexts.at(-1) ?? first;
  const isOptional = last.endsWith("?");
  const texts = [first, ...constraintTexts];
  if (isOptional) texts[texts.length - 1] = last.slice(0, -1);
  const lastText = texts.at(-1) ?? "";
  const equals = texts.length === 1 || !lastText.includes("(") ? lastText.indexOf("=") : -1;
  const fallback = equals >= 0 ? lastText.slice(equals + 1) : undefined;
  if (equals >= 0) texts[texts.length - 1] = lastText.slice(0, equals);
  const [name = "", ...constraints] = texts;
  if (!/^\w[\w-]*$/.test(name)) throw new Error(`route "${route}": "${name}" is no name for a parameter`);
  const checks = constraints.map((constraint) => parseConstraint(constraint));
  return {
    name,
    isOptional,
    isWildcard,
    fallback,
    isConstrained: checks.length > 0,
    accepts: (value) => checks.every((check) => check(value)),
  };
}

/** A `/` or `:` inside braces or parentheses belongs to a constraint's own text. */
function splitOutsideBraces(text: string, separator: "/" | ":"): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of text) {
    if ("{(".includes(character)) depth += 1;
    if ("})".includes(character)) depth -= 1;
    if (character === separator && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function parametersOf(segment: Segment): readonly Parameter[] {
  if (segment.kind === "literal") return [];
  return segment.kind === "mixed" ? segment.parameters : [segment.parameter];
}

function precedenceOf(segment: Segment): number {
  if (segment.kind === "literal") return 1;
  if (segment.kind === "mixed") return 2;
  const { isWildcard, isConstrained } = segment.parameter;
  return (isWildcard ? 4 : 2) + (isConstrained ? 0 : 1);
}
