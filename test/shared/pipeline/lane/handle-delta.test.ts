import { describe, expect, it } from "vitest";
import { createMemoryTables } from "../../../../local/store/memory-tables.ts";
import type { ConnectorId } from "../../../../shared/connectors/connector.ts";
import { handleDelta } from "../../../../shared/pipeline/lane/handle-delta.ts";
import { handlePollMessage } from "../../../../shared/pipeline/handle-poll-request.ts";
import { NO_METRICS } from "../../../../shared/pipeline/ports/metrics.ts";
import { TENANT } from "../../../build.ts";
import { createRecordingBus } from "../../../recording-bus.ts";
import { createVirtualClock } from "../../../virtual-clock.ts";

const GOOD = {
  v: 1,
  tenantId: TENANT,
  incidentId: "29",
  seq: 5,
  cause: "change",
  n: 0,
  to: "active",
  changed: [],
  changedAt: 1,
  seenAt: 2,
};

function createLanes() {
  const asked: string[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const refuse = (name: string): Promise<never> => {
    asked.push(name);
    return Promise.reject(new Error("asked for"));
  };
  const bus = createRecordingBus();
  return {
    asked,
    bus,
    lanes: {
      bus,
      random: { next: () => 0.5, uuid: () => "uuid" },
      tables: createMemoryTables(),
      clock: createVirtualClock(),
      log,
      metrics: NO_METRICS,
      laneDeps: refuse,
      detectDeps: refuse,
      subscriptionDeps: refuse,
    },
  };
}

describe("a message of a lane", () => {
  it.each([
    ["no object", "delta"],
    ["a number, as a body of digits arrives", 123],
    ["of a later version", { ...GOOD, v: 2 }],
    ["without a number", { ...GOOD, seq: undefined }],
    ["with an id that is a path", { ...GOOD, incidentId: "../29" }],
    ["with a name of tomorrow", { ...GOOD, priority: "high" }],
    ["with a cause of tomorrow", { ...GOOD, cause: "whim" }],
  ])("that is %s is parked with the reason, never guessed at", async (_name, message) => {
    const { lanes, asked } = createLanes();
    await handleDelta(lanes, "itsm" as ConnectorId, message, 0);
    const parked = [...(await lanes.tables.parked.range(TENANT)), ...(await lanes.tables.parked.range("unreadable"))];
    expect(parked).toHaveLength(1);
    expect(parked[0]?.value).toMatchObject({ reason: "malformed", what: "incident-deltas-itsm" });
    expect(asked).toEqual([]);
  });

  it("that is whole goes to its worker; one that cannot be made keeps the work in a copy, and burns no delivery", async () => {
    const { lanes, asked, bus } = createLanes();
    await handleDelta(lanes, "itsm" as ConnectorId, GOOD, 0);
    expect(asked).toEqual(["itsm"]);
    expect(bus.sent).toMatchObject([{ queue: "incident-deltas-itsm", body: { ...GOOD, cause: "retry", n: 1 } }]);
    expect(bus.sent[0]?.scheduledAt).toBeGreaterThan(lanes.clock.now());
  });

  it("parked twice is one row", async () => {
    const { lanes } = createLanes();
    await handleDelta(lanes, "itsm" as ConnectorId, "junk", 0);
    await handleDelta(lanes, "itsm" as ConnectorId, "junk", 0);
    expect(await lanes.tables.parked.range("unreadable")).toHaveLength(1);
  });
});

describe("a poll request", () => {
  it("of another shape is parked", async () => {
    const { lanes } = createLanes();
    await handlePollMessage(lanes, { v: 1, tenantId: TENANT, cause: "whim", requestedAt: 0 }, 0);
    expect(await lanes.tables.parked.range(TENANT)).toHaveLength(1);
  });
});
