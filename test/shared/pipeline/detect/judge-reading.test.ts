import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConnectorId } from "../../../../shared/connectors/connector.ts";
import type { Incident, IncidentId } from "../../../../shared/incident/incident.ts";
import { revisionOf } from "../../../../shared/incident/revision.ts";
import {
  type Judgement,
  type Reading,
  judgeReading,
  withMerged,
} from "../../../../shared/pipeline/detect/judge-reading.ts";
import type { StoredSnapshot } from "../../../../shared/pipeline/stored-snapshot.ts";
import { anIncident } from "../../../build.ts";

const EARLIER = "2026-02-25T16:00:00.0000001Z";
const LATER = "2026-02-25T16:00:00.0000002Z";

function at(updatedAt: string, overrides: Partial<Incident> = {}): Incident {
  return anIncident({ ...overrides, updatedAt, revision: revisionOf(updatedAt) as Incident["revision"] });
}

function reading(incident: Incident, overrides: Partial<Reading> = {}): Reading {
  return {
    incident,
    order: { fence: 1, counter: 2 },
    now: 1_000_000,
    marks: ["lane:itsm", "open", "report"],
    ...overrides,
  };
}

function snapshotOf(judgement: Judgement): StoredSnapshot {
  if (judgement.kind === "unchanged") throw new Error("no snapshot");
  return judgement.snapshot;
}

function first(incident: Incident): StoredSnapshot {
  return { ...snapshotOf(judgeReading(undefined, reading(incident, { order: { fence: 1, counter: 1 } }))), marks: [] };
}

describe("judgeReading", () => {
  it("publishes a new incident with every mark", () => {
    const judgement = judgeReading(undefined, reading(at(EARLIER)));
    expect(judgement.kind).toBe("change");
    expect(snapshotOf(judgement)).toMatchObject({ seq: 1_000_000, marks: ["lane:itsm", "open", "report"] });
    expect(snapshotOf(judgement).delta.from).toBeUndefined();
  });

  it("owes the open rows nothing for what is closed when it is first seen, and its row's end when it closes later", () => {
    const closed = at(LATER, { status: "resolved" });
    expect(snapshotOf(judgeReading(undefined, reading(closed))).marks).toEqual(["lane:itsm", "report"]);
    expect(snapshotOf(judgeReading(first(at(EARLIER)), reading(closed))).marks).toContain("open");
  });

  it("publishes nothing for the same row read again", () => {
    const before = first(at(EARLIER));
    expect(judgeReading(before, reading(at(EARLIER))).kind).toBe("unchanged");
  });

  it("remembers a touch without a change, and publishes nothing", () => {
    const judgement = judgeReading(first(at(EARLIER)), reading(at(LATER)));
    expect(judgement.kind).toBe("remember");
    expect(snapshotOf(judgement)).toMatchObject({ seq: 1_000_000, marks: [] });
    expect(snapshotOf(judgement).incident.updatedAt).toBe(LATER);
  });

  it("takes a newer row and says what changed", () => {
    const judgement = judgeReading(
      first(at(EARLIER)),
      reading(at(LATER, { status: "inProgress", assignedTo: "Defender Experts" })),
    );
    expect(snapshotOf(judgement).delta).toEqual({
      from: "active",
      to: "inProgress",
      changed: ["assignedTo", "status"],
    });
    expect(snapshotOf(judgement).seq).toBe(1_000_001);
  });

  it("takes other content of equal revision only from a reading that began later", () => {
    const before = first(at(EARLIER));
    const other = at(EARLIER, { comments: [{ author: "a", createdAt: EARLIER, text: "b" }] });
    expect(judgeReading(before, reading(other, { order: { fence: 1, counter: 1 } })).kind).toBe("unchanged");
    expect(judgeReading(before, reading(other, { order: { fence: 0, counter: 9 } })).kind).toBe("unchanged");
    expect(judgeReading(before, reading(other, { order: { fence: 2, counter: 0 } })).kind).toBe("change");
  });

  it("believes a lower revision only when a second reading a minute later agrees", () => {
    const fromTheFuture = first(at(LATER, { status: "resolved" }));
    const truth = at(EARLIER, { status: "inProgress" });
    const doubted = judgeReading(fromTheFuture, reading(truth, { order: { fence: 2, counter: 1 }, now: 2_000_000 }));
    expect(doubted.kind).toBe("remember");
    expect(snapshotOf(doubted).incident.status).toBe("resolved");
    const soon = judgeReading(snapshotOf(doubted), reading(truth, { order: { fence: 2, counter: 2 }, now: 2_059_999 }));
    expect(soon.kind).toBe("unchanged");
    const later = judgeReading(
      snapshotOf(doubted),
      reading(truth, { order: { fence: 3, counter: 1 }, now: 2_060_000 }),
    );
    expect(later.kind).toBe("change");
    expect(snapshotOf(later).incident.status).toBe("inProgress");
    expect(snapshotOf(later).doubt).toBeUndefined();
  });

  it("never takes an alerts part that was not read for an empty one", () => {
    const alerts = { readAt: 5, count: 1, rows: [], assets: [{ kind: "device" as const, name: "pc-1" }], evidence: [] };
    const before = first(at(EARLIER, { alerts }));
    const judgement = judgeReading(before, reading(at(LATER, { status: "resolved" })));
    expect(snapshotOf(judgement).incident.alerts).toEqual(alerts);
    expect(snapshotOf(judgement).delta.changed).toEqual(["status"]);
  });

  it("owes the survivor of a merge", () => {
    const judgement = judgeReading(
      first(at(EARLIER)),
      reading(at(LATER, { status: "redirected", redirectIncidentId: "42" })),
    );
    expect(snapshotOf(judgement).marks).toContain("survivor:42");
  });

  it("keeps what is owed from before", () => {
    const before = { ...first(at(EARLIER)), marks: ["lane:other"] as const };
    const judgement = judgeReading(before, reading(at(LATER, { status: "resolved" })));
    expect(snapshotOf(judgement).marks).toEqual(["lane:other", "lane:itsm", "open", "report"]);
  });

  it("keeps the clock of a stage that goes on, and starts one that begins", () => {
    const before = first(at(EARLIER, { status: "awaitingAction" }));
    const stays = snapshotOf(judgeReading(before, reading(at(LATER, { status: "awaitingAction", severity: "low" }))));
    expect(stays.stageSince).toBe(before.stageSince);
    const leaves = snapshotOf(judgeReading(before, reading(at("2026-02-25T17:00:00Z", { status: "resolved" }))));
    expect(leaves.stageSince).toBe(Date.UTC(2026, 1, 25, 17));
    expect(leaves.stages.map((stay) => stay.stage)).toEqual(["awaitingCustomerAction", "resolved"]);
  });

  it("ends at the newest revision whatever the order of reading, and its numbers only grow", () => {
    const statuses = ["active", "inProgress", "awaitingAction", "resolved"];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 12 }), (minutes) => {
        let snapshot: StoredSnapshot | undefined;
        for (const [counter, minute] of minutes.entries()) {
          const incident = at(new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(), {
            status: statuses[minute % 4] ?? "",
          });
          const judgement = judgeReading(snapshot, reading(incident, { order: { fence: 1, counter }, now: 5 }));
          if (judgement.kind === "unchanged") continue;
          expect(judgement.snapshot.seq).toBeGreaterThanOrEqual(snapshot?.seq ?? 0);
          snapshot = judgement.snapshot;
        }
        const newest = Math.max(...minutes);
        expect(snapshot?.incident.status).toBe(statuses[newest % 4]);
      }),
    );
  });
});

describe("withMerged", () => {
  const loser = { losers: ["41" as IncidentId], handoverSince: undefined, toldLanes: ["itsm" as ConnectorId] };

  it("counts each loser once and raises the number", () => {
    const before = first(at(EARLIER));
    const merged = withMerged(before, loser, 7, ["lane:itsm"]);
    expect(merged).toMatchObject({ mergedFrom: ["41"], seq: before.seq + 1, marks: ["lane:itsm"] });
    expect(withMerged({ ...before, mergedFrom: ["41" as IncidentId] }, loser, 7, [])).toBeUndefined();
  });

  it("counts those merged into the loser before, and never the survivor itself", () => {
    const losers = ["41", "40", "29"] as IncidentId[];
    const merged = withMerged(first(at(EARLIER)), { ...loser, losers }, 7, []);
    expect(merged?.mergedFrom).toEqual(["41", "40"]);
  });

  it.each([
    ["earlier on the loser", 1_000, 1_000],
    ["earlier on the survivor", Number.MAX_SAFE_INTEGER, Date.parse(EARLIER)],
    ["not at all on the loser", undefined, Date.parse(EARLIER)],
  ])("starts the survivor's clock at the earlier handover: %s", (_name, handoverSince, since) => {
    const before = first(at(EARLIER, { status: "awaitingAction" }));
    const merged = withMerged(before, { ...loser, handoverSince }, 7, []);
    expect(merged?.handover).toEqual({ since });
  });

  it("starts no clock where it is not the customer's turn", () => {
    const merged = withMerged(first(at(EARLIER)), { ...loser, handoverSince: 1_000 }, 7, []);
    expect(merged?.handover).toBeUndefined();
  });
});

describe("a handover", () => {
  it("has a clock from its first moment to its last, whatever else changes", () => {
    const before = first(at(EARLIER, { status: "awaitingAction" }));
    expect(before.handover).toEqual({ since: Date.parse(EARLIER) });
    const goesOn = snapshotOf(judgeReading(before, reading(at(LATER, { status: "awaitingAction", severity: "low" }))));
    expect(goesOn.handover).toEqual(before.handover);
    const over = snapshotOf(judgeReading(goesOn, reading(at("2026-02-25T17:00:00Z", { status: "resolved" }))));
    expect(over.handover).toBeUndefined();
  });

  it("ends at a merge, which remembers when it began", () => {
    const before = first(at(EARLIER, { status: "awaitingAction" }));
    const merged = snapshotOf(
      judgeReading(before, reading(at(LATER, { status: "redirected", redirectIncidentId: "42" }))),
    );
    expect(merged.handover).toBeUndefined();
    expect(merged.handoverAtMerge).toBe(Date.parse(EARLIER));
  });

  it("begins anew after a reopening", () => {
    const before = first(at(EARLIER, { status: "awaitingAction" }));
    const closed = snapshotOf(judgeReading(before, reading(at(LATER, { status: "resolved" }))));
    const again = "2026-02-25T18:00:00Z";
    const reopened = snapshotOf(judgeReading(closed, reading(at(again, { status: "awaitingAction" }))));
    expect(reopened.handover).toEqual({ since: Date.parse(again) });
  });
});
