import { type Call, jsonReply, type Reply } from "../http/message.ts";

/** An error as the console words it. Source: IBM, "REST API errors". */
export function qradarError(status: number, code: number, message: string): Reply {
  return jsonReply(status, {
    http_response: { code: status, message: "the request failed" },
    code,
    description: "",
    details: {},
    message,
  });
}

export function notFound(what: string): Reply {
  return qradarError(404, 1002, `${what} does not exist`);
}

/** The rows that the header Range names, and what Content-Range says of them. */
export function rangeReply(call: Call, rows: readonly unknown[]): Reply {
  const header = call.headers.range;
  if (header === undefined) return jsonReply(200, rows);
  const [, from, to] = /^items=(\d+)-(\d+)$/.exec(header) ?? [];
  if (from === undefined || Number(to) < Number(from)) return qradarError(422, 1005, "the Range header is not valid");
  const shown = rows.slice(Number(from), Number(to) + 1);
  const last = Number(from) + Math.max(0, shown.length - 1);
  return jsonReply(200, shown, { "content-range": `items ${from}-${last}/${rows.length}` });
}
