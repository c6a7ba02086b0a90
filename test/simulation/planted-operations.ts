import type { Table } from "../../shared/pipeline/ports/table.ts";
import type { Ports } from "./life.ts";
import { NO_OPERATIONS, type OperationsPlan } from "./operations-plan.ts";
import { type Planted, anew, answering, calm } from "./planting.ts";
import type { Plan } from "./plan.ts";
import type { Plant } from "./world.ts";

/** Bugs of what operators do, of what nobody can read, and of how a loss of everything is mended. */
export const PLANTED_AT_OPERATIONS: readonly Planted[] = [
  {
    name: "a replay begins anew, and makes a second ticket",
    plant: anew(forgetfulReplay),
    as: ["duplicate"],
    tune: withOperations({ refusals: 3, looks: 4 }),
  },
  {
    name: "what comes after a drop is dropped as well",
    plant: anew(() => {
      const dropped = new Set<string>();
      return (ports) => ({
        ...overIncidentPut(ports, (partition, row, value) => {
          if (isDropped(value)) dropped.add(`${partition} ${row}`);
          return value;
        }),
        bus: {
          send: (queue, messages) =>
            ports.bus.send(
              queue,
              messages.filter(({ body }) => !dropped.has(linkOf(queue, body))),
            ),
        },
      });
    }),
    as: ["lost", "comment missing"],
    tune: withOperations({ refusals: 3, looks: 4, dropped: 1 }),
  },
  {
    name: "what was dropped is owed again by the next walk",
    plant: (ports) =>
      overIncidentPut(ports, (_partition, _row, value) =>
        isDropped(value) ? { ...value, dropped: undefined } : value,
      ),
    as: ["done though dropped"],
    tune: withOperations({ refusals: 3, looks: 4, dropped: 1 }),
  },
  {
    name: "a message that nobody can read stops its lane",
    plant: overUnreadable(() => new Promise(() => undefined)),
    as: ["not quiet", "lost", "comment missing"],
    tune: withOperations({ poisonMessages: 4 }),
  },
  {
    name: "a message that nobody can read is thrown away",
    plant: overUnreadable(() => Promise.resolve("")),
    as: ["not parked"],
    tune: withOperations({ poisonMessages: 4 }),
  },
  {
    name: "a dead letter is taken away and kept nowhere",
    plant: (ports) => ({
      ...ports,
      tables: {
        ...ports.tables,
        parked: {
          ...ports.tables.parked,
          put: (partition, row, value, condition) =>
            (value as { readonly reason?: string }).reason === "deadLettered"
              ? Promise.resolve("")
              : ports.tables.parked.put(partition, row, value, condition),
        },
      },
    }),
    as: ["lost", "comment missing"],
    tune: withOperations({ givenUp: 3 }),
  },
  {
    name: "nothing walks the links after the bus was lost",
    plant: (ports) => ({
      ...ports,
      bus: {
        send: (queue, messages) =>
          ports.bus.send(
            queue,
            messages.filter(({ body }) => (body as { readonly cause?: string }).cause !== "sweep"),
          ),
      },
    }),
    as: ["lost", "comment missing"],
    tune: withOperations({ busLosses: 1 }),
  },
  {
    name: "a lost state is a first run, and nothing is looked for",
    plant: anew(() => {
      let begun = 0;
      return (ports) => ({
        ...ports,
        tables: {
          ...ports.tables,
          control: {
            ...ports.tables.control,
            put(partition, row, value, condition) {
              if (row === "poll" && condition === "absent") begun += 1;
              return ports.tables.control.put(partition, row, value, condition);
            },
          },
        },
        http: {
          ...ports.http,
          async send(request) {
            const response = await ports.http.send(request);
            const isLookUp = request.url.includes("sysparm_query=correlation_id");
            return isLookUp && begun > 1 ? answering(response, { result: [] }) : response;
          },
        },
      });
    }),
    as: ["duplicate"],
    tune: (plan) => ({ ...withOperations({ stateLosses: 1 })(plan), tenants: ["a"] }),
  },
];

function withOperations(changes: Partial<OperationsPlan>): (plan: Plan) => Plan {
  return (plan) => ({ ...calm(plan), operations: { ...NO_OPERATIONS, ...changes } });
}

/** The link is thrown away with each replay, and what is there is not looked for. */
function forgetfulReplay(): Plant {
  const blind = new Set<string>();
  return (ports) => ({
    ...ports,
    bus: {
      async send(queue, messages) {
        for (const { body } of messages) {
          const { cause, tenantId, incidentId } = body as Readonly<Record<string, string>>;
          if (cause !== "replay" || !queue.startsWith("incident-deltas-itsm")) continue;
          await ports.tables.incident.delete(`${tenantId}:${incidentId}`, rowOf(queue), "any");
          blind.add(`mdx:${tenantId}:${incidentId}`);
        }
        await ports.bus.send(queue, messages);
      },
    },
    http: {
      ...ports.http,
      async send(request) {
        const response = await ports.http.send(request);
        const key = /^correlation_id=([^^]*)/.exec(new URL(request.url).searchParams.get("sysparm_query") ?? "")?.[1];
        return key !== undefined && blind.has(key) ? answering(response, { result: [] }) : response;
      },
    },
  });
}

function overIncidentPut(ports: Ports, change: (partition: string, row: string, value: object) => object): Ports {
  const { incident } = ports.tables;
  const changed: Table = {
    ...incident,
    put: (partition, row, value, condition) =>
      incident.put(partition, row, change(partition, row, value as object), condition),
    batch: (partition, writes) =>
      incident.batch(
        partition,
        writes.map((write) =>
          write.kind === "put" ? { ...write, value: change(partition, write.row, write.value as object) } : write,
        ),
      ),
  };
  return { ...ports, tables: { ...ports.tables, incident: changed } };
}

function overUnreadable(instead: () => Promise<string>): Plant {
  return (ports) => ({
    ...ports,
    tables: {
      ...ports.tables,
      parked: {
        ...ports.tables.parked,
        put: (partition, row, value, condition) =>
          row.startsWith("message-") ? instead() : ports.tables.parked.put(partition, row, value, condition),
      },
    },
  });
}

function isDropped(value: object): boolean {
  return "dropped" in value && value.dropped !== undefined;
}

function linkOf(queue: string, body: unknown): string {
  const { tenantId, incidentId } = (body ?? {}) as Readonly<Record<string, string | undefined>>;
  return `${tenantId}:${incidentId} ${rowOf(queue)}`;
}

function rowOf(queue: string): string {
  return queue.replace("incident-deltas-", "link:");
}
