import { type Body, PROPERTY, labelsOf, linksOf, problemOf, rendered, transitionsOf, valuesOf } from "./jira-issue.ts";
import { projectAnswer } from "./jira-project-answers.ts";
import type { JiraPlan } from "./jira-plan.ts";
import { plainText, richTextOf, richTextProblem } from "./jira-text.ts";
import { RESOLUTIONS, WORKFLOWS, categoryOf, transitionsFrom } from "./jira-workflow.ts";
import type { Prng } from "./prng.ts";
import type { Answer, Asked, Service } from "./service.ts";
import type { TicketRecord, TicketWrite, Writer } from "./ticket-record.ts";

export interface Jira {
  readonly service: Service;
  readonly records: Map<string, TicketRecord>;
  /** A change by somebody else than the product: fields, labels joined by `|`, a status, a comment as `work_notes`. */
  write(record: TicketRecord, writer: Writer, values: Readonly<Record<string, string>>): void;
  /** As a person clones an issue: with its labels, without its properties. */
  clone(record: TicketRecord): void;
}

const PROJECT = "SEC";
const JQL = /^labels = "([^"]+)" AND \(project = "SEC" OR project != "SEC"\)(?: ORDER BY created ASC)?$/;
const SEARCH_PARAMETERS = ["jql", "fields", "properties", "maxResults", "nextPageToken", "expand", "reconcileIssues"];
const WRITE_WINDOW_MS = 10_000;
const COMMENTS_MAX = 5_000;
const PROPERTY_MAX = 32_768;

/**
 * Issues of one project as its API has them: a property with the create, a search that lags, labels added and removed one
 * by one, a workflow that tells only the ways out of where an issue is. In records the property is `correlation_id`, rich text is what
 * people read, comments are `work_notes`.
 */
export function createJira(options: {
  readonly plan: JiraPlan;
  readonly random: Prng;
  now(): number;
  isCalm(): boolean;
  onWrite(record: TicketRecord, write: TicketWrite): void;
}): Jira {
  const { plan, random, now } = options;
  const records = new Map<string, TicketRecord>();
  /** Rich text as it was sent: of a record its description, of a note its body. */
  const wires = new Map<object, unknown>();
  const writtenAt = new Map<string, number[]>();
  const api = plan.flavor === "cloud" ? "/rest/api/3" : "/rest/api/2";

  return { service, records, write, clone };

  function service(asked: Asked): Answer {
    const scheme = plan.flavor === "cloud" ? "Basic " : "Bearer ";
    if (asked.headers["authorization"]?.startsWith(scheme) !== true) return failed(401, "You are not authenticated.");
    if (!asked.path.startsWith(`${api}/`)) return failed(404, "dead link");
    const path = asked.path.slice(api.length + 1);
    if (path === (plan.flavor === "cloud" ? "search/jql" : "search")) return search(asked);
    if (path === "issueLink") return linkIssues(asked.body as Body);
    if (path === "issue" && asked.method === "POST") return create(asked.body as Body);
    const found = projectAnswer(path, asked, plan);
    if (found !== undefined) return found;
    const [kind, id = "", part = "", name] = path.split("/");
    const record = kind === "issue" ? records.get(id) : undefined;
    if (record === undefined) return failed(404, "Issue does not exist or you do not have permission to see it.");
    return asked.method === "GET" ? read(record, part, asked) : change(record, part, name, asked);
  }

  function search({ query }: Asked): Answer {
    const isRefused = plan.flavor === "cloud" && [...query.keys()].some((name) => !SEARCH_PARAMETERS.includes(name));
    const label = JQL.exec(query.get("jql") ?? "")?.[1];
    if (isRefused || label === undefined) return failed(400, "Error in the JQL Query");
    const found = [...records.values()]
      .filter((record) => record.foundFrom <= now() && labelsOf(record).includes(label))
      .slice(0, Number(query.get("maxResults") ?? 50));
    return {
      status: 200,
      body: { issues: found.map((record) => rendered(record, wires.get(record), query, plan.workflow)), isLast: true },
    };
  }

  function create({ fields, properties = [] }: Body): Answer {
    const sent = fields as Body;
    const problem =
      problemOf(sent, plan.flavor) ?? (sent["summary"] === undefined ? "You must specify a summary" : undefined);
    if (problem !== undefined) return failed(400, problem);
    const own = (properties as readonly { key: string; value: { key?: string } }[]).find(({ key }) => key === PROPERTY);
    const record = added();
    apply(
      record,
      "product",
      { ...valuesOf(sent), ...(own === undefined ? {} : { correlation_id: own.value.key ?? "" }) },
      { isCreate: true, description: sent["description"] },
    );
    return { status: 201, body: { id: record.id, key: record.number } };
  }

  function added(): TicketRecord {
    const number = records.size + 1;
    const record: TicketRecord = {
      id: String(10_000 + number),
      number: `${PROJECT}-${number}`,
      madeAt: now(),
      foundFrom: now() + random.between(0, plan.searchLagMs),
      values: { status: WORKFLOWS[plan.workflow].statuses[0]?.name ?? "", priority: "Medium", labels: "" },
      notes: [],
      writes: [],
    };
    records.set(record.id, record);
    return record;
  }

  function read(record: TicketRecord, part: string, { query }: Asked): Answer {
    switch (part) {
      case "":
        return { status: 200, body: rendered(record, wires.get(record), query, plan.workflow) };
      case "transitions":
        return { status: 200, body: { transitions: transitionsOf(record, plan.workflow) } };
      case "comment": {
        const startAt = Number(query.get("startAt") ?? 0);
        const page = record.notes.slice(startAt, startAt + Number(query.get("maxResults") ?? 50));
        return { status: 200, body: { startAt, total: record.notes.length, comments: page.map(commentOf) } };
      }
      case "remotelink": {
        const [globalId, url] = (record.values["link"] ?? "").split(" ");
        if (globalId !== query.get("globalId")) return failed(404, "The remote link does not exist.");
        return { status: 200, body: { globalId, object: { url } } };
      }
      default:
        return failed(404, "dead link");
    }
  }

  function change(record: TicketRecord, part: string, name: string | undefined, { method, body }: Asked): Answer {
    const limited = writeLimit(record);
    if (limited !== undefined) return limited;
    const sent = body as Body;
    const isContended = (part === "" || part === "transitions") && !options.isCalm() && random.chance(plan.conflict);
    if (isContended) return failed(409, "The issue could not be updated due to a conflicting update.");
    switch (`${method} ${part}`) {
      case "PUT ":
        return edit(record, sent);
      case "POST transitions":
        return transit(record, sent);
      case "POST comment":
        return comment(record, sent);
      case "PUT properties":
        if (name !== PROPERTY || JSON.stringify(sent).length > PROPERTY_MAX) return failed(400, "invalid property");
        apply(record, "product", { correlation_id: String(sent["key"]) });
        return { status: 200, body: {} };
      case "POST remotelink": {
        const { url, title } = sent["object"] as { url?: string; title?: string };
        if (url === undefined || title === undefined) return failed(400, "'url' and 'title' are required.");
        apply(record, "product", { link: `${String(sent["globalId"])} ${url}` });
        return { status: 201, body: {} };
      }
      default:
        return failed(405, "Method Not Allowed");
    }
  }

  function writeLimit(record: TicketRecord): Answer | undefined {
    const since = now() - WRITE_WINDOW_MS;
    const recent = (writtenAt.get(record.id) ?? []).filter((at) => at > since);
    writtenAt.set(record.id, recent);
    if (plan.writesPerIssue === 0 || recent.length < plan.writesPerIssue) {
      recent.push(now());
      return undefined;
    }
    const seconds = Math.ceil(((recent[0] ?? since) - since) / 1_000) + 1;
    const headers = { "retry-after": String(seconds), "ratelimit-reason": "jira-per-issue-on-write" };
    return { ...failed(429, "Rate limit exceeded."), headers };
  }

  /** Labels as a whole under `fields`, or one by one under `update`. */
  function edit(record: TicketRecord, { fields = {}, update = {} }: Body): Answer {
    const sent = fields as Body;
    const operations = ((update as Body)["labels"] ?? []) as readonly { add?: string; remove?: string }[];
    const removed = operations.flatMap(({ remove }) => remove ?? []);
    const more = operations.flatMap(({ add }) => add ?? []);
    const problem = problemOf(sent, plan.flavor) ?? problemOf({ labels: more }, plan.flavor);
    if (problem !== undefined) return failed(400, problem);
    if (operations.length > 0 && sent["labels"] !== undefined) return failed(400, "labels in both fields and update");
    const kept = labelsOf(record).filter((label) => !removed.includes(label));
    const labels = operations.length === 0 ? {} : { labels: [...new Set([...kept, ...more])].join("|") };
    apply(record, "product", { ...valuesOf(sent), ...labels }, { description: sent["description"] });
    return { status: 204, body: "" };
  }

  function transit(record: TicketRecord, { transition, fields = {} }: Body): Answer {
    const { id } = transition as { id?: string };
    const taken = transitionsFrom(plan.workflow, record.values["status"]).find((offered) => offered.id === id);
    if (taken === undefined)
      return failed(400, "It seems that you have tried to perform an illegal workflow operation");
    const resolution = ((fields as Body)["resolution"] as { name?: string } | undefined)?.name;
    if (Object.keys(fields as Body).some((name) => name !== "resolution" || taken.resolution === undefined))
      return failed(400, "Field cannot be set. It is not on the appropriate screen, or unknown.");
    if (resolution === undefined && taken.resolution === "required") return failed(400, "Resolution is required.");
    if (resolution !== undefined && !RESOLUTIONS.includes(resolution)) return failed(400, "Resolution is not valid");
    apply(record, "product", { status: taken.to, ...(resolution === undefined ? {} : { resolution }) });
    return { status: 204, body: "" };
  }

  function comment(record: TicketRecord, { body, properties = [] }: Body): Answer {
    const problem = richTextProblem(body, plan.flavor);
    if (problem !== undefined || plainText(body).trim() === "")
      return failed(400, problem ?? "Comment can not be empty!");
    if (record.notes.length >= COMMENTS_MAX) return failed(413, "The issue has reached the limit of comments.");
    const marks = properties as readonly { key: string; value: { internal?: unknown } }[];
    const isInternal = marks.some(({ key, value }) => key === "sd.public.comment" && value.internal === true);
    apply(
      record,
      "product",
      { work_notes: plainText(body), seen_by: isInternal ? "team" : "customers" },
      { note: body },
    );
    const id = String(20_000 + record.notes.length);
    return { status: 201, body: { id, ...(plan.flavor === "cloud" ? { jsdPublic: !isInternal } : {}) } };
  }

  /** Read as "inward duplicates outward". */
  function linkIssues({ type, inwardIssue, outwardIssue }: Body): Answer {
    const named = (issue: unknown): TicketRecord | undefined =>
      [...records.values()].find(({ number }) => number === (issue as { key?: string }).key);
    const [from, to] = [named(inwardIssue), named(outwardIssue)];
    if ((type as { name?: string }).name !== "Duplicate" || from === undefined || to === undefined)
      return failed(404, "No issue link type or issue of this name");
    const limited = writeLimit(from);
    if (limited !== undefined) return limited;
    const links = new Set([...linksOf(from), to.number]);
    apply(from, "product", { links: [...links].join("|") });
    return { status: 201, body: "" };
  }

  function write(record: TicketRecord, writer: Writer, values: Readonly<Record<string, string>>): void {
    const { description } = values;
    const wire = description === undefined ? undefined : richTextOf(description, plan.flavor);
    apply(record, writer, values, { description: wire });
  }

  function clone(record: TicketRecord): void {
    const { summary = "", labels = "" } = record.values;
    write(added(), "person", { summary, labels });
  }

  function apply(
    record: TicketRecord,
    writer: Writer,
    values: Readonly<Record<string, string>>,
    how: { readonly isCreate?: boolean; readonly description?: unknown; readonly note?: unknown } = {},
  ): void {
    const write: TicketWrite = { at: now(), writer, isCreate: how.isCreate === true, values };
    options.onWrite(record, write);
    const { work_notes: text, seen_by: _seenBy, ...fields } = values;
    Object.assign(record.values, fields);
    if (values["status"] !== undefined && categoryOf(values["status"]) !== "done") record.values["resolution"] = "";
    if (how.description !== undefined) wires.set(record, how.description);
    if (text !== undefined) {
      const note = { at: now(), writer, text, name: "" };
      record.notes.push(note);
      wires.set(note, how.note ?? richTextOf(text, plan.flavor));
    }
    record.writes.push(write);
  }

  function commentOf(note: object): unknown {
    return { body: wires.get(note) };
  }
}

function failed(status: number, message: string): Answer {
  return { status, body: { errorMessages: [message], errors: {} } };
}
