import type { HttpResponse } from "../../http/request.ts";
import { PermanentError, RetryableError } from "../../errors.ts";
import type { Line } from "./line.ts";
import {
  WireIdentifiedSchema,
  WireLeefExpressionsSchema,
  type WireNamed,
  WireNamedSchema,
  WirePropertiesSchema,
  type WireProperty,
} from "./schema.ts";

/** What setup asks of the console, beside offenses and tables. */
const SOURCES = "/config/event_sources/log_source_management/log_sources";
const SOURCE_TYPES = "/config/event_sources/log_source_management/log_source_types";
const PROPERTIES = "/config/event_sources/custom_properties/regex_properties";
const LEEF_EXPRESSIONS = "/config/event_sources/custom_properties/property_leef_expressions";
/** The protocol Syslog: what comes over TLS is told apart by the host in its header, as everything that comes by syslog. */
const SYSLOG_PROTOCOL = 0;

/** Undefined where there is none of this name. */
export async function findLogSource(
  line: Line,
  name: string,
  signal: AbortSignal,
): Promise<WireNamed | undefined | "unreadable"> {
  try {
    const query = { fields: "id,name,coalesce_events", filter: `name = ${quoted(name)}` };
    const rows = await line.list({ path: SOURCES, query, schema: WireNamedSchema }, signal);
    return rows.find((row) => row.name === name);
  } catch (error) {
    const isRefused = error instanceof RetryableError && error.reason === "unauthorized";
    const isUnknown = error instanceof PermanentError && (error.reason === "notFound" || error.reason === "rejected");
    if (!isRefused && !isUnknown) throw error;
    return "unreadable";
  }
}

export async function findLogSourceType(line: Line, name: string, signal: AbortSignal): Promise<WireNamed | undefined> {
  const query = { fields: "id,name", filter: `name = ${quoted(name)}` };
  const rows = await line.list({ path: SOURCE_TYPES, query, schema: WireNamedSchema }, signal);
  return rows.find((row) => row.name === name);
}

/** Without coalescing: QRadar would keep one of several events that look alike. */
export async function createLogSource(
  line: Line,
  source: { readonly name: string; readonly identifier: string; readonly typeId: number },
  signal: AbortSignal,
): Promise<void> {
  const body = [
    {
      name: source.name,
      description: "Defender Experts incidents, sent by dex-sync",
      type_id: source.typeId,
      protocol_type_id: SYSLOG_PROTOCOL,
      protocol_parameters: [{ name: "identifier", id: 0, value: source.identifier }],
      enabled: true,
      coalesce_events: false,
      store_event_payload: true,
    },
  ];
  await line.send({ method: "POST", path: SOURCES, body }, signal);
}

/** A custom property; undefined where there is none of this name. */
export async function findProperty(line: Line, name: string, signal: AbortSignal): Promise<WireProperty | undefined> {
  const query = { fields: "identifier,name,use_for_rule_engine", filter: `name = ${quoted(name)}` };
  const rows = await line.list({ path: PROPERTIES, query, schema: WirePropertiesSchema }, signal);
  return rows.find((row) => row.name === name);
}

/** Parsed in advance for rules: a property that is not cannot index an offense. */
export async function createProperty(line: Line, name: string, signal: AbortSignal): Promise<string> {
  const body = {
    name,
    description: `${name} of the events of dex-sync`,
    property_type: "string",
    use_for_rule_engine: true,
  };
  const response: HttpResponse = await line.send({ method: "POST", path: PROPERTIES, body }, signal);
  return (await line.trusted(WireIdentifiedSchema, response.json(), true)).identifier;
}

/** Whether a property is taken out of events of this type. */
export async function hasLeefExpression(
  line: Line,
  { property, typeId }: { readonly property: string; readonly typeId: number },
  signal: AbortSignal,
): Promise<boolean> {
  const query = { fields: "regex_property_identifier,log_source_type_id" };
  const rows = await line.list({ path: LEEF_EXPRESSIONS, query, schema: WireLeefExpressionsSchema }, signal);
  return rows.some((row) => row.regex_property_identifier === property && row.log_source_type_id === typeId);
}

/** Takes a property out of the key of the same name, of events of this type alone. */
export async function createLeefExpression(
  line: Line,
  expression: { readonly property: string; readonly key: string; readonly typeId: number },
  signal: AbortSignal,
): Promise<void> {
  const body = {
    regex_property_identifier: expression.property,
    expression: expression.key,
    log_source_type_id: expression.typeId,
    enabled: true,
  };
  await line.send({ method: "POST", path: LEEF_EXPRESSIONS, body }, signal);
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "")}"`;
}
