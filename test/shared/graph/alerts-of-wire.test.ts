import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReadAlert, alertsPartOf } from "../../../shared/graph/alerts-of-wire.ts";

const REMEDIATIONS = ["none", "active", "pendingApproval", "remediated"];
const file = fc.record({
  "@odata.type": fc.constant("#microsoft.graph.security.fileEvidence"),
  verdict: fc.constantFrom("malicious", "suspicious", "clean"),
  remediationStatus: fc.constantFrom(...REMEDIATIONS),
  remediationStatusDetails: fc.constantFrom("", "waits"),
  fileDetails: fc.record({
    fileName: fc.constantFrom("evil.exe", "Evil.exe", "other.exe"),
    filePath: fc.constantFrom("c:\\", "C:\\"),
    sha1: fc.constantFrom("a", "A"),
  }),
});
const device = fc.record({
  "@odata.type": fc.constant("#microsoft.graph.security.deviceEvidence"),
  deviceDnsName: fc.constantFrom("PC-1", "pc-1", "pc-2"),
  osPlatform: fc.constantFrom("Windows11", "windows10"),
});
const alert: fc.Arbitrary<ReadAlert> = fc.record({
  wire: fc.record({
    id: fc.constantFrom("a", "b", "c"),
    title: fc.constantFrom("one", "two"),
    createdDateTime: fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
    lastUpdateDateTime: fc.constantFrom("2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z"),
    mitreTechniques: fc.constant(Array.from({ length: 25 }, (_unused, index) => `T${index}`)),
  }),
  evidence: fc.array(fc.oneof(file, device), { maxLength: 5 }),
});

function part(alerts: readonly ReadAlert[]) {
  return alertsPartOf({ alerts, count: alerts.length, isCut: false, readAt: 0 });
}

describe("alerts and what they name", () => {
  it("are the same whatever the order they come in", () => {
    const shuffled = fc
      .array(alert, { maxLength: 8 })
      .chain((alerts) =>
        fc.tuple(
          fc.constant(alerts),
          fc.shuffledSubarray(alerts, { minLength: alerts.length, maxLength: alerts.length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([alerts, others]) => {
        const turned = others.map(({ wire, evidence }) => ({
          wire: { ...wire, mitreTechniques: (wire.mitreTechniques ?? []).toReversed() },
          evidence: evidence.toReversed(),
        }));
        expect(part(turned)).toEqual(part(alerts));
      }),
    );
  });

  it("are shown once whatever their case, at their worst, in the smallest spelling", () => {
    const named = (fileName: string, verdict: string) => ({
      "@odata.type": "#microsoft.graph.security.fileEvidence",
      verdict,
      fileDetails: { fileName },
    });
    const read = part([
      { wire: { id: "a" }, evidence: [named("evil.exe", "suspicious")] },
      { wire: { id: "b" }, evidence: [named("Evil.exe", "suspicious"), named("evil.exe", "malicious")] },
    ]);
    expect(read.evidence).toMatchObject([{ name: "Evil.exe", verdict: "malicious" }]);
  });

  it("count an alert that came on two pages once, in its newest state", () => {
    const at = (title: string, day: string): ReadAlert => ({
      wire: { id: "a", title, lastUpdateDateTime: `2026-01-${day}T00:00:00Z` },
      evidence: [],
    });
    expect(part([at("new", "04"), at("old", "03")])).toMatchObject({ count: 1, rows: [{ title: "new" }] });
  });
});
