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

it.each([
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
