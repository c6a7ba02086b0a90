import { describe, expect, it } from "vitest";
import { unusableSecrets } from "../../../local/unusable-secrets.ts";
import { missingSecrets } from "../../../local/missing-secrets.ts";
import type { Config } from "../../../shared/config/config.ts";
import { readSecretAddress } from "../../../shared/config/secret-address.ts";

const ADDRESS =
  "https://prod-1.westeurope.logic.azure.com:443/workflows/w/triggers/manual/paths/invoke?sv=1.0&sig=s3cret";

/** Bad values, what is said of each, and nothing of the value in it. */
const BAD = [
  ["no address", "s3cret", "is no address"],
  ["a secret of signatures", "whsec_s3cretMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "is no address"],
  ["a host alone", "soar.contoso.com/hooks?sig=s3cret", "is no address"],
  ["another scheme", "ftp://soar.contoso.com/?sig=s3cret", "is no address"],
  ["no host", "https://?sig=s3cret", "is no address"],
  ["a port that is none", "https://soar.contoso.com:99999/?sig=s3cret", "is no address"],
  ["a line break", `${ADDRESS}\n`, "is no address"],
  ["two lines", ADDRESS.replace("&sig", "\n&sig"), "is no address"],
  ["quotes around it", `"${ADDRESS}"`, "is no address"],
  ["plain http", "http://soar.contoso.com/?sig=s3cret", "must be https"],
  ["a user and a password", "https://dex:s3cret@soar.contoso.com/?sig=s3cret", "must not hold a user name"],
  ["a user", "https://s3cret@soar.contoso.com/", "must not hold a user name"],
  ["a fragment", "https://soar.contoso.com/#s3cret", "must not hold a fragment"],
  ["an empty fragment", "https://soar.contoso.com/?sig=s3cret#", "must not hold a fragment"],
] as const;

function configWith(allowPrivate: readonly string[] = []): Config {
  const soar = { id: "soar", kind: "webhook", urlSecret: "SOAR_URL", secret: "SOAR" };
  return { tenants: [], connectors: [soar], doorbellSecrets: [], allowPrivate } as unknown as Config;
}

describe("an address that an environment variable holds", () => {
  it.each([ADDRESS, "https://soar.contoso.com", "HTTPS://soar.contoso.com/a?b=c"])("may be %s", (url) => {
    expect(readSecretAddress(url, [])).toStrictEqual({ url });
    expect(unusableSecrets(configWith(), { SOAR_URL: url })).toEqual([]);
  });

  it("may be plain http where private addresses are let through: which, is checked when it is called", () => {
    const url = "http://10.1.2.3/hooks?sig=s3cret";
    expect(readSecretAddress(url, ["10.0.0.0/8"])).toStrictEqual({ url });
  });

  it.each(BAD)("may not be %s, which the start says in one line without repeating it", (_what, value, words) => {
    const problems = unusableSecrets(configWith(), { SOAR_URL: value });
    expect(problems).toEqual([expect.stringContaining(`connectors.0.urlSecret: the address in SOAR_URL ${words}`)]);
    expect(problems.join()).not.toContain("s3cret");
  });

  it.each([undefined, ""])("is missing where its variable is %j, and nothing else is said of it", (value) => {
    const env = { SOAR: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SOAR_URL: value };
    expect(missingSecrets(configWith(), env)).toEqual([
      "connectors.0.urlSecret names the environment variable SOAR_URL, which is not set; set it and start again",
    ]);
    expect(unusableSecrets(configWith(), env)).toEqual([]);
  });
});
