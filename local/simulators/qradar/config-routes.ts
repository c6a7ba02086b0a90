import { type Call, isObject, jsonReply, objectIn, type Reply } from "../http/message.ts";
import type { QRadarContext } from "./qradar-context.ts";
import { notFound, qradarError, rangeReply } from "./qradar-reply.ts";
import { UNIVERSAL_LEEF } from "./qradar-store.ts";

/** Log sources and custom properties: what setup makes. */
export function answerConfig(call: Call, path: string, context: QRadarContext): Reply {
  if (!context.behaviour.admin) return qradarError(403, 1009, "this account lacks a capability");
  switch (path) {
    case "log_source_management/log_source_types":
      return rangeReply(
        call,
        [{ id: UNIVERSAL_LEEF, name: "Universal LEEF" }].filter((row) => isNamed(call, row.name)),
      );
    case "log_source_management/log_sources":
      return call.method === "POST" ? createLogSource(call, context) : rangeReply(call, sources(call, context));
    case "custom_properties/regex_properties":
      return call.method === "POST" ? createProperty(call, context) : rangeReply(call, properties(call, context));
    case "custom_properties/property_leef_expressions":
      return call.method === "POST" ? createExpression(call, context) : rangeReply(call, expressions(context));
    default:
      return notFound(call.path);
  }
}

function sources(call: Call, { store }: QRadarContext): readonly unknown[] {
  return store.logSources.filter(({ name }) => isNamed(call, name));
}

function properties(call: Call, { store }: QRadarContext): readonly unknown[] {
  return store.properties.filter(({ name }) => isNamed(call, name));
}

function expressions({ store }: QRadarContext): readonly unknown[] {
  return store.properties
    .filter(({ key }) => key !== undefined)
    .map(({ identifier, key }) => ({
      regex_property_identifier: identifier,
      expression: key,
      log_source_type_id: UNIVERSAL_LEEF,
    }));
}

function isNamed(call: Call, name: string): boolean {
  const wanted = /^name = "(.*)"$/.exec(call.query.get("filter") ?? "")?.[1];
  return wanted === undefined || wanted === name;
}

function createLogSource(call: Call, { store }: QRadarContext): Reply {
  const rows: unknown = JSON.parse(call.body);
  if (!Array.isArray(rows)) return qradarError(422, 1005, "the body is an array of log sources");
  for (const row of rows) {
    if (!isObject(row) || typeof row["name"] !== "string" || row["type_id"] !== UNIVERSAL_LEEF)
      return qradarError(422, 1005, "a log source has a name and a known type");
    const parameters: unknown = row["protocol_parameters"];
    const identifier = Array.isArray(parameters)
      ? parameters.filter(isObject).find((parameter) => parameter["name"] === "identifier")?.["value"]
      : undefined;
    if (typeof identifier !== "string") return qradarError(422, 1005, "the protocol's identifier is required");
    store.logSources.push({
      id: 62 + store.logSources.length,
      name: row["name"],
      type_id: UNIVERSAL_LEEF,
      coalesce_events: row["coalesce_events"] !== false,
      store_event_payload: row["store_event_payload"] !== false,
      identifier,
    });
  }
  return jsonReply(201, { id: 1, status: "COMPLETED" });
}

function createProperty(call: Call, { store }: QRadarContext): Reply {
  const body = objectIn(call.body);
  if (typeof body?.["name"] !== "string" || body["property_type"] !== "string")
    return qradarError(422, 1005, "a property has a name and a type");
  const property = {
    identifier: `property-${store.properties.length + 1}`,
    name: body["name"],
    use_for_rule_engine: body["use_for_rule_engine"] === true,
  };
  store.properties.push(property);
  return jsonReply(201, property);
}

function createExpression(call: Call, { store }: QRadarContext): Reply {
  const body = objectIn(call.body);
  const property = store.properties.find(({ identifier }) => identifier === body?.["regex_property_identifier"]);
  const key = body?.["expression"];
  if (property === undefined || typeof key !== "string" || body?.["log_source_type_id"] !== UNIVERSAL_LEEF)
    return qradarError(422, 1005, "an expression is of a property and a log source type");
  property.key = key;
  return jsonReply(201, { id: 1, expression: key });
}
