import { describe, expect, it } from "vitest";
import { createAzureTables } from "../../../shared/azure/azure-tables.ts";
import type { Table } from "../../../shared/pipeline/ports/table.ts";
import { VERSION, entity, startTablesService } from "./tables-service.ts";

const READS: readonly (readonly [string, (table: Table) => Promise<unknown>])[] = [
  ["get", (table) => table.get("p", "r")],
  ["getMany", (table) => table.getMany("p", ["r", "s"])],
  ["range", (table) => table.range("p")],
];
const PUTS: readonly (readonly [string, (table: Table) => Promise<unknown>])[] = [
  ["put absent", (table) => table.put("p", "r", 1, "absent")],
  ["put any", (table) => table.put("p", "r", 1, "any")],
  ["put over a version", (table) => table.put("p", "r", 1, { etag: VERSION })],
];
const DELETES: readonly (readonly [string, (table: Table) => Promise<unknown>])[] = [
  ["delete any", (table) => table.delete("p", "r", "any")],
  ["delete a version", (table) => table.delete("p", "r", VERSION)],
];
const BATCH = [
  [
    "batch",
    (table: Table): Promise<unknown> =>
      table.batch("p", [
        { kind: "put", row: "r", value: 1, condition: "any" },
        { kind: "delete", row: "s", condition: VERSION },
      ]),
  ],
] as const;
const WRITES = [...PUTS, ...DELETES, ...BATCH];

describe.each(READS)("a failed read (%s) is never an empty one", (_name, read) => {
  it.each([
    [404, "TableNotFound", "RetryableError", "unavailable"],
    [404, undefined, "RetryableError", "unavailable"],
    [401, "InvalidAuthenticationInfo", "RetryableError", "unauthorized"],
    [403, "AuthorizationFailure", "RetryableError", "unauthorized"],
    [403, undefined, "RetryableError", "unauthorized"],
    [429, undefined, "RetryableError", "throttled"],
    [500, "InternalError", "RetryableError", "unavailable"],
    [500, "OperationTimedOut", "RetryableError", "timeout"],
    [502, undefined, "RetryableError", "unavailable"],
    [503, "ServerBusy", "RetryableError", "throttled"],
    [400, "InvalidInput", "PermanentError", "rejected"],
  ])("%d %s", async (status, code, name, reason) => {
    const { tables } = await startTablesService(() => ({ status, ...(code === undefined ? {} : { code }) }));
    await expect(read(tables.open)).rejects.toMatchObject({ name, reason });
  });

  it("a time-out, a reset, an answer that is no JSON, a row of somebody else", async () => {
    const hanging = await startTablesService(() => ({ status: 200, end: "hang" }), { timeoutMs: 120 });
    await expect(read(hanging.tables.open)).rejects.toMatchObject({ reason: "timeout", mayHaveHappened: false });
    const resetting = await startTablesService(() => ({ status: 200, end: "reset" }));
    await expect(read(resetting.tables.open)).rejects.toMatchObject({ reason: "unavailable" });
    const page = await startTablesService(() => ({ status: 200, body: "<html>proxy</html>" }));
    await expect(read(page.tables.open)).rejects.toMatchObject({ reason: "unreadable", mayHaveHappened: false });
    const foreign = { "odata.etag": VERSION, PartitionKey: "p", RowKey: "r", name: "x" };
    const other = await startTablesService(() => ({ status: 200, body: { ...foreign, value: [foreign] } }));
    await expect(read(other.tables.open)).rejects.toMatchObject({ reason: "unreadable" });
  });
});

describe.each(WRITES)("a failed write (%s)", (_name, write) => {
  it.each([
    [409, "TableBeingDeleted", "RetryableError", "unavailable", false],
    [404, "TableNotFound", "RetryableError", "unavailable", false],
    [403, "AuthorizationFailure", "RetryableError", "unauthorized", false],
    [503, "ServerBusy", "RetryableError", "throttled", false],
    [500, "OperationTimedOut", "RetryableError", "timeout", true],
    [500, "InternalError", "RetryableError", "unavailable", true],
    [504, undefined, "RetryableError", "unavailable", true],
    [400, "InvalidInput", "PermanentError", "rejected", undefined],
    [400, "EntityTooLarge", "PermanentError", "tooLarge", undefined],
    [400, "PropertyValueTooLarge", "PermanentError", "tooLarge", undefined],
    [413, "RequestBodyTooLarge", "PermanentError", "tooLarge", undefined],
    [412, "UpdateConditionNotSatisfied", "ConflictError", undefined, undefined],
    [409, "EntityAlreadyExists", "ConflictError", undefined, undefined],
  ])("%d %s", async (status, code, name, reason, mayHaveHappened) => {
    const { tables } = await startTablesService(() => ({ status, ...(code === undefined ? {} : { code }) }));
    const error = await write(tables.incident).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name });
    expect((error as { reason?: unknown }).reason).toBe(reason);
    expect((error as { mayHaveHappened?: unknown }).mayHaveHappened).toBe(mayHaveHappened);
  });

  it("that was not answered may have happened, and is not tried again", async () => {
    const hanging = await startTablesService(() => ({ status: 204, end: "hang" }), { timeoutMs: 120 });
    await expect(write(hanging.tables.open)).rejects.toMatchObject({ reason: "timeout", mayHaveHappened: true });
    const resetting = await startTablesService(() => ({ status: 204, end: "reset" }));
    await expect(write(resetting.tables.open)).rejects.toMatchObject({ reason: "unavailable", mayHaveHappened: true });
    expect(resetting.requests()).toHaveLength(1);
  });
});

describe("trying again", () => {
  it("what surely was not done, three times at most", async () => {
    const busy = { status: 503, code: "ServerBusy" };
    const body = entity("r", 7);
    const twice = await startTablesService((_request, count) => (count < 3 ? busy : { status: 200, body }));
    expect((await twice.tables.open.get("p", "r"))?.value).toBe(7);
    const written = await startTablesService((_request, count) =>
      count < 3 ? busy : { status: 204, headers: { etag: VERSION } },
    );
    expect(await written.tables.open.put("p", "r", 7, "absent")).toBe(VERSION);
    const always = await startTablesService(() => busy);
    await expect(always.tables.open.put("p", "r", 7, "any")).rejects.toMatchObject({ reason: "throttled" });
    expect(always.requests()).toHaveLength(3);
  });

  it("not what may have been done", async () => {
    const { tables, requests } = await startTablesService(() => ({ status: 500, code: "InternalError" }));
    await expect(tables.open.put("p", "r", 7, "any")).rejects.toMatchObject({ mayHaveHappened: true });
    expect(requests()).toHaveLength(1);
    await expect(tables.open.get("p", "r")).rejects.toMatchObject({ reason: "unavailable" });
    expect(requests()).toHaveLength(4);
  });

  it("not when it is to wait for long: that is the caller's", async () => {
    const reply = { status: 429, headers: { "retry-after": "60" } };
    const { tables, requests } = await startTablesService(() => reply);
    await expect(tables.open.get("p", "r")).rejects.toMatchObject({ reason: "throttled", retryAfterMs: 60_000 });
    expect(requests()).toHaveLength(1);
  });
});

describe("the table itself", () => {
  it("is asked for with the first operation, once", async () => {
    const body = entity("r", 1);
    const { tables, server } = await startTablesService(() => ({ status: 200, body }));
    expect(server.received).toEqual([]);
    await Promise.all([tables.open.get("p", "r"), tables.open.get("p", "r")]);
    await tables.open.get("p", "r");
    expect(server.received.filter(({ url }) => url?.startsWith("/test/Tables"))).toHaveLength(1);
    expect(server.received[0]?.body).toBe('{"TableName":"open"}');
  });

  it("need not be ours to make", async () => {
    const creating = (): { status: number; code: string } => ({ status: 403, code: "AuthorizationPermissionMismatch" });
    const { tables } = await startTablesService(() => ({ status: 200, body: entity("r", 1) }), { creating });
    expect((await tables.open.get("p", "r"))?.value).toBe(1);
  });

  it("is asked for again where that failed", async () => {
    const body = entity("r", 1);
    const creating = (count: number): { status: number } => ({ status: count <= 3 ? 500 : 201 });
    const { tables } = await startTablesService(() => ({ status: 200, body }), { creating });
    await expect(tables.open.get("p", "r")).rejects.toMatchObject({ reason: "unavailable" });
    expect((await tables.open.get("p", "r"))?.value).toBe(1);
  });

  it("that is being deleted is not there yet", async () => {
    const creating = (): { status: number; code: string } => ({ status: 409, code: "TableBeingDeleted" });
    const { tables } = await startTablesService(() => ({ status: 200, body: entity("r", 1) }), { creating });
    await expect(tables.open.get("p", "r")).rejects.toMatchObject({ name: "RetryableError", reason: "unavailable" });
  });
});

describe("the endpoint", () => {
  const credential = (): Promise<never> => Promise.reject(new Error("not asked for"));
  const misconfigured = { name: "PermanentError", reason: "misconfigured" };

  it.each(["", "storage", "http://account.table.core.windows.net", "http://10.0.0.1:10002/x", "ftp://127.0.0.1/"])(
    "%j is refused",
    async (endpoint) => {
      const tables = createAzureTables({
        endpoint,
        credential: () => Promise.resolve({ getToken: credential }),
        timeoutMs: 1_000,
      });
      const error = await tables.open.get("p", "r").catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ ...misconfigured, mend: expect.stringContaining("TABLES_ENDPOINT") });
    },
  );

  it.each([
    "AccountName=a;AccountKey=c2VjcmV0LWtleQ==",
    "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0LWtleQ==;EndpointSuffix=core.windows.net",
    "nonsense=c2VjcmV0LWtleQ==",
  ])("a connection string that will not do is refused, and its key not repeated: %s", async (connectionString) => {
    const tables = createAzureTables({ connectionString, timeoutMs: 1_000 });
    const error = await tables.open.get("p", "r").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(misconfigured);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("c2VjcmV0");
  });

  it("that is away is away, and nothing has happened", async () => {
    const { tables, server } = await startTablesService(() => ({ status: 200, body: entity("r", 1) }));
    await tables.open.get("p", "r");
    server.server.closeAllConnections();
    await new Promise((resolve) => server.server.close(resolve));
    await expect(tables.open.put("p", "r", 1, "any")).rejects.toMatchObject({
      name: "RetryableError",
      reason: "unavailable",
    });
    const other = createAzureTables({ connectionString: refusedConnection(server.port), timeoutMs: 2_000 });
    await expect(other.open.put("p", "r", 1, "any")).rejects.toMatchObject({
      reason: "unavailable",
      mayHaveHappened: false,
    });
  });

  it("without a token nothing flows, and it is tried anew", async () => {
    let asked = 0;
    const tables = createAzureTables({
      endpoint: "https://127.0.0.1:9/account",
      credential: () => {
        asked += 1;
        return Promise.reject(new Error("no identity"));
      },
      timeoutMs: 1_000,
    });
    await expect(tables.open.get("p", "r")).rejects.toMatchObject({ reason: "unauthorized" });
    await expect(tables.open.get("p", "r")).rejects.toMatchObject({ reason: "unauthorized" });
    expect(asked).toBe(2);
    const refused = createAzureTables({
      endpoint: "https://127.0.0.1:9/account",
      credential: () => Promise.resolve({ getToken: () => Promise.reject(new Error("refused")) }),
      timeoutMs: 1_000,
    });
    await expect(refused.open.get("p", "r")).rejects.toMatchObject({ name: "RetryableError", reason: "unauthorized" });
  });
});

function refusedConnection(port: number): string {
  return `DefaultEndpointsProtocol=http;AccountName=test;AccountKey=eA==;TableEndpoint=http://127.0.0.1:${port}/test;`;
}
