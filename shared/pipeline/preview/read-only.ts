import type { TicketConnector } from "../../connectors/connector.ts";
import { RetryableError } from "../../errors.ts";
import type { Bus } from "../ports/bus.ts";
import type { Table, Tables } from "../ports/table.ts";

/** For work that promised to write nothing: whatever tries to is a bug, and is heard. */
export function readOnlyTables(tables: Tables): Tables {
  return {
    incident: readOnly(tables.incident),
    open: readOnly(tables.open),
    report: readOnly(tables.report),
    parked: readOnly(tables.parked),
    control: readOnly(tables.control),
  };
}

function readOnly(table: Table): Table {
  return {
    get: (...args) => table.get(...args),
    getMany: (...args) => table.getMany(...args),
    range: (...args) => table.range(...args),
    put: refuse,
    delete: refuse,
    batch: refuse,
  };
}

export const SILENT_BUS: Bus = { send: refuse };

/** Only looks. `heldBecause`: why the tool is left alone for now; then it is not even looked at. */
export function readOnlyConnector(connector: TicketConnector, heldBecause: string): TicketConnector {
  return {
    ...connector,
    find: (...args) => looked(() => connector.find(...args)),
    read: (...args) => looked(() => connector.read(...args)),
    ...(connector.readNotes === undefined
      ? {}
      : { readNotes: (...args) => looked(async () => connector.readNotes?.(...args)) }),
    ...(connector.create === undefined ? {} : { create: refuse }),
    ...(connector.tell === undefined ? {} : { tell: refuse }),
    update: refuse,
    appendNotes: refuse,
    ...(connector.attach === undefined ? {} : { attach: refuse }),
  };

  async function looked<T>(look: () => Promise<T>): Promise<T> {
    if (heldBecause !== "") throw new RetryableError("unavailable", heldBecause);
    return await look();
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new Error("a preview writes nothing"));
}
