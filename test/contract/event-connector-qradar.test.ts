import { expect, it } from "vitest";
import { RetryableError } from "../../shared/errors.ts";
import { createEventLane } from "../event-lane.ts";
import { hiddenIn, htmlIn, linkIn } from "../shared/connectors/inertness.ts";
import { parseLeef } from "../shared/connectors/qradar/leef-parser.ts";
import { type EventHarness, type ReceivedEvent, describeEventConnector } from "./event-connector.ts";
import { type QRadarBench, startQRadarBench } from "./qradar-bench.ts";

/** The events of the connector by themselves, without the offense. */
async function startHarness(given?: QRadarBench): Promise<EventHarness> {
  const bench = given ?? (await startQRadarBench());
  const { simulator } = bench;
  const connector = bench.connect();
  let isAnswerLost = false;
  return {
    connector: {
      id: connector.id,
      kind: connector.kind,
      async send(event, signal) {
        const before = simulator.lines().length;
        await connector.tell?.(event, signal);
        // What is written takes a moment to arrive.
        await expect.poll(() => simulator.lines().length, { interval: 2 }).toBeGreaterThan(before);
        if (!isAnswerLost) return;
        // Syslog has no answers: whoever wrote the line may yet fail before that is noted down.
        isAnswerLost = false;
        throw new RetryableError("timeout", "no answer", { mayHaveHappened: true });
      },
    },
    received: () => simulator.lines().map(receivedOf),
    loseAnswer() {
      isAnswerLost = true;
    },
    goAway: () => simulator.faults.add({ kind: "status", status: 503 }),
    comeBack: () => simulator.faults.clear(),
    requestCount: () => simulator.requests.read().total,
    isLive: (wire) =>
      [...parseLeef(wire).attributes]
        .filter(([key]) => key !== "url")
        .map(([, value]) => hiddenIn(value) ?? linkIn(value) ?? htmlIn(value))
        .find((found) => found !== undefined),
    close: bench.close,
  };
}

function receivedOf(line: string): ReceivedEvent {
  const { attributes } = parseLeef(line);
  const value = (key: string): string => attributes.get(key) ?? "";
  return {
    id: value("mdxEventId"),
    incidentId: value("mdxIncidentId"),
    sequence: Number(value("mdxSeq")),
    stage: value("mdxStage"),
    skipped: value("mdxSkipped") === "" ? [] : value("mdxSkipped").split(","),
    content: line,
    wire: line,
  };
}

describeEventConnector("QRadar's events", startHarness);

it("QRadar's events: a receiver that is away is waited for, and misses nothing", async () => {
  const bench = await startQRadarBench();
  const harness = await startHarness(bench);
  try {
    const lane = createEventLane({ connector: harness.connector });
    await bench.simulator.stopSyslog();
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("waiting");
    expect(await lane.run(await lane.change({ status: "awaitingAction" }))).toBe("folded");
    await bench.simulator.restartSyslog();
    expect(await lane.drain()).toStrictEqual(["sent"]);
    expect(harness.received()).toMatchObject([{ stage: "awaitingCustomerAction", skipped: ["inProgress"] }]);
  } finally {
    await bench.close();
  }
});
