import { describe, expect, it } from "vitest";
import { qradarProblems } from "../../../shared/config/qradar-problems.ts";
import type { ConfigFile, QRadarConfig } from "../../../shared/config/schema.ts";

function qradar(overrides: Partial<QRadarConfig> = {}): QRadarConfig {
  return {
    id: "qradar",
    kind: "qradar",
    url: "https://qradar.contoso.com",
    auth: { kind: "token", secret: "K" },
    syslog: { host: "qradar.contoso.com", port: 6514 },
    ...overrides,
  };
}

function problemsOf(connectors: readonly QRadarConfig[], allowPrivate: string[] = []): readonly string[] {
  const file: ConfigFile = {
    tenants: [{ id: "a", credential: { kind: "managedIdentity" } }],
    connectors: [...connectors],
    network: { allowPrivate },
  };
  return qradarProblems(file);
}

const PLAIN = { host: "10.0.0.5", port: 514, tls: false };

describe("a connector to QRadar", () => {
  it.each([
    ["encrypted", [qradar()], []],
    ["unencrypted inside a range that is let through", [qradar({ syslog: PLAIN })], ["10.0.0.0/8"]],
    ["two consoles", [qradar(), qradar({ id: "other", url: "https://other.contoso.com" })], []],
  ] as const)("is taken: %s", (_what, connectors, allowPrivate) => {
    expect(problemsOf(connectors, [...allowPrivate])).toEqual([]);
  });

  it.each([
    [
      "unencrypted without such a range",
      [qradar({ syslog: PLAIN })],
      [],
      /^connectors\.0\.syslog\.tls: .*allowPrivate/,
    ],
    [
      "a client certificate that nobody sees",
      [qradar({ syslog: { ...PLAIN, certificate: "C" } })],
      ["10.0.0.0/8"],
      /^connectors\.0\.syslog\.certificate: /,
    ],
    [
      "one console in two connectors",
      [qradar(), qradar({ id: "other", url: "https://QRADAR.contoso.com/" })],
      [],
      /^connectors\.1\.url: connectors\.0 \("qradar"\) sends to this console already/,
    ],
  ] as const)("is refused: %s", (_what, connectors, allowPrivate, problem) => {
    expect(problemsOf(connectors, [...allowPrivate])).toEqual([expect.stringMatching(problem)]);
  });
});
