import { describe, expect, it } from "vitest";
import type { Alert, Incident } from "../../../shared/incident/incident.ts";
import { type Route, isRouted } from "../../../shared/incident/route.ts";
import { SEVERITIES } from "../../../shared/incident/verdict.ts";
import { anIncident } from "../../build.ts";

function withCategory(category: string): Partial<Incident> {
  const rows = [{ id: "a", category: "Execution" } as Alert, { id: "b", category } as Alert];
  return { alerts: { readAt: 1, count: 2, rows, assets: [], evidence: [] } };
}

describe("a route", () => {
  it.each([...SEVERITIES, "unknownFutureValue", ""])("that names nothing wants everything: %s", (severity) => {
    expect(isRouted(anIncident({ severity, customTags: [], systemTags: [] }), {})).toBe(true);
  });

  it.each<[string, Partial<Incident>, Route, boolean]>([
    ["a severity of the list", { severity: "High" }, { severities: ["medium", "high"] }, true],
    ["another severity", { severity: "low" }, { severities: ["medium", "high"] }, false],
    ["a severity that is not set", { severity: "" }, { severities: ["high"] }, true],
    ["a severity of tomorrow", { severity: "catastrophic" }, { severities: ["high"] }, true],
    ["a custom tag, whatever its case", { customTags: ["x", "VIP"] }, { tags: ["vip"] }, true],
    ["a system tag", { systemTags: ["Defender Experts"] }, { tags: ["Defender experts"] }, true],
    ["no such tag", { customTags: ["vip customer"] }, { tags: ["vip"] }, false],
    ["a category of one alert", withCategory("Ransomware"), { categories: ["ransomware"] }, true],
    ["a category as the portal spells it", withCategory("InitialAccess"), { categories: ["Initial access"] }, true],
    ["another category", withCategory("Malware"), { categories: ["Ransomware"] }, false],
    ["a category, and alerts that were not read yet", {}, { categories: ["Ransomware"] }, false],
    ["a notification", { title: "Defender Experts: hunting" }, { kinds: ["notification"] }, true],
    ["no notification", { title: "Malware" }, { kinds: ["notification"] }, false],
    ["an incident, and not a notification", { title: "Defender Experts: hunting" }, { kinds: ["incident"] }, false],
    [
      "all that is named together",
      { severity: "high", customTags: ["vip"] },
      { severities: ["high"], tags: ["vip"] },
      true,
    ],
    ["only one of two", { severity: "low", customTags: ["vip"] }, { severities: ["high"], tags: ["vip"] }, false],
  ])("asks about %s", (_name, incident, route, expected) => {
    expect(isRouted(anIncident(incident), route)).toBe(expected);
  });
});
