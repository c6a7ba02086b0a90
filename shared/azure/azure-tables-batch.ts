import type { ETag, Write } from "../pipeline/ports/table.ts";
import type { Refusal } from "./azure-tables-error.ts";
import { propertiesOf } from "./azure-tables-row.ts";

/**
 * An entity group transaction, written and read here: the SDK's own sends every delete with `If-Match: *`, does not keep the order of the
 * writes, and takes braces in a name for an error. Source: Table service REST API, "Performing entity group transactions".
 */
export interface BatchRequest {
  readonly contentType: string;
  readonly body: string;
}

export interface BatchPlace {
  /** Of the table, without a query. */
  readonly tableUrl: string;
  readonly partition: string;
  /** Occurs nowhere in the values. */
  readonly boundary: string;
}

const LINE = "\r\n";

export function batchRequest(place: BatchPlace, writes: readonly Write[], texts: readonly string[]): BatchRequest {
  const { boundary } = place;
  const parts = writes.map((write, index) => [
    `--changeset_${boundary}`,
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "",
    ...partLines(place, write, texts[index] ?? ""),
  ]);
  const body = [
    `--batch_${boundary}`,
    `Content-Type: multipart/mixed; boundary=changeset_${boundary}`,
    "",
    ...parts.flat(),
    `--changeset_${boundary}--`,
    `--batch_${boundary}--`,
    "",
  ].join(LINE);
  return { contentType: `multipart/mixed; boundary=batch_${boundary}`, body };
}

function partLines({ tableUrl, partition }: BatchPlace, write: Write, text: string): readonly string[] {
  const url = `${tableUrl}(PartitionKey='${inPath(partition)}',RowKey='${inPath(write.row)}')`;
  const accept = ["Accept: application/json;odata=minimalmetadata", "DataServiceVersion: 3.0"];
  if (write.kind === "delete") {
    const match = write.condition === "any" ? "*" : write.condition;
    return [`DELETE ${url} HTTP/1.1`, ...accept, `If-Match: ${match}`, "", ""];
  }
  const entity = { PartitionKey: partition, RowKey: write.row, ...propertiesOf(text) };
  const content = ["Content-Type: application/json", "Prefer: return-no-content", "", JSON.stringify(entity)];
  if (write.condition === "absent") return [`POST ${tableUrl} HTTP/1.1`, ...accept, ...content];
  // Without a version it is "insert or replace".
  const match = write.condition === "any" ? [] : [`If-Match: ${write.condition.etag}`];
  return [`PUT ${url} HTTP/1.1`, ...accept, ...match, ...content];
}

function inPath(key: string): string {
  return encodeURIComponent(key.replaceAll("'", "''"));
}

export type BatchAnswer = { readonly etags: readonly ETag[] } | { readonly refusal: Refusal };

/** The parts come in the order of the writes; where one failed, there is only that one. Undefined where the answer cannot be understood. */
export function batchAnswer(text: string, writes: readonly Write[]): BatchAnswer | undefined {
  const parts = text.split(/^--changesetresponse_.*$/m).slice(1, -1);
  const answers = parts.map(partAnswer);
  const refusal = answers.find((part) => part !== undefined && part.status >= 400);
  if (refusal !== undefined) return { refusal: { status: refusal.status, code: refusal.code, retryAfter: null } };
  if (answers.length !== writes.length) return undefined;
  const etags = answers.map((part, index) => (writes[index]?.kind === "delete" ? "" : part?.etag));
  return etags.every((etag) => etag !== undefined) ? { etags } : undefined;
}

function partAnswer(part: string): { status: number; code: string; etag: string | undefined } | undefined {
  const start = part.search(/^HTTP\/1\.1 \d{3}/m);
  if (start < 0) return undefined;
  const [head = "", body = ""] = part.slice(start).split(/\r?\n\r?\n/, 2);
  return {
    status: Number(head.slice("HTTP/1.1 ".length, "HTTP/1.1 ".length + 3)),
    code: errorCode(body),
    etag: /^etag: *(.+?)\r?$/im.exec(head)?.[1],
  };
}

function errorCode(body: string): string {
  try {
    const { "odata.error": error } = JSON.parse(body.trim()) as { "odata.error"?: { code?: unknown } };
    return typeof error?.code === "string" ? error.code : "";
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return "";
    throw thrown;
  }
}
