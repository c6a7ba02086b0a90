import { jsonReply, type Reply } from "../http/message.ts";

/** Jira's error envelope. */
export function failure(
  status: number,
  messages: readonly string[],
  errors: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return jsonReply(status, { errorMessages: messages, errors }, headers);
}

export function noIssue(): Reply {
  return failure(404, ["Issue does not exist or you do not have permission to see it."]);
}

/** What is answered where the problem lies in fields. */
export function badFields(errors: Readonly<Record<string, string>>): Reply {
  return failure(400, [], errors);
}
