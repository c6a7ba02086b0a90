import { describe, expect, it } from "vitest";
import { diagnosisIn } from "../../page/data/fetch-diagnosis.ts";
import { diagnosisSummary, examinedAreas } from "../../page/view/diagnosis-view.ts";
import type { Diagnosis, DoctorFinding } from "../../shared/pipeline/doctor/diagnosis.ts";

function finding(area: string, verdict: string, seen = "seen"): DoctorFinding {
  return { area, about: "", verdict, seen, mend: "" } as DoctorFinding;
}

function diagnosis(...findings: readonly DoctorFinding[]): Diagnosis {
  return { at: 0, status: "ok", findings };
}

describe("a diagnosis on the page", () => {
  it("is by area, and what is wrong comes first", () => {
    const areas = examinedAreas(
      diagnosis(
        finding("tables", "ok", "1"),
        finding("connector", "ok", "2"),
        finding("bus", "notLooked", "3"),
        finding("graph", "warning", "4"),
        finding("connector", "error", "5"),
        finding("moon", "eclipsed", "6"),
      ),
    );
    expect(areas.map(({ name, worst, findings }) => [name, worst, ...findings.map(({ seen }) => seen)])).toEqual([
      ["moon", "eclipsed", "6"],
      ["Tools", "error", "5", "2"],
      ["Microsoft Graph", "warning", "4"],
      ["Tables", "ok", "1"],
      ["Queues", "notLooked", "3"],
    ]);
  });

  it.each([
    [["ok", "ok"], "Nothing is wrong: 2 fine."],
    [["error", "ok"], "1 thing to mend: 1 fine."],
    [["error", "error", "warning", "notLooked"], "2 things to mend: 1 to know, 1 not looked at, 0 fine."],
  ])("%s is summed up", (verdicts, summary) => {
    expect(diagnosisSummary(diagnosis(...verdicts.map((verdict) => finding("bus", verdict))))).toBe(summary);
  });

  it("is taken only where it is one", () => {
    const good = diagnosis(finding("bus", "ok"));
    expect(diagnosisIn(good, 200)).toEqual({ diagnosis: good });
    const problem = (answered: unknown, status: number): unknown => diagnosisIn(answered, status);
    expect(problem({ findings: [{ area: "bus" }] }, 200)).toEqual({
      problem: "The answer is no diagnosis of dex-sync.",
    });
    expect(problem("<html>", 200)).toEqual({ problem: "The answer is no diagnosis of dex-sync." });
    expect(problem({ problems: ["one", "two"] }, 503)).toEqual({ problem: "one; two" });
    expect(problem(null, 500)).toEqual({ problem: "The server answered with status 500." });
  });
});
