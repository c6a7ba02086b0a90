import { describe, expect, it } from "vitest";
import { createLoopbackHttp, errorOf, get, post } from "./loopback-http.ts";
import { answerJson, answerText, startLoopbackServer } from "./loopback-server.ts";

const PASSWORD = 'cörrect "horse"/+\\ battery';
const BASIC = Buffer.from(`dex-sync:${PASSWORD}`).toString("base64");
const API_KEY = "key/123456+";
const CLIENT_SECRET = "s3cr3t+/ s3cr3t";
const REQUEST = {
  headers: { authorization: `Basic ${BASIC}`, "x-sn-apikey": API_KEY },
  secrets: [CLIENT_SECRET],
};

describe("a refusal that says back a credential", () => {
  it.each([[[403]], [[]]])("loses it, whether the caller looks at the refusal itself (%j) or not", async (expected) => {
    const server = await startLoopbackServer((response, { headers }) => {
      answerJson(403, { error: { message: `refused ${headers.authorization ?? ""}` } })(response, anyRequest);
    });
    const headers = { authorization: "Bearer secret-token-42" };
    const answer = await createLoopbackHttp()
      .send(get(server.url, { headers, expect: expected }))
      .then(
        (response) => `${response.text} ${JSON.stringify(response.json())}`,
        (error: unknown) => String(error),
      );
    expect(answer).toContain("refused");
    expect(answer).not.toContain("secret-token-42");
  });

  const escaped = (text: string): string =>
    text.replace(/[^\w ]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  it.each([
    ["the password inside of Basic", JSON.stringify({ message: `no such user: ${PASSWORD}.` }), "no such user: "],
    ["the pair", JSON.stringify({ message: `no: dex-sync:${PASSWORD}.` }), "no: "],
    ["the header's value", JSON.stringify({ message: `no: Basic ${BASIC}.` }), "no: "],
    ["an API key", JSON.stringify({ message: `no: ${API_KEY}.` }), "no: "],
    ["a client secret in the body", JSON.stringify({ message: `no: ${CLIENT_SECRET}.` }), "no: "],
    ["it as the form had it", JSON.stringify({ message: "no: s3cr3t%2B%2F+s3cr3t." }), "no: "],
    ["it as an address has it", JSON.stringify({ message: "no: s3cr3t%2B%2F%20s3cr3t." }), "no: "],
    ["it spelled otherwise by JSON", `{"message":"no: ${escaped(PASSWORD)}."}`, "no: "],
    ["it with its slash escaped", '{"message":"no: key\\/123456+."}', "no: "],
    ["it deep inside", JSON.stringify({ error: { message: "no", detail: `${CLIENT_SECRET}.` } }), "no: "],
  ])("loses %s", async (_what, body, before) => {
    const server = await startLoopbackServer(answerText(400, body, { "content-type": "application/json" }));
    const http = createLoopbackHttp();
    const error = await errorOf(http.send(post(server.url, REQUEST)));
    expect((error as Error).message).toMatch(/answered 400 \(.*\[redacted\]\.\)$/);
    expect((error as Error).message).toContain(`(${before}`);
    const seen = await http.send(post(server.url, { ...REQUEST, expect: [400] }));
    for (const text of [seen.text, JSON.stringify(seen.json())]) {
      expect(text).toContain("[redacted].");
      expect(text).not.toMatch(/horse|123456|s3cr3t/);
    }
  });

  it("loses it before the words are cut: no part of it is left at the end", async () => {
    const server = await startLoopbackServer(answerJson(400, { message: `${"x".repeat(295)}${CLIENT_SECRET}` }));
    const error = await errorOf(createLoopbackHttp().send(post(server.url, REQUEST)));
    expect((error as Error).message).toContain(`${"x".repeat(295)}[reda)`);
  });

  it.each([
    ["what is no JSON", "no JSON: ", ""],
    ["JSON that is too deep to be walked", `${"[".repeat(20_000)}"`, `"${"]".repeat(20_000)}`],
  ])("loses it from %s", async (_what, before, after) => {
    const server = await startLoopbackServer(answerText(400, before + CLIENT_SECRET + after, {}));
    const seen = await createLoopbackHttp().send(post(server.url, { ...REQUEST, expect: [400] }));
    expect(seen.text === `${before}[redacted]${after}`).toBe(true);
  });

  it("is left as it is where it says none", async () => {
    const body = '{ "error" : { "message" : "no", "detail" : null } }';
    const server = await startLoopbackServer(answerText(400, body, { "content-type": "application/json" }));
    const seen = await createLoopbackHttp().send(post(server.url, { ...REQUEST, expect: [400] }));
    expect(seen.text).toBe(body);
  });
});

const anyRequest = { method: "", url: "", headers: {}, body: "" };
