import { jsonReply, type Reply } from "../http/message.ts";

/** An answer in ServiceNow's error envelope. */
export function failure(
  status: number,
  message: string,
  detail: string | null,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return jsonReply(status, { error: { message, detail }, status: "failure" }, headers);
}

export function noRecord(): Reply {
  return failure(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval");
}
