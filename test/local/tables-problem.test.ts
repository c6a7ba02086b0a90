import { describe, expect, it } from "vitest";
import { tablesProblem } from "../../local/tables-problem.ts";

const KEY = Buffer.from("a key").toString("base64");

describe("tablesProblem", () => {
  it.each([
    "UseDevelopmentStorage=true",
    `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${KEY};EndpointSuffix=core.windows.net`,
    `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${KEY};TableEndpoint=http://127.0.0.1:10002/a`,
  ])("has nothing to say of %s", async (text) => {
    expect(await tablesProblem(text)).toBeUndefined();
  });

  it.each(["", "garbage", "https://account.table.core.windows.net", "AccountName=a;AccountKey=s3cr3t", "="])(
    "says that %j is none, without repeating it",
    async (text) => {
      const problem = await tablesProblem(text);
      expect(problem).toContain("connection string that cannot be read");
      expect(problem).not.toContain("s3cr3t");
    },
  );

  it("refuses to show a key to another machine in the clear", async () => {
    const text = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${KEY};TableEndpoint=http://tables.example/a`;
    expect(await tablesProblem(text)).toContain("must be https");
  });
});
