import { describe, expect, it } from "vitest";
import { VERSION, entity, startTablesService } from "./tables-service.ts";

const NEXT = { "x-ms-continuation-nextpartitionkey": "1!8!cA--", "x-ms-continuation-nextrowkey": "1!8!cg--" };

describe("pages", () => {
  it("are followed to the end, empty ones too", async () => {
    const { tables, requests } = await startTablesService((_request, count) => {
      if (count === 1) return { status: 200, body: { value: [entity("a", 1)] }, headers: NEXT };
      if (count === 2) return { status: 200, body: { value: [] }, headers: NEXT };
      return { status: 200, body: { value: [entity("b", 2)] } };
    });
    expect((await tables.open.range("p")).map(({ row, value }) => [row, value])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect(requests()).toHaveLength(3);
    expect(requests()[1]?.url).toContain("NextRowKey=1!8!cg--");
  });

  it("are followed no further than the limit", async () => {
    const { tables, requests } = await startTablesService(() => ({
      status: 200,
      body: { value: [entity("a", 1), entity("b", 2)] },
      headers: NEXT,
    }));
    expect(await tables.open.range("p", { limit: 2 })).toHaveLength(2);
    expect(requests()).toHaveLength(1);
    expect(requests()[0]?.url).toContain("top=2");
  });

  it("that fail are no end", async () => {
    const { tables } = await startTablesService((_request, count) =>
      count % 2 === 1
        ? { status: 200, body: { value: [entity("a", 1)] }, headers: NEXT }
        : { status: 404, code: "ResourceNotFound" },
    );
    await expect(tables.open.range("p")).rejects.toBeInstanceOf(Error);
  });

  it("one query asks for all names of a delta, two for fifteen", async () => {
    const { tables, requests } = await startTablesService(() => ({ status: 200, body: { value: [] } }));
    await tables.open.getMany("p", ["snapshot", "link:x", "it's"]);
    expect(requests()).toHaveLength(1);
    const filter = new URL(requests()[0]?.url ?? "", "http://x").searchParams.get("$filter");
    expect(filter).toBe("PartitionKey eq 'p' and (RowKey eq 'snapshot' or RowKey eq 'link:x' or RowKey eq 'it''s')");
    await tables.open.getMany(
      "p",
      Array.from({ length: 15 }, (_, n) => `r${n}`),
    );
    expect(requests()).toHaveLength(3);
  });
});

describe("a batch", () => {
  const writes = [
    { kind: "put", row: "a", value: 1, condition: "absent" },
    { kind: "put", row: "b", value: 2, condition: { etag: VERSION } },
    { kind: "put", row: "c", value: 3, condition: "any" },
    { kind: "delete", row: "d", condition: VERSION },
    { kind: "delete", row: "e", condition: "any" },
  ] as const;

  it("carries every condition, in order, signed like any request", async () => {
    const { tables, requests } = await startTablesService(() => ({ status: 500, code: "InternalError" }));
    await expect(tables.incident.batch("p", writes)).rejects.toMatchObject({ mayHaveHappened: true });
    const [request] = requests();
    expect(request?.url).toBe("/test/$batch");
    expect(request?.headers.authorization).toMatch(/^SharedKeyLite test:/);
    expect(request?.headers["content-length"]).toBe(`${Buffer.byteLength(request?.body ?? "")}`);
    const lines = request?.body.split("\r\n").filter((line) => /^(?:POST|PUT|DELETE|If-Match)/.test(line));
    const place = `http://127.0.0.1:${request?.headers.host?.split(":")[1]}/test/incident`;
    expect(lines).toEqual([
      `POST ${place} HTTP/1.1`,
      `PUT ${place}(PartitionKey='p',RowKey='b') HTTP/1.1`,
      `If-Match: ${VERSION}`,
      `PUT ${place}(PartitionKey='p',RowKey='c') HTTP/1.1`,
      `DELETE ${place}(PartitionKey='p',RowKey='d') HTTP/1.1`,
      `If-Match: ${VERSION}`,
      `DELETE ${place}(PartitionKey='p',RowKey='e') HTTP/1.1`,
      "If-Match: *",
    ]);
  });

  it.each(["", "202 Accepted", "--batchresponse_x\r\nnothing"])(
    "with an answer like %j may have happened",
    async (body) => {
      const { tables } = await startTablesService(() => ({ status: 202, body }));
      await expect(tables.incident.batch("p", writes)).rejects.toMatchObject({
        name: "RetryableError",
        reason: "unreadable",
        mayHaveHappened: true,
      });
    },
  );
});
