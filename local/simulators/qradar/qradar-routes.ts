import { type Call, jsonReply, type Reply } from "../http/message.ts";
import { answerConfig } from "./config-routes.ts";
import { answerOffense, answerReasons, listOffenses } from "./offense-routes.ts";
import type { QRadarContext } from "./qradar-context.ts";
import { notFound, qradarError } from "./qradar-reply.ts";
import { answerTables } from "./table-routes.ts";

/** Versions of the API that this release offers: one that is newer than the product knows, current ones, deprecated ones, a removed one. */
const VERSIONS = [
  { version: "17.0", deprecated: true, removed: true },
  { version: "22.0", deprecated: true, removed: false },
  { version: "24.0", deprecated: false, removed: false },
  { version: "26.0", deprecated: false, removed: false },
  { version: "27.0", deprecated: false, removed: false },
];

/** How a call is named in the counters. */
export function kindOf({ method, path }: Call): string {
  const kind = path
    .replace(/^\/api\//, "")
    .replace(/\/\d+(?=\/|$)/, "/:id")
    .replace(/(bulk_load|tables)\/(?!bulk_load)[^/]+$/, "$1/:name");
  return `${method} ${kind}`;
}

export function runQRadar(call: Call, context: QRadarContext): Reply {
  const path = call.path.replace(/^\/api\//, "");
  if (path === "help/versions") return jsonReply(200, VERSIONS);
  const version = call.headers["version"];
  const offered = VERSIONS.find((one) => one.version === version);
  if (version !== undefined && (offered === undefined || offered.removed))
    return qradarError(422, 1, `version ${String(version)} of the API is not there`);
  const reply = answer(call, path, context);
  return offered?.deprecated === true ? { ...reply, headers: { ...reply.headers, deprecated: "true" } } : reply;
}

function answer(call: Call, path: string, context: QRadarContext): Reply {
  if (path === "siem/offenses") {
    return call.method === "GET"
      ? listOffenses(call, context)
      : qradarError(405, 1, "an offense cannot be made by the API");
  }
  const [, id, rest = ""] = /^siem\/offenses\/(\d+)(\/.*)?$/.exec(path) ?? [];
  if (id !== undefined) return answerOffense(call, Number(id), rest, context);
  if (path === "siem/offense_closing_reasons") return answerReasons(call, context);
  const [, table] = /^reference_data\/tables(?:\/(.+))?$/.exec(path) ?? [];
  if (path.startsWith("reference_data/tables"))
    return answerTables(call, table === undefined ? undefined : decodeURIComponent(table), context);
  const config = "config/event_sources/";
  return path.startsWith(config) ? answerConfig(call, path.slice(config.length), context) : notFound(call.path);
}
