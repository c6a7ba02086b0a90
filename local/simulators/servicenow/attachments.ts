import { type Call, emptyReply, jsonReply, type Reply } from "../http/message.ts";
import { sysIdFrom } from "./directory.ts";
import { parseEncodedQuery } from "./encoded-query.ts";
import { selectRecords } from "./select-records.ts";
import type { ServiceNowBehaviour } from "./servicenow-behaviour.ts";
import { failure, noRecord } from "./servicenow-reply.ts";

/** A row of sys_attachment, with the file. */
export interface Attachment {
  readonly row: Readonly<Record<(typeof COLUMNS)[number], string>>;
  readonly content: string;
}

export interface Attachments {
  of(sysId: string): readonly Attachment[];
  /** `/api/now[/v1|v2]/attachment[/file | /{sys_id}[/file]]` for a user who is signed in. */
  answer(call: Call, rest: string, user: string): Reply;
}

const COLUMNS = [
  "sys_id",
  "table_name",
  "table_sys_id",
  "file_name",
  "content_type",
  "size_bytes",
  "sys_created_by",
] as const;

/** The Attachment API: a file a request, and any number of files of the same name. */
export function createAttachments(
  hasRecord: (table: string, sysId: string) => boolean,
  behaviour: ServiceNowBehaviour,
): Attachments {
  const all: Attachment[] = [];

  return {
    of: (sysId) => all.filter(({ row }) => row.table_sys_id === sysId),
    answer(call, rest, user) {
      if (call.method === "GET" && rest === "") return list(call);
      if (call.method === "GET") return read(rest.slice(1));
      if (call.method === "POST" && rest === "/file") return attach(call, user);
      return failure(405, "Method not supported", null);
    },
  };

  function list(call: Call): Reply {
    const isColumn = (name: string): boolean => COLUMNS.some((column) => column === name);
    const query = parseEncodedQuery(call.query.get("sysparm_query") ?? "", isColumn, "");
    const found = selectRecords(
      all.map(({ row }) => row),
      query,
      behaviour.invalidQueryReturnsNoRows,
    );
    return jsonReply(200, { result: found.slice(0, Number(call.query.get("sysparm_limit") ?? 1_000)) });
  }

  function read(path: string): Reply {
    const [sysId, file] = path.split("/");
    const found = all.find(({ row }) => row.sys_id === sysId);
    if (found === undefined) return noRecord();
    if (file === undefined) return jsonReply(200, { result: found.row });
    return { ...emptyReply(200, { "content-type": found.row.content_type }), body: found.content };
  }

  function attach(call: Call, user: string): Reply {
    const [table = "", tableSysId = "", fileName = ""] = ["table_name", "table_sys_id", "file_name"].map(
      (name) => call.query.get(name) ?? "",
    );
    const contentType = call.headers["content-type"] ?? "";
    if ([table, tableSysId, fileName, contentType].includes(""))
      return failure(400, "Invalid parameters", "table_name, table_sys_id, file_name and Content-Type are required");
    if (!hasRecord(table, tableSysId)) return noRecord();
    if (!behaviour.attachmentsWritable)
      return failure(403, "Operation Failed", "ACL Exception Insert Failed due to security constraints");
    const row = {
      sys_id: sysIdFrom("attachment", String(all.length), tableSysId),
      table_name: table,
      table_sys_id: tableSysId,
      file_name: fileName,
      content_type: contentType,
      size_bytes: String(Buffer.byteLength(call.body)),
      sys_created_by: user,
    };
    all.push({ row, content: call.body });
    return jsonReply(201, { result: row }, { location: `${call.origin}/api/now/attachment/${row.sys_id}` });
  }
}
