import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toolMessage } from "../../../shared/http/tool-message.ts";

describe("the tool's own message", () => {
  it.each([
    [
      "ServiceNow",
      { error: { message: "Rate limit exceeded", detail: "of 100" }, status: "failure" },
      "Rate limit exceeded: of 100",
    ],
    ["ServiceNow without detail", { error: { message: "No Record found", detail: null } }, "No Record found"],
    ["Graph", { error: { code: "BadRequest", message: "Invalid $top" } }, "Invalid $top"],
    ["Jira", { errorMessages: ["Issue does not exist"], errors: {} }, "Issue does not exist"],
    ["Jira's fields", { errorMessages: [], errors: { summary: "is required", x: 1 } }, "summary: is required"],
    ["QRadar", { http_response: { code: 404 }, code: 1002, message: "not found" }, "not found"],
    [
      "a token endpoint",
      { error: "invalid_client", error_description: "AADSTS7000215" },
      "invalid_client; AADSTS7000215",
    ],
    ["lines and controls", { message: "a\r\n\u001b[31mb\u0000\u202ec\u2028d" }, "a [31mb c d"],
  ])("%s", (_name, body, said) => {
    expect(toolMessage(JSON.stringify(body))).toBe(` (${said})`);
  });

  it.each([
    "",
    "<html>no</html>",
    "null",
    "[]",
    "7",
    '"text"',
    "{}",
    '{"error":null}',
    '{"message":{"a":1}}',
    '{"message":"\\n"}',
    '{"error":',
  ])("says nothing of %j", (body) => {
    expect(toolMessage(body)).toBe("");
  });

  it("is cut at 300 characters, no pair in two", () => {
    expect(toolMessage(JSON.stringify({ message: "x".repeat(5_000) }))).toBe(` (${"x".repeat(300)})`);
    expect(toolMessage(JSON.stringify({ message: `x${"🦊".repeat(500)}` }))).toBe(` (x${"🦊".repeat(149)})`);
  });

  it("is one clean line, whatever the tool says", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), (message) => {
        const said = toolMessage(JSON.stringify({ error: { message } }));
        expect(said.length).toBeLessThanOrEqual(303);
        expect(/\p{C}/u.test(said)).toBe(false);
      }),
    );
  });
});
