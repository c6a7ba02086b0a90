import { describe, expect, it } from "vitest";
import type { CheckFinding, TicketConnector } from "../../../../shared/connectors/connector.ts";
import { RetryableError } from "../../../../shared/errors.ts";
import { createFirstCheck, readFindings } from "../../../../shared/pipeline/lane/first-check.ts";
import { healthOf } from "../../../../shared/pipeline/overview/health.ts";
import { syncTicket } from "../../../../shared/pipeline/lane/sync-ticket.ts";
import { createRecordingLog } from "../../../recording-log.ts";
import { createLane } from "../../../ticket-lane.ts";
import { anOverview } from "../../../page/overview-fixture.ts";

const ERROR: CheckFinding = {
  severity: "error",
  place: "mapping.closeCodes.truePositive",
  problem: "the instance has no such code",
  mend: "name another",
};
const WARNING: CheckFinding = { ...ERROR, severity: "warning", place: "mapping" };

/** A lane whose connector answers its checks from a list; the last is kept. */
async function createCheckedLane(answers: (readonly CheckFinding[] | Error | "never")[]) {
  const lane = await createLane();
  const log = createRecordingLog();
  let checks = 0;
  const connector: TicketConnector = {
    ...lane.tool.connector,
    check(signal) {
      const answer = answers[Math.min(checks, answers.length - 1)] ?? [];
      checks += 1;
      if (answer instanceof Error) return Promise.reject(answer);
      if (answer !== "never") return Promise.resolve(answer);
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new RetryableError("timeout", "no answer")), { once: true });
      });
    },
  };
  const { clock } = lane;
  const { control } = lane.tables;
  const deps = { ...lane.deps, connector, firstCheck: createFirstCheck({ connector, control, clock, log }) };
  return {
    ...lane,
    log,
    checks: () => checks,
    findings: () => readFindings(control, connector.id),
    run: async (fields: Parameters<typeof lane.change>[0]) =>
      syncTicket(deps, await lane.change(fields), lane.clock.now()),
  };
}

describe("the first check", () => {
  it("comes before the first ticket of a process, and not before the next", async () => {
    const lane = await createCheckedLane([[]]);
    await lane.run({ status: "active" });
    expect(lane.checks()).toBe(1);
    await lane.run({ status: "inProgress" });
    expect(lane.checks()).toBe(1);
    await expect(lane.findings()).resolves.toEqual([]);
  });

  it("tells what it finds once, keeps it for health, writes tickets all the same, and looks again until it is mended", async () => {
    const lane = await createCheckedLane([[ERROR, WARNING], [ERROR, WARNING], []]);
    await expect(lane.run({ status: "active" })).resolves.toBe("created");
    await expect(lane.findings()).resolves.toEqual([ERROR, WARNING]);
    await lane.clock.advance(10 * 60_000);
    await expect(lane.run({ status: "inProgress" })).resolves.toBe("updated");
    expect(lane.log.lines.filter(({ message }) => message.startsWith("the configuration"))).toHaveLength(2);
    await lane.clock.advance(10 * 60_000);
    await lane.run({ status: "resolved" });
    await expect(lane.findings()).resolves.toEqual([]);
    await lane.clock.advance(10 * 60_000);
    await lane.run({ status: "inProgress" });
    expect(lane.checks()).toBe(3);
  });

  it("that cannot be made keeps nothing back, and is made a minute later", async () => {
    const lane = await createCheckedLane([new RetryableError("unavailable", "503"), [WARNING]]);
    await expect(lane.run({ status: "active" })).resolves.toBe("created");
    await lane.run({ status: "inProgress" });
    expect(lane.checks()).toBe(1);
    await lane.clock.advance(60_000);
    await lane.run({ status: "resolved" });
    await expect(lane.findings()).resolves.toEqual([WARNING]);
  });

  it("that has no answer is given up, and the ticket is written in the time that is left", async () => {
    const lane = await createCheckedLane(["never"]);
    const running = lane.run({ status: "active" });
    for (let step = 0; step < 20; step += 1) await lane.clock.advance(1_000);
    await expect(running).resolves.toBe("created");
  });
});

describe("health", () => {
  it("is late with an error's place and mend; a warning is only said", () => {
    const overview = anOverview();
    const withFindings = (findings: readonly CheckFinding[]) =>
      healthOf({
        ...overview,
        connectors: overview.connectors.map((connector) => ({ ...connector, parked: 0, problem: "", findings })),
        incidents: [],
      }).connectors[0];
    const text = (finding: CheckFinding): string => `${finding.place}: ${finding.problem}; ${finding.mend}`;
    expect(withFindings([ERROR])).toMatchObject({ status: "late", problems: [text(ERROR)] });
    expect(withFindings([WARNING])).toMatchObject({ status: "ok", problems: [], warnings: [text(WARNING)] });
    expect(withFindings([])).not.toHaveProperty("warnings");
  });
});
