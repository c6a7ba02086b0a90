import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { loadConfig } from "../../../shared/config/load-config.ts";
import { namedSecrets } from "../../../shared/config/named-secrets.ts";

const LEAST = { id: "soar", kind: "webhook", url: "https://soar.contoso.com/hooks/dex", secret: "SOAR" };

function load(connector: Record<string, unknown>) {
  const folder = mkdtempSync(join(tmpdir(), "dex-sync-webhook-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "dex-sync.config.json");
  const tenant = { id: "t1", credential: { kind: "managedIdentity" } };
  writeFileSync(file, JSON.stringify({ tenants: [tenant], connectors: [connector] }));
  return loadConfig(file);
}

it("names its secret, and the one before while it is changed", async () => {
  const name = async (connector: Record<string, unknown>) => namedSecrets(await load(connector));
  const secret = { place: "connectors.0.secret", name: "SOAR", kind: "signature" };
  expect(await name(LEAST)).toStrictEqual([secret]);
  expect(await name({ ...LEAST, previousSecret: "SOAR_OLD" })).toStrictEqual([
    secret,
    { place: "connectors.0.previousSecret", name: "SOAR_OLD", kind: "signature" },
  ]);
});

it("names the variable of an address that is itself a secret", async () => {
  const config = await load({ ...LEAST, url: undefined, urlSecret: "SOAR_URL" });
  expect(namedSecrets(config)).toContainEqual({ place: "connectors.0.urlSecret", name: "SOAR_URL", kind: "address" });
});

it.each([
  ["neither an address nor its secret", { url: undefined }],
  ["both", { urlSecret: "SOAR_URL" }],
])("refuses %s in one line that names place and mend", async (_name, change) => {
  await expect(load({ ...LEAST, ...change })).rejects.toMatchObject({
    problems: [
      'connectors.0: needs "url", or "urlSecret" where the address is itself a secret, and not both; name one of the two',
    ],
  });
});

it.each([
  [
    "an address where its name belongs",
    { url: undefined, urlSecret: "https://soar.contoso.com/?sig=s3cret" },
    "must name an environment variable",
  ],
  ["a secret itself", { secret: "whsec_c2VjcmV0" }, "must name an environment variable"],
  ["none", { secret: undefined }, '"secret" is missing'],
  ["an address with a query", { url: "https://soar.contoso.com/hooks?sig=secret" }, "without a query"],
  ["an address with a password", { url: "https://u:p@soar.contoso.com/hooks" }, "must not hold a user name"],
  ["plain http", { url: "http://soar.contoso.com/hooks" }, "use https"],
  ["a mapping", { mapping: {} }, 'unknown name "mapping"'],
])("refuses %s", async (_name, change, words) => {
  await expect(load({ ...LEAST, ...change })).rejects.toMatchObject({
    problems: [expect.stringContaining(words)],
  });
});
