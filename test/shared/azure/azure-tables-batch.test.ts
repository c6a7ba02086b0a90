import { describe, expect, it } from "vitest";
import { batchAnswer, batchRequest } from "../../../shared/azure/azure-tables-batch.ts";
import type { Write } from "../../../shared/pipeline/ports/table.ts";

const put = (row: string): Write => ({ kind: "put", row, value: 1, condition: "any" });
const remove = (row: string): Write => ({ kind: "delete", row, condition: "any" });

/** As the service documents it, in "Performing entity group transactions". */
function answerOf(...parts: readonly string[]): string {
  return [
    "--batchresponse_b3",
    "Content-Type: multipart/mixed; boundary=changesetresponse_c4",
    "",
    ...parts.flatMap((part) => [
      "--changesetresponse_c4",
      "Content-Type: application/http",
      "Content-Transfer-Encoding: binary",
      "",
      part,
      "",
    ]),
    "--changesetresponse_c4--",
    "--batchresponse_b3--",
    "",
  ].join("\r\n");
}

function written(etag: string, row: string): string {
  return [
    "HTTP/1.1 204 No Content",
    "X-Content-Type-Options: nosniff",
    "Cache-Control: no-cache",
    "Preference-Applied: return-no-content",
    "DataServiceVersion: 3.0;",
    `Location: https://a.table.core.windows.net/t(PartitionKey='p',RowKey='${row}')`,
    `DataServiceId: https://a.table.core.windows.net/t(PartitionKey='p',RowKey='${row}')`,
    `ETag: ${etag}`,
    "",
    "",
  ].join("\r\n");
}

const DELETED = "HTTP/1.1 204 No Content\r\nCache-Control: no-cache\r\nDataServiceVersion: 1.0;\r\n\r\n";

function refused(status: string, code: string): string {
  const body = JSON.stringify({ "odata.error": { code, message: { lang: "en-US", value: "1:said {so}" } } });
  return `HTTP/1.1 ${status}\r\nDataServiceVersion: 3.0;\r\nContent-Type: application/json\r\n\r\n${body}`;
}

describe("the answer to a batch", () => {
  it("has the versions in the order of the writes, whatever the names", () => {
    const text = answerOf(
      written('W/"1"', "{a}"),
      DELETED,
      written('W/"2"', "ETag: x HTTP/1.1 404 '{\"odata.error\":1}'"),
    );
    expect(batchAnswer(text, [put("{a}"), remove("b"), put("c")])).toEqual({ etags: ['W/"1"', "", 'W/"2"'] });
  });

  it.each([
    ["412 Precondition Failed", "UpdateConditionNotSatisfied"],
    ["409 Conflict", "EntityAlreadyExists"],
    ["404 Not Found", "ResourceNotFound"],
    ["413 Request Entity Too Large", "RequestBodyTooLarge"],
  ])("may be one refusal for the whole: %s", (status, code) => {
    expect(batchAnswer(answerOf(refused(status, code)), [put("a"), put("b")])).toEqual({
      refusal: { status: Number(status.slice(0, 3)), code, retryAfter: null },
    });
  });

  it("without a readable code is a refusal all the same", () => {
    const text = answerOf("HTTP/1.1 500 Internal Server Error\r\n\r\n<html></html>");
    expect(batchAnswer(text, [put("a"), put("b")])).toMatchObject({ refusal: { status: 500, code: "" } });
  });

  it.each([
    ["nothing", ""],
    ["a page", "<html></html>"],
    ["fewer parts", answerOf(written('W/"1"', "a"))],
    ["more parts", answerOf(DELETED, DELETED, DELETED)],
    ["a put without a version", answerOf(written('W/"1"', "a"), DELETED)],
    ["a part that is none", answerOf(written('W/"1"', "a"), "what?")],
    ["no end", answerOf(written('W/"1"', "a"), written('W/"2"', "b")).slice(0, -80)],
  ])("that cannot be understood is no answer: %s", (_name, text) => {
    expect(batchAnswer(text, [put("a"), put("b")])).toBeUndefined();
  });
});

describe("the request of a batch", () => {
  it("keeps names and values inside of their places", () => {
    const value = "--changeset_x\r\nDELETE / HTTP/1.1";
    const row = "a'b c%2F{}--changeset_x";
    const place = { tableUrl: "https://a.example/t", partition: "p'q", boundary: "x" };
    const write: Write = { kind: "put", row, value, condition: "any" };
    const { body, contentType } = batchRequest(place, [write], [JSON.stringify(value)]);
    expect(contentType).toBe("multipart/mixed; boundary=batch_x");
    const lines = body.split("\r\n");
    expect(lines.filter((line) => line.startsWith("--"))).toEqual([
      "--batch_x",
      "--changeset_x",
      "--changeset_x--",
      "--batch_x--",
    ]);
    expect(lines).toContain(
      "PUT https://a.example/t(PartitionKey='p''q',RowKey='a''b%20c%252F%7B%7D--changeset_x') HTTP/1.1",
    );
    expect(JSON.parse(lines.find((line) => line.startsWith("{")) ?? "")).toEqual({
      PartitionKey: "p'q",
      RowKey: row,
      p0: JSON.stringify(value),
    });
  });
});
