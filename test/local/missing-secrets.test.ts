import { expect, it } from "vitest";
import { missingSecrets } from "../../local/missing-secrets.ts";
import type { Config } from "../../shared/config/config.ts";

function configWith(kind: "clientSecret" | "certificate"): Config {
  const credential = { kind, clientId: "c", secret: "GRAPH_SECRET" };
  return { tenants: [{ credential }], connectors: [], doorbellSecrets: [] } as unknown as Config;
}

const PLACE = "tenants.0.credential.secret names the environment variable GRAPH_SECRET, which";

it.each([
  [undefined, "is not set; set it and start again"],
  ["", "is not set; set it and start again"],
  ["  ", "holds nothing but blanks; set it and start again"],
  ["s3cr3t\n", "holds a line break; set it without one and start again"],
  ["s3cr3t\r\nX-Other: 1", "holds a line break; set it without one and start again"],
])("says what is wrong with the secret %j, and never the secret", (value, fault) => {
  expect(missingSecrets(configWith("clientSecret"), { GRAPH_SECRET: value })).toEqual([`${PLACE} ${fault}`]);
});

it("takes a secret with blanks in it, and a certificate with its lines", () => {
  expect(missingSecrets(configWith("clientSecret"), { GRAPH_SECRET: " pass word " })).toEqual([]);
  const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  expect(missingSecrets(configWith("certificate"), { GRAPH_SECRET: pem })).toEqual([]);
});
