import { type RouteTemplate, parseRouteTemplate } from "./route-template.ts";

export interface Route<Target> {
  readonly target: Target;
  readonly params: Readonly<Record<string, string>>;
}

export interface RouteTable<Target> {
  /** Throws where the route cannot be understood, or would hide one of the host's own. */
  add(route: string, methods: readonly string[], target: Target): void;
  /** A known path with another method finds nothing: the real host answers 404, not 405. */
  find(method: string, pathname: string): Route<Target> | undefined;
}

interface Entry<Target> {
  readonly template: RouteTemplate;
  readonly methods: ReadonlySet<string>;
  readonly target: Target;
}

export function createRouteTable<Target>(routePrefix: string): RouteTable<Target> {
  const entries: Entry<Target>[] = [];
  return {
    add: (route, methods, target) => {
      const template = parseRouteTemplate(
        [routePrefix, route.replace(/^\//, "")].filter((part) => part !== "").join("/"),
      );
      if (/^(?:admin|runtime)(?:\/|$)/i.test(template.text)) {
        throw new Error(
          `route "${template.text}" conflicts with the host's own routes admin/ and runtime/; choose another`,
        );
      }
      entries.push({ template, methods: new Set(methods.map((method) => method.toUpperCase())), target });
      entries.sort((one, other) => comparePrecedence(one.template.precedence, other.template.precedence));
    },
    find: (method, pathname) => {
      const segments = toSegments(pathname);
      if (segments === undefined) return undefined;
      for (const entry of entries) {
        const params = entry.methods.has(method) ? entry.template.match(segments) : undefined;
        if (params !== undefined) return { target: entry.target, params };
      }
      return undefined;
    },
  };
}

/** The path's segments decoded, but for `%2F`, which is no separator; undefined where the encoding is broken. */
function toSegments(pathname: string): readonly string[] | undefined {
  const trimmed = pathname.replace(/^\//, "").replace(/\/$/, "");
  if (trimmed === "") return pathname.length > 1 ? undefined : [];
  try {
    return trimmed.split("/").map((segment) => decodeURIComponent(segment.replaceAll(/%2f/gi, "%252F")));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** A route that ends where another goes on comes first: it says more about the shorter path. */
function comparePrecedence(one: readonly number[], other: readonly number[]): number {
  const length = Math.max(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
