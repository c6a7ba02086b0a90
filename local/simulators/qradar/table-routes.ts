import { type Call, isObject, jsonReply, objectIn, type Reply } from "../http/message.ts";
import type { QRadarContext } from "./qradar-context.ts";
import { notFound, qradarError } from "./qradar-reply.ts";

/** Reference tables. Source: QRadar API 26.0, /reference_data/tables. */
export function answerTables(call: Call, name: string | undefined, { store }: QRadarContext): Reply {
  const bulk = name?.startsWith("bulk_load/") === true ? name.slice("bulk_load/".length) : undefined;
  if (bulk !== undefined) return bulkLoad(call, bulk, store.tables);
  if (name === undefined) return createTable(call, store.tables);
  const table = store.tables.get(name);
  return table === undefined ? notFound(`table ${name}`) : jsonReply(200, { name, number_of_elements: table.size });
}

type Tables = QRadarContext["store"]["tables"];

function createTable(call: Call, tables: Tables): Reply {
  const name = call.query.get("name");
  if (call.method !== "POST" || name === null || call.query.get("element_type") === null)
    return qradarError(422, 1005, "name and element_type are required");
  if (tables.has(name)) return qradarError(409, 1004, "it exists already");
  tables.set(name, new Map());
  return jsonReply(201, { name });
}

function bulkLoad(call: Call, name: string, tables: Tables): Reply {
  const table = tables.get(name);
  if (table === undefined) return notFound(`table ${name}`);
  const body = objectIn(call.body);
  if (body === undefined) return qradarError(400, 1001, "the body is not JSON");
  for (const [outer, columns] of Object.entries(body)) {
    if (!isObject(columns)) return qradarError(422, 1005, "a row is an object");
    const row = table.get(outer) ?? new Map<string, string>();
    for (const [inner, value] of Object.entries(columns)) row.set(inner, String(value));
    table.set(outer, row);
  }
  return jsonReply(200, { name, number_of_elements: table.size });
}
