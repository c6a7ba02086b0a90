import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeUrl } from "../../page/view/safe-url.ts";

describe("safeUrl", () => {
  it.each([
    "https://security.microsoft.com/incidents/42?tid=1",
    "http://127.0.0.1:7071/tickets/1",
    "http://localhost:8080/",
    "http://simulator.localhost/",
    "http://[::1]:7071/",
  ])("takes %s", (url) => {
    expect(safeUrl(url)).toBe(url);
  });

  it.each([
    "",
    "/relative",
    "//evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://evil.example/1",
    "http://contoso.example/",
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example/",
    "https://security.microsoft.com@evil.example/",
    "https://user:password@contoso.example/",
  ])("refuses %j", (url) => {
    expect(safeUrl(url)).toBeUndefined();
  });

  it("answers anything, and never with a scheme that runs", () => {
    const url = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.tuple(fc.string(), fc.string()).map(([a, b]) => `${a}:${b}`),
    );
    fc.assert(
      fc.property(url, (raw) => {
        const safe = safeUrl(raw);
        expect(safe === undefined || /^https?:\/\//.test(safe)).toBe(true);
      }),
    );
  });
});
