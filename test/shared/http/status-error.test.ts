import { describe, expect, it } from "vitest";
import { statusError } from "../../../shared/http/status-error.ts";

const PLAIN = { retryAfterMs: undefined, isWrite: false, location: null };

describe("status to error", () => {
  it.each([
    [301, "RetryableError", "unauthorized", true],
    [302, "RetryableError", "unauthorized", true],
    [304, "RetryableError", "unauthorized", true],
    [308, "RetryableError", "unauthorized", true],
    [400, "PermanentError", "rejected", undefined],
    [401, "RetryableError", "unauthorized", false],
    [402, "PermanentError", "rejected", undefined],
    [403, "PermanentError", "unauthorized", undefined],
    [404, "PermanentError", "notFound", undefined],
    [405, "PermanentError", "rejected", undefined],
    [408, "RetryableError", "timeout", true],
    [409, "PermanentError", "rejected", undefined],
    [410, "PermanentError", "notFound", undefined],
    [412, "PermanentError", "rejected", undefined],
    [413, "PermanentError", "tooLarge", undefined],
    [418, "PermanentError", "rejected", undefined],
    [422, "PermanentError", "rejected", undefined],
    [425, "RetryableError", "busy", false],
    [429, "RetryableError", "throttled", false],
    [500, "RetryableError", "unavailable", true],
    [501, "RetryableError", "unavailable", true],
    [502, "RetryableError", "unavailable", true],
    [503, "RetryableError", "unavailable", true],
    [504, "RetryableError", "timeout", true],
    [599, "RetryableError", "unavailable", true],
  ])("%d is a %s(%s)", (status, name, reason, mayHaveHappened) => {
    const write = statusError(status, "GET tool.example/x", " (said)", { ...PLAIN, isWrite: true });
    expect(write).toMatchObject({ name, reason });
    expect(write.message).toContain(`GET tool.example/x answered ${status}`);
    expect(write.message).toContain(" (said)");
    expect("mayHaveHappened" in write ? write.mayHaveHappened : undefined).toBe(mayHaveHappened);
    const read = statusError(status, "GET tool.example/x", "", PLAIN);
    expect(read).toMatchObject({ name, reason });
    expect("mayHaveHappened" in read && read.mayHaveHappened).toBe(false);
  });

  it("a 503 that says when to come back was turned away, a 502 was not", () => {
    const options = { ...PLAIN, retryAfterMs: 5_000, isWrite: true };
    expect(statusError(503, "x", "", options)).toMatchObject({ retryAfterMs: 5_000, mayHaveHappened: false });
    expect(statusError(502, "x", "", options)).toMatchObject({ retryAfterMs: 5_000, mayHaveHappened: true });
    expect(statusError(429, "x", "", options)).toMatchObject({ retryAfterMs: 5_000, mayHaveHappened: false });
  });

  it("says of a refused credential what to look at, before the tool's own words", () => {
    expect(statusError(401, "x", " (said)", PLAIN).message).toBe(
      "x answered 401: check the credential, its secret, and that neither has expired (said)",
    );
  });

  it("names the host of a redirect, never its query", () => {
    const location = "https://login.example/oauth?state=secret";
    expect(statusError(302, "x", "", { ...PLAIN, location }).message).toBe(
      "x answered 302, a redirect to login.example: check the address and the credential (a sign-in page, or a wrong address)",
    );
    expect(statusError(302, "x", "", { ...PLAIN, location: "/login?x" }).message).toBe(
      "x answered 302, a redirect: check the address and the credential (a sign-in page, or a wrong address)",
    );
  });
});
