import type {
  ConnectorId,
  Note,
  Ticket,
  TicketChanges,
  TicketConnector,
  TicketFields,
} from "../shared/connectors/connector.ts";
import { PermanentError } from "../shared/errors.ts";
import type { CorrelationKey } from "../shared/incident/correlation-key.ts";

/** A tool in memory: tickets that people can edit, counted calls, and failures told in advance. */
export interface FakeTool {
  readonly connector: TicketConnector;
  readonly tickets: Map<string, FakeTicket>;
  readonly calls: Record<"find" | "read" | "create" | "update" | "notes" | "readNotes", number>;
  /** The next call of this kind: "before" fails without doing it, "after" does it and then fails. */
  fail(call: "find" | "read" | "create" | "update" | "notes", when: "before" | "after", error: Error): void;
  /** A ticket that somebody else made. */
  put(id: string, key: string): void;
  /** Created tickets stay invisible to `find` while true. */
  hide(isHidden: boolean): void;
}

export interface FakeTicket {
  readonly id: string;
  readonly key: string;
  values: Record<string, string>;
  tags: string[];
  notes: Note[];
  /** Takes no more changes. */
  isFinal?: boolean;
}

export function createFakeTool(
  options: {
    readonly canCreate?: boolean;
    readonly canReadNotes?: boolean;
    readonly steps?: TicketConnector["steps"];
  } = {},
): FakeTool {
  const tickets = new Map<string, FakeTicket>();
  const calls = { find: 0, read: 0, create: 0, update: 0, notes: 0, readNotes: 0 };
  const failures: { call: string; when: "before" | "after"; error: Error }[] = [];
  let isHidden = false;
  let made = 0;

  async function calling<T>(call: keyof typeof calls, work: () => T): Promise<T> {
    calls[call] += 1;
    await Promise.resolve();
    const at = failures.findIndex((failure) => failure.call === call);
    const failure = at === -1 ? undefined : failures.splice(at, 1)[0];
    if (failure?.when === "before") throw failure.error;
    const result = work();
    if (failure?.when === "after") throw failure.error;
    return result;
  }

  function shown(ticket: FakeTicket): Ticket {
    return {
      ref: { id: ticket.id, label: `T-${ticket.id}`, url: `https://tool.example/${ticket.id}` },
      values: { ...ticket.values },
      tags: [...ticket.tags],
      isFinal: ticket.isFinal === true,
    };
  }

  function open(id: string): FakeTicket {
    const ticket = held(id);
    if (ticket.isFinal === true) throw new PermanentError("final", "closed for good");
    return ticket;
  }

  function held(id: string): FakeTicket {
    const ticket = tickets.get(id);
    if (ticket === undefined) throw new PermanentError("notFound", `T-${id} is not there any more`);
    return ticket;
  }

  const connector: TicketConnector = {
    id: "itsm" as ConnectorId,
    kind: "fake",
    mappingVersion: 1,
    settleMs: 5_000,
    fields: [],
    ...(options.steps === undefined ? {} : { steps: options.steps }),
    wanted: (projection, { survivor, continued }) => ({
      fields: {
        values: {
          key: projection.key,
          title: projection.title,
          state: projection.lifecycle.stage,
          severity: projection.severity,
          parent: survivor?.id ?? "",
          merged: projection.mergedFrom.join(","),
          ...(continued === undefined ? {} : { continues: continued.label }),
        },
        tags: projection.tags,
      },
      statusFields: ["state"],
      ownFields: ["key"],
      expected: {},
    }),
    find: (key: CorrelationKey, _signal, except) =>
      calling("find", () => {
        const all = isHidden
          ? []
          : [...tickets.values()].filter((ticket) => ticket.key === key && except?.has(ticket.id) !== true);
        const found = all.find((ticket) => ticket.isFinal !== true) ?? all.at(-1);
        return found === undefined ? undefined : shown(found);
      }),
    read: (ref) =>
      calling("read", () => {
        const ticket = tickets.get(ref.id);
        return ticket === undefined ? undefined : shown(ticket);
      }),
    create: (fields: TicketFields) =>
      calling("create", () => {
        // No id is given twice, whatever was deleted.
        made = Math.max(made, tickets.size) + 1;
        const id = `${made}`;
        const ticket = {
          id,
          key: fields.values["key"] ?? "",
          values: { ...fields.values },
          tags: [...fields.tags],
          notes: [],
        };
        tickets.set(id, ticket);
        return shown(ticket);
      }),
    update: (ref, changes: TicketChanges) =>
      calling("update", () => {
        const ticket = open(ref.id);
        ticket.values = { ...ticket.values, ...changes.values };
        ticket.tags = [...ticket.tags.filter((tag) => !changes.tags.remove.includes(tag)), ...changes.tags.add];
        return shown(ticket);
      }),
    appendNotes: (ref, notes) => calling("notes", () => void open(ref.id).notes.push(...notes)),
    readNotes: (ref) =>
      calling("readNotes", () =>
        options.canReadNotes === false ? undefined : new Set(held(ref.id).notes.map((note) => note.id)),
      ),
  };
  const { create: _create, ...adoptOnly } = connector;
  return {
    connector: options.canCreate === false ? adoptOnly : connector,
    tickets,
    calls,
    put: (id, key) => void tickets.set(id, { id, key, values: { key }, tags: [], notes: [] }),
    fail: (call, when, error) => void failures.push({ call, when, error }),
    hide: (hidden) => {
      isHidden = hidden;
    },
  };
}
