import { describe, expect, it } from "vitest";
import { type ServiceNowClient, createServiceNowClient } from "../../../../shared/connectors/servicenow/client.ts";
import { createLine } from "../../../../shared/connectors/servicenow/line.ts";
import { PermanentError } from "../../../../shared/errors.ts";
import type { HttpRequest, HttpResponse } from "../../../../shared/http/request.ts";

const signal = new AbortController().signal;
const KEY = "mdx:cfcdbe43-297b-4c6b-ac7e-8d7f6befb514:29";
const SYS_ID = "a".repeat(32);

interface Answer {
  readonly rows: readonly unknown[];
  readonly total?: number;
}

/** Answers each request from a list; one too many fails the test. */
function clientOf(answers: readonly Answer[]): { readonly client: ServiceNowClient; readonly requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const client = createServiceNowClient({
    table: "incident",
    fields: ["sys_id", "number", "correlation_id"],
    line: createLine({
      url: "https://contoso.service-now.com",
      authorization: { headers: () => Promise.resolve({}), forget: () => false },
      http: {
        send(request): Promise<HttpResponse> {
          const answer = answers[requests.length];
          requests.push(request);
          if (answer === undefined) throw new Error(`an unexpected request: ${request.method} ${request.url}`);
          const total = answer.total === undefined ? null : String(answer.total);
          const headers = { get: (name: string) => (name === "x-total-count" ? total : null) };
          return Promise.resolve({ status: 200, headers, text: "", json: () => ({ result: answer.rows }) });
        },
        close: () => Promise.resolve(),
      },
    }),
  });
  return { client, requests };
}

function entries(count: number, elementId = SYS_ID): readonly unknown[] {
  return Array.from({ length: count }, (_unused, index) => ({ element_id: elementId, value: `entry ${index}` }));
}

describe("the look-up", () => {
  it("asks as the documentation says", async () => {
    const { client, requests } = clientOf([{ rows: [] }]);
    await expect(client.findByCorrelationId(KEY, signal)).resolves.toEqual([]);
    const url = new URL(requests[0]?.url ?? "");
    expect(url.pathname).toBe("/api/now/table/incident");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      sysparm_query: `correlation_id=${KEY}^ORDERBYsys_created_on`,
      sysparm_fields: "sys_id,number,correlation_id",
      sysparm_limit: "20",
      sysparm_exclude_reference_link: "true",
      sysparm_no_count: "true",
    });
  });

  it("does not take a record whose key differs only in case", async () => {
    const { client } = clientOf([{ rows: [{ sys_id: SYS_ID, correlation_id: KEY.toUpperCase() }] }]);
    await expect(client.findByCorrelationId(KEY, signal)).resolves.toEqual([]);
  });

  it.each(["other", "", undefined])("stops where the answer has another key: %j", async (correlationId) => {
    const { client } = clientOf([{ rows: [{ sys_id: SYS_ID, correlation_id: correlationId ?? null }] }]);
    await expect(client.findByCorrelationId(KEY, signal)).rejects.toMatchObject({ reason: "unauthorized" });
  });

  it.each(["x^ORstate=7", "javascript:gs.getUserID()&", "a b", ""])(
    "does not send a key that a query could mistake: %j",
    async (key) => {
      const { client, requests } = clientOf([]);
      await expect(client.findByCorrelationId(key, signal)).rejects.toBeInstanceOf(PermanentError);
      expect(requests).toEqual([]);
    },
  );

  it("does not send a sys_id that leads elsewhere", async () => {
    const { client, requests } = clientOf([]);
    await expect(client.get("../sys_user/x", signal)).rejects.toBeInstanceOf(PermanentError);
    expect(requests).toEqual([]);
  });
});

describe("the journal", () => {
  it("is read to its end", async () => {
    const { client, requests } = clientOf([
      { rows: entries(500), total: 501 },
      { rows: entries(1), total: 501 },
    ]);
    await expect(client.journal(SYS_ID, "work_notes", signal)).resolves.toHaveLength(501);
    expect(requests.map(({ url }) => new URL(url).searchParams.get("sysparm_offset"))).toEqual(["0", "500"]);
  });

  it("cannot be told where rows are hidden", async () => {
    await expect(
      clientOf([{ rows: entries(2), total: 3 }]).client.journal(SYS_ID, "work_notes", signal),
    ).resolves.toBeUndefined();
    await expect(
      clientOf([{ rows: [], total: 1 }]).client.journal(SYS_ID, "work_notes", signal),
    ).resolves.toBeUndefined();
  });

  it("is not another record's", async () => {
    const { client } = clientOf([{ rows: entries(2, "b".repeat(32)), total: 2 }]);
    await expect(client.journal(SYS_ID, "work_notes", signal)).resolves.toEqual([]);
  });

  it("is given up where it has no end", async () => {
    const { client } = clientOf(Array.from({ length: 10 }, () => ({ rows: entries(500), total: 99_999 })));
    await expect(client.journal(SYS_ID, "work_notes", signal)).resolves.toBeUndefined();
  });
});
