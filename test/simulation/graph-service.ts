import { type Ticks, ticksOfText } from "./moments.ts";
import type { SourcePlan } from "./plan.ts";
import { type Prng, hashOf } from "./prng.ts";
import type { Answer, Asked, Service } from "./service.ts";
import { type SourceIncident, type SourceRead, type SourceVersion, rendered, visibleAt } from "./source-record.ts";

const MOST = 50;
const MOST_SKIPPED = 500;
const STALE_MS = 30_000;
const CONDITION = /^(lastUpdateDateTime|createdDateTime) (ge|gt|le|lt) (\S+)$/;
const PREFER = "include-unknown-enum-members";

interface Row {
  readonly incident: SourceIncident;
  readonly version: SourceVersion;
}

/** `/security/incidents` as Microsoft documents it and others have met it. Alerts, tasks and what is on beta are refused, as to an application without these rights. */
export function createGraphService(options: {
  readonly url: string;
  readonly plan: SourcePlan;
  readonly random: Prng;
  readonly incidents: ReadonlyMap<string, SourceIncident>;
  now(): number;
  isCalm(): boolean;
  onRead(read: SourceRead): void;
}): Service {
  const { plan, random, incidents, now, url } = options;

  return (asked) => {
    const isWhole = asked.headers["prefer"]?.includes(PREFER) === true;
    if (asked.headers["authorization"] === undefined)
      return { status: 401, body: failure("InvalidAuthenticationToken") };
    if (asked.path === "/v1.0/security/incidents") return list(asked, isWhole);
    const id = /^\/v1\.0\/security\/incidents\/([^/]+)$/.exec(asked.path)?.[1];
    if (id === undefined || asked.query.has("$expand")) return { status: 403, body: failure("Forbidden") };
    return one(id, isWhole);
  };

  function one(id: string, isWhole: boolean): Answer {
    const incident = incidents.get(id);
    const version = incident === undefined ? undefined : visibleAt(incident, readAt());
    if (incident === undefined || version === undefined) return { status: 404, body: failure("NotFound") };
    const into = version.redirectIncidentId;
    if (into !== null && plan.mergedAs === "survivor") return one(into, isWhole);
    return { status: 200, headers: dated(), body: rendered(incident, version, isWhole) };
  }

  function list({ query, isAnswered }: Asked, isWhole: boolean): Answer {
    const top = Number(query.get("$top") ?? 10);
    const skip = Number(query.get("$skip") ?? 0);
    if (top > MOST) return { status: 400, body: failure(`The limit of '${MOST}' for Top query has been exceeded.`) };
    if (skip > MOST_SKIPPED) return { status: 400, body: failure("The value of $skip is too large.") };
    if (query.has("$orderby")) return { status: 400, body: failure("$orderby is not supported.") };
    const filter = query.get("$filter") ?? "";
    const conditions = filter === "" ? [] : filter.split(" and ").map(conditionOf);
    if (conditions.includes(undefined)) return { status: 400, body: failure("Invalid filter clause") };
    const matching = ordered(rowsAt(readAt()).filter((row) => conditions.every((fits) => fits?.(row) === true)));
    const after = query.get("$skiptoken");
    const from = after === null ? skip : matching.findIndex((row) => row.incident.id === after) + 1;
    const page = matching.slice(from, from + Math.min(top, plan.pageSize));
    if (isAnswered && isWhole) noteRead(page);
    const last = page.at(-1);
    const hasMore = last !== undefined && from + page.length < matching.length;
    return {
      status: 200,
      headers: dated(),
      body: {
        value: page.map((row) => rendered(row.incident, row.version, isWhole)),
        ...(query.get("$count") === "true" ? { "@odata.count": matching.length } : {}),
        ...(hasMore ? { "@odata.nextLink": nextLink(query, from + page.length, last.incident.id) } : {}),
      },
    };
  }

  /** A replica that is behind tells nothing new. */
  function noteRead(page: readonly Row[]): void {
    const at = now();
    for (const { incident, version } of page) {
      if (visibleAt(incident, at) === version) options.onRead({ at, incidentId: incident.id, version });
    }
  }

  function nextLink(query: URLSearchParams, skip: number, last: string): string {
    const next = new URLSearchParams(query);
    if (plan.links === "skip") next.set("$skip", String(skip));
    else next.set("$skiptoken", last);
    return `${url}/v1.0/security/incidents?${next.toString()}`;
  }

  /** A replica behind the others is asked now and then. */
  function readAt(): number {
    const isStale = !options.isCalm() && random.chance(plan.staleRead);
    return isStale ? now() - random.between(0, STALE_MS) : now();
  }

  function rowsAt(moment: number): Row[] {
    const rows: Row[] = [];
    for (const incident of incidents.values()) {
      const version = visibleAt(incident, moment);
      if (version !== undefined) rows.push({ incident, version });
    }
    return rows;
  }

  function ordered(rows: Row[]): Row[] {
    const keyOf: Record<SourcePlan["order"], (row: Row) => bigint> = {
      updated: (row) => row.version.ticks,
      created: (row) => row.incident.createdAt,
      random: (row) => BigInt(hashOf(row.incident.id)),
    };
    const key = keyOf[plan.order];
    return rows.sort((a, b) => {
      const [first, second] = [key(a), key(b)];
      if (first === second) return a.incident.id < b.incident.id ? -1 : 1;
      return first > second ? -1 : 1;
    });
  }

  function dated(): Readonly<Record<string, string>> {
    return { date: new Date(now()).toUTCString() };
  }
}

function conditionOf(text: string): ((row: Row) => boolean) | undefined {
  const [, field, operator, moment] = CONDITION.exec(text) ?? [];
  const bound = moment === undefined ? undefined : ticksOfText(moment);
  if (bound === undefined) return undefined;
  return ({ incident, version }) =>
    holds(field === "createdDateTime" ? incident.createdAt : version.ticks, operator ?? "", bound);
}

function holds(value: Ticks, operator: string, bound: Ticks): boolean {
  if (value === bound) return operator === "ge" || operator === "le";
  return value > bound ? operator.startsWith("g") : operator.startsWith("l");
}

function failure(message: string): unknown {
  return { error: { code: "Refused", message } };
}
