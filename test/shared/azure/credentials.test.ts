import type { TokenCredential } from "@azure/identity";
import { describe, expect, it } from "vitest";
import { tokenSource } from "../../../shared/azure/credentials.ts";
import { PermanentError, RetryableError } from "../../../shared/errors.ts";
import { errorOf } from "../http/loopback-http.ts";

const signal = new AbortController().signal;
const SCOPE = "https://graph.microsoft.com/.default";

describe("a source of tokens", () => {
  it("takes what the credential remembers, and a credential made anew where the token was refused", async () => {
    let made = 0;
    let held: TokenCredential | undefined;
    const token = tokenSource(({ isNew }) => {
      if (isNew || held === undefined) {
        made += 1;
        const name = `token-${made}`;
        held = { getToken: () => Promise.resolve({ token: name, expiresOnTimestamp: 0 }) };
      }
      return Promise.resolve(held);
    }, SCOPE);
    expect(await token(signal)).toBe("token-1");
    expect(await token(signal)).toBe("token-1");
    expect(await token(signal, { isFresh: true })).toBe("token-2");
    expect(await token(signal)).toBe("token-2");
  });

  it.each([
    ["a credential that fails", () => Promise.reject(new Error("AADSTS7000222"))],
    ["a credential without a token", () => Promise.resolve(null)],
  ])("says that nothing flows with %s, and not why in the service's words", async (_name, getToken) => {
    const token = tokenSource(() => Promise.resolve({ getToken }), SCOPE);
    const error = await errorOf(token(signal));
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).toMatchObject({ reason: "unauthorized", message: expect.not.stringContaining("AADSTS") as unknown });
  });

  it("lets a setting that is missing be mended", async () => {
    const missing = new PermanentError("misconfigured", "the environment variable X is not set");
    expect(await errorOf(tokenSource(() => Promise.reject(missing), SCOPE)(signal))).toBe(missing);
  });
});
