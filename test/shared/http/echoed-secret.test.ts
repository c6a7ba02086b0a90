import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttp } from "../../../shared/http/request.ts";
import { systemClock } from "../../../shared/system.ts";

/** A tool, or a proxy before it, that says back what it was sent. */
const server = createServer((request, response) => {
  response.writeHead(403, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { message: `refused ${request.headers.authorization ?? ""}` } }));
});
const http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock: systemClock, userAgent: "test" });
let url = "";

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/`;
});
afterAll(async () => {
  await http.close();
  server.close();
});

describe("a refusal that says back the credential", () => {
  it.each([[[403]], [[]]])("loses it, whether the caller looks at the refusal itself (%j) or not", async (expected) => {
    const answer = await http
      .send({
        method: "GET",
        url,
        headers: { authorization: "Bearer secret-token-42" },
        timeoutMs: 5_000,
        accept: "json",
        expect: expected,
      })
      .then(
        (response) => response.text,
        (error: unknown) => String(error),
      );
    expect(answer).toContain("refused");
    expect(answer).not.toContain("secret-token-42");
  });
});
