import type { SentinelPlan } from "./plan.ts";
import type { Prng } from "./prng.ts";
import type { Answer, Asked, Service } from "./service.ts";
import type { TicketRecord, TicketWrite, Writer } from "./ticket-record.ts";

export interface Sentinel {
  readonly service: Service;
  /** By the incident's id at the source. */
  readonly twins: Map<string, TicketRecord>;
  makeTwin(incidentId: string, title: string): TicketRecord;
  /** Sentinel's own connector, or a person: fields, and labels as text joined by `|`. */
  write(twin: TicketRecord, writer: Writer, values: Readonly<Record<string, string>>): void;
}

const WORKSPACE =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/soc/providers/Microsoft.OperationalInsights/workspaces/";

/** Incidents of one workspace as its API has them: a whole is put, under the etag that is in the body. */
export function createSentinel(options: {
  readonly workspace: string;
  readonly url: string;
  readonly plan: SentinelPlan;
  readonly random: Prng;
  now(): number;
  onWrite(record: TicketRecord, write: TicketWrite): void;
}): Sentinel {
  const { random, now, plan } = options;
  const root = `${WORKSPACE}${options.workspace}/providers/Microsoft.SecurityInsights/incidents`;
  const twins = new Map<string, TicketRecord>();
  const etags = new Map<string, number>();

  return { service, twins, makeTwin, write };

  function service(asked: Asked): Answer {
    if (asked.headers["authorization"]?.startsWith("Bearer ") !== true) return failed(401, "Unauthenticated");
    if (asked.path === root) return list(asked);
    const [, name, rest] = /^\/([^/]+)(\/comments(?:\/[^/]+)?)?$/.exec(asked.path.slice(root.length)) ?? [];
    const twin = [...twins.values()].find((candidate) => candidate.id === name);
    if (twin === undefined || !asked.path.startsWith(root)) return failed(404, "NotFound");
    if (rest === "/comments") return { status: 200, body: { value: twin.notes.map(commentOf) } };
    if (rest !== undefined) return putComment(twin, rest.slice("/comments/".length), asked);
    if (asked.method === "PUT") return put(twin, asked);
    return { status: 200, body: bodyOf(twin) };
  }

  function list({ query }: Asked): Answer {
    const filter = query.get("$filter");
    if (filter !== null && !plan.takesFilter) return failed(400, "Invalid filter");
    const wanted = filter === null ? undefined : /^properties\/providerIncidentId eq '([^']*)'$/.exec(filter)?.[1];
    const found = [...twins].filter(([id]) => wanted === undefined || id === wanted).map(([, twin]) => bodyOf(twin));
    return { status: 200, body: { value: found } };
  }

  function put(twin: TicketRecord, { body }: Asked): Answer {
    const { etag, properties } = body as { etag?: string; properties: Readonly<Record<string, unknown>> };
    if (etag !== undefined && etag !== etagOf(twin)) {
      return failed(random.chance(0.5) ? 409 : 412, "New version of resource exists. Data was not saved");
    }
    for (const name of ["title", "severity", "status"]) {
      if (typeof properties[name] !== "string") return failed(400, `${name} is required`);
    }
    const labels = ((properties["labels"] ?? []) as { labelName: string }[]).map((label) => label.labelName);
    const texts = ["title", "severity", "status", "classification", "classificationReason"];
    apply(twin, "product", {
      ...Object.fromEntries(texts.map((name) => [name, textOf(properties[name])])),
      owner: (properties["owner"] as { assignedTo?: string } | undefined)?.assignedTo ?? "",
      labels: labels.join("|"),
    });
    return { status: 200, body: bodyOf(twin) };
  }

  /** The comment's name is ours to choose: the same name is the same comment. */
  function putComment(twin: TicketRecord, name: string, { body }: Asked): Answer {
    const text = (body as { properties: { message: string } }).properties.message;
    const known = twin.notes.findIndex((note) => note.name === name);
    const note = { at: now(), writer: "product" as const, text, name };
    if (known === -1) twin.notes.push(note);
    else twin.notes[known] = note;
    options.onWrite(twin, { at: now(), writer: "product", isCreate: false, values: { work_notes: text } });
    bump(twin);
    return { status: 200, body: commentOf(note) };
  }

  function makeTwin(incidentId: string, title: string): TicketRecord {
    const twin: TicketRecord = {
      id: random.uuid(),
      number: String(twins.size + 1),
      madeAt: now(),
      foundFrom: now(),
      values: { title, severity: "Medium", status: "New", labels: "", owner: "" },
      notes: [],
      writes: [],
    };
    twins.set(incidentId, twin);
    return twin;
  }

  function write(twin: TicketRecord, writer: Writer, values: Readonly<Record<string, string>>): void {
    apply(twin, writer, values);
  }

  function apply(twin: TicketRecord, writer: Writer, values: Readonly<Record<string, string>>): void {
    const write: TicketWrite = { at: now(), writer, isCreate: false, values };
    options.onWrite(twin, write);
    Object.assign(twin.values, values);
    twin.writes.push(write);
    bump(twin);
  }

  function bump(twin: TicketRecord): void {
    etags.set(twin.id, (etags.get(twin.id) ?? 1) + 1);
  }

  function etagOf(twin: TicketRecord): string {
    return `"${etags.get(twin.id) ?? 1}"`;
  }

  function bodyOf(twin: TicketRecord): unknown {
    const { values } = twin;
    const [incidentId] = [...twins].find(([, candidate]) => candidate === twin) ?? [];
    const labels = labelsOf(twin);
    return {
      name: twin.id,
      etag: etagOf(twin),
      properties: {
        title: values["title"],
        severity: values["severity"],
        status: values["status"],
        ...(values["classification"] ? { classification: values["classification"] } : {}),
        ...(values["classificationReason"] ? { classificationReason: values["classificationReason"] } : {}),
        labels: labels.map((labelName) => ({ labelName, labelType: "User" })),
        owner: { assignedTo: values["owner"] === "" ? null : values["owner"] },
        incidentNumber: Number(twin.number),
        providerName: "Microsoft XDR",
        providerIncidentId: incidentId,
        additionalData: { commentsCount: twin.notes.length },
      },
    };
  }
}

export function labelsOf(twin: TicketRecord): readonly string[] {
  return (twin.values["labels"] ?? "").split("|").filter((label) => label !== "");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function commentOf(note: { readonly name: string; readonly text: string }): unknown {
  return { name: note.name, properties: { message: note.text } };
}

function failed(status: number, message: string): Answer {
  return { status, body: { error: { code: "Failed", message } } };
}
