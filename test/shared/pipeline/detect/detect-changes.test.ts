import { describe, expect, it } from "vitest";
import { PermanentError, RetryableError } from "../../../../shared/errors.ts";
import { revisionFromMs } from "../../../../shared/incident/revision.ts";
import { detectChanges } from "../../../../shared/pipeline/detect/detect-changes.ts";
import type { DetectDeps } from "../../../../shared/pipeline/detect/detect-deps.ts";
import { acquirePollLease, readPollState } from "../../../../shared/pipeline/poll-state.ts";
import { ConflictError } from "../../../../shared/pipeline/ports/table.ts";
import type { DeltaMessage } from "../../../../shared/pipeline/schema.ts";
import { TENANT } from "../../../build.ts";
import { createTenant } from "../../../source-tenant.ts";

describe("a poll", () => {
  it("publishes each change once, to every lane", async () => {
    const tenant = createTenant();
    tenant.change("1");
    tenant.change("2");
    expect(await tenant.poll()).toMatchObject({ outcome: "polled" });
    const isNew = (delta: DeltaMessage): boolean => delta.from === undefined;
    expect(
      tenant
        .deltas("itsm")
        .filter(isNew)
        .map((delta) => delta.incidentId)
        .toSorted(),
    ).toEqual(["1", "2"]);
    expect(tenant.deltas("sentinel").filter(isNew)).toHaveLength(2);
    await tenant.clock.advance(2_000);
    tenant.change("1", { status: "inProgress" });
    await tenant.poll();
    expect(tenant.deltas()).toMatchObject([{ incidentId: "1", from: "active", to: "inProgress", changed: ["status"] }]);
  });

  it("asks once when nothing happens, and publishes nothing", async () => {
    const tenant = createTenant();
    tenant.change("1");
    await tenant.poll();
    tenant.deltas();
    await tenant.poll();
    tenant.deltas();
    const before = tenant.requests.list;
    for (let polls = 0; polls < 3; polls += 1) {
      await tenant.clock.advance(15_000);
      await tenant.poll();
    }
    expect(tenant.requests.list - before).toBe(3);
    expect(tenant.deltas()).toEqual([]);
  });

  it("reads alerts apart from the list, and publishes what they add", async () => {
    const tenant = createTenant();
    tenant.change("1");
    await tenant.poll();
    expect(tenant.requests.alerts).toBe(1);
    expect(tenant.deltas().map((delta) => delta.changed.length > 1)).toEqual([true, false]);
    expect((await tenant.snapshot("1"))?.incident.alerts?.assets).toHaveLength(1);
  });

  it("takes only what is in scope, and keeps it for good", async () => {
    const tenant = createTenant({ experts: "only" });
    tenant.change("1", { systemTags: [], title: "Anything" });
    tenant.change("2", { systemTags: [], title: "Anything", assignedTo: "Defender Experts" });
    await tenant.poll();
    expect(tenant.deltas().map((delta) => delta.incidentId)).toContain("2");
    expect(await tenant.snapshot("1")).toBeUndefined();
    await tenant.clock.advance(1_000);
    tenant.change("2", { assignedTo: "KaiC@contoso.com" });
    await tenant.poll();
    expect(tenant.deltas()).toMatchObject([{ incidentId: "2", changed: ["assignedTo"] }]);
  });

  it("keeps a row of the open table and one of the report, and closes the first", async () => {
    const tenant = createTenant();
    tenant.change("1");
    await tenant.poll();
    expect((await tenant.tables.open.get(TENANT, "incident:1"))?.value).toMatchObject({ stage: "active" });
    await tenant.clock.advance(1_000);
    tenant.change("1", { status: "resolved" });
    await tenant.poll();
    expect(await tenant.tables.open.get(TENANT, "incident:1")).toBeUndefined();
    expect((await tenant.tables.report.get(`${TENANT}:2026-01`, "1"))?.value).toMatchObject({ stage: "resolved" });
  });

  it("parks a row that is no incident; the others flow", async () => {
    const tenant = createTenant();
    tenant.change("1");
    tenant.malformed.push("9");
    await tenant.poll();
    expect(tenant.deltas()).not.toHaveLength(0);
    expect((await tenant.tables.parked.get(TENANT, "9:source"))?.value).toMatchObject({ reason: "malformed" });
  });

  it("parks an incident that is too large to keep, or whose snapshot is of another version; the others flow", async () => {
    const tenant = createTenant();
    tenant.change("1", { description: "x".repeat(600_000) });
    await tenant.tables.incident.put(`${TENANT}:2`, "snapshot", { v: 99 }, "any");
    tenant.change("2");
    tenant.change("3");
    expect(await tenant.poll()).toMatchObject({ outcome: "polled" });
    expect(new Set(tenant.deltas().map((delta) => delta.incidentId))).toEqual(new Set(["3"]));
    expect((await tenant.tables.parked.get(TENANT, "1:source"))?.value).toMatchObject({ reason: "tooLarge" });
    expect((await tenant.tables.parked.get(TENANT, "2:source"))?.value).toMatchObject({ reason: "malformed" });
  });

  it("reads 1,000 changes in 21 requests, and no more whatever lies unchanged beside them", async () => {
    const tenant = createTenant();
    await tenant.poll();
    await tenant.clock.advance(90_000);
    for (let index = 0; index < 1_000; index += 1) {
      tenant.change(`${index}`, { revision: revisionFromMs(tenant.clock.now() - index * 10) });
    }
    const before = tenant.requests.list;
    await tenant.poll();
    expect(tenant.requests.list - before).toBeLessThanOrEqual(21);
    expect(new Set(tenant.deltas().map((delta) => delta.incidentId)).size).toBe(1_000);
  });
});

describe("nothing is lost", () => {
  it("when a page fails: the cursor stays, and the next poll reads it all", async () => {
    const tenant = createTenant();
    await tenant.poll();
    await tenant.clock.advance(2_000);
    for (let index = 0; index < 120; index += 1) tenant.change(`${index}`);
    const cursor = (await readPollState(tenant.tables.control, TENANT))?.state.cursor;
    const passing = tenant.requests.list;
    Object.defineProperty(tenant.failures, "shift", {
      value: () => (tenant.requests.list === passing + 2 ? new RetryableError("unavailable", "503") : undefined),
      configurable: true,
    });
    expect(await tenant.poll()).toMatchObject({ outcome: "failed" });
    expect((await readPollState(tenant.tables.control, TENANT))?.state.cursor).toBe(cursor);
    Reflect.deleteProperty(tenant.failures, "shift");
    await tenant.poll();
    expect(new Set(tenant.deltas().map((delta) => delta.incidentId)).size).toBe(120);
  });

  it("when a row appears late, behind the cursor: the overlap finds it within a minute", async () => {
    const tenant = createTenant();
    tenant.change("1");
    await tenant.poll();
    await tenant.clock.advance(20_000);
    tenant.change("2");
    await tenant.poll();
    tenant.deltas();
    tenant.change("3", { revision: revisionFromMs(tenant.clock.now() - 15_000) });
    await tenant.clock.advance(61_000);
    await tenant.poll();
    expect(tenant.deltas().map((delta) => delta.incidentId)).toContain("3");
  });

  it("when a row comes from the future: the cursor stays with the source's clock", async () => {
    const tenant = createTenant();
    tenant.change("1", { revision: revisionFromMs(tenant.clock.now() + 3_600_000) });
    await tenant.poll();
    tenant.deltas();
    await tenant.clock.advance(5_000);
    tenant.change("2");
    await tenant.poll();
    expect(tenant.deltas().map((delta) => delta.incidentId)).toContain("2");
  });

  it("when the source answers in part: the window is read again", async () => {
    const tenant = createTenant();
    await tenant.poll();
    await tenant.clock.advance(2_000);
    tenant.change("1");
    tenant.partial(true);
    await tenant.poll();
    const cursor = (await readPollState(tenant.tables.control, TENANT))?.state.cursor;
    tenant.partial(false);
    tenant.change("2", { revision: revisionFromMs(tenant.clock.now() - 500) });
    await tenant.poll();
    expect((await readPollState(tenant.tables.control, TENANT))?.state.cursor).not.toBe(cursor);
    expect(tenant.deltas().map((delta) => delta.incidentId)).toContain("2");
  });

  it("when a lane's queue is away: the mark stays owed, the other lanes flow, and it is sent later", async () => {
    const tenant = createTenant();
    tenant.bus.refuse("incident-deltas-itsm", true);
    tenant.change("1");
    await tenant.poll();
    expect(tenant.deltas("sentinel")).not.toHaveLength(0);
    expect((await tenant.snapshot("1"))?.marks).toContain("lane:itsm");
    expect(await tenant.tables.open.get(TENANT, "owed:1")).toBeDefined();
    tenant.bus.refuse("incident-deltas-itsm", false);
    await tenant.clock.advance(300_000);
    await tenant.poll();
    expect(tenant.deltas("itsm")).toMatchObject([{ incidentId: "1" }]);
    expect((await tenant.snapshot("1"))?.marks).toEqual([]);
    expect(await tenant.tables.open.get(TENANT, "owed:1")).toBeUndefined();
  });

  it("when the process dies between saving and publishing: the next reading of the row sends it", async () => {
    const tenant = createTenant();
    tenant.change("1");
    const dying = { ...tenant.deps, bus: { send: () => Promise.reject(new Error("killed")) } };
    await expect(detectChanges(dying, [], new AbortController().signal)).rejects.toThrow("killed");
    expect((await tenant.snapshot("1"))?.marks).toContain("lane:itsm");
    await tenant.poll();
    expect(tenant.deltas("itsm").map((delta) => delta.incidentId)).toContain("1");
  });

  it("when a send's answer is lost: the repeat has the same message id", async () => {
    const tenant = createTenant();
    tenant.change("1");
    const send = tenant.deps.bus.send.bind(tenant.deps.bus);
    let isLost = true;
    const lossy: DetectDeps = {
      ...tenant.deps,
      bus: {
        async send(queue, messages) {
          await send(queue, messages);
          if (isLost) throw new RetryableError("timeout", "no answer", { mayHaveHappened: true });
        },
      },
    };
    await detectChanges(lossy, [], new AbortController().signal);
    isLost = false;
    await tenant.poll();
    const ids = tenant.bus.attempts
      .filter((message) => message.queue === "incident-deltas-itsm")
      .map((message) => message.messageId);
    expect(ids.length).toBeGreaterThan(new Set(ids).size);
    expect(tenant.bus.sent.filter((message) => message.queue === "incident-deltas-itsm").length).toBe(
      new Set(ids).size,
    );
  });

  it("when 500 changes do not fit the budget: what is left is read by the next polls, live changes first", async () => {
    const tenant = createTenant({ requestsPerMinute: 3 });
    for (let index = 0; index < 500; index += 1) {
      tenant.change(`${index}`, { revision: revisionFromMs(tenant.clock.now() - 1_000_000 - index * 1_000) });
    }
    await tenant.poll();
    expect((await readPollState(tenant.tables.control, TENANT))?.state.unread).toHaveLength(1);
    const seen = new Set(tenant.deltas().map((delta) => delta.incidentId));
    expect(seen.size).toBeLessThan(500);
    await tenant.clock.advance(60_000);
    tenant.change("live");
    await tenant.poll();
    const next = tenant.deltas().map((delta) => delta.incidentId);
    expect(next[0]).toBe("live");
    for (const id of next) seen.add(id);
    for (let polls = 0; polls < 12; polls += 1) {
      await tenant.clock.advance(60_000);
      await tenant.poll();
      for (const delta of tenant.deltas()) seen.add(delta.incidentId);
    }
    expect(seen.size).toBe(501);
    expect((await readPollState(tenant.tables.control, TENANT))?.state.unread).toEqual([]);
  });
});

describe("two pollers", () => {
  it("do not read at once", async () => {
    const tenant = createTenant();
    await acquirePollLease(tenant.tables.control, TENANT, tenant.clock.now(), 17_000);
    expect(await tenant.poll()).toMatchObject({ outcome: "held", requests: 0 });
    await tenant.clock.advance(17_001);
    expect(await tenant.poll()).toMatchObject({ outcome: "polled" });
  });

  it("do no harm where one was taken for dead: the late one's state is not written", async () => {
    const tenant = createTenant();
    await tenant.poll();
    const late = await acquirePollLease(tenant.tables.control, TENANT, tenant.clock.now(), 1_000);
    await tenant.clock.advance(2_000);
    tenant.change("1");
    await tenant.poll();
    await expect(tenant.tables.control.put(TENANT, "poll", {}, { etag: late?.etag ?? "" })).rejects.toBeInstanceOf(
      ConflictError,
    );
  });
});

describe("a source in trouble", () => {
  it.each([
    ["429 with its delay", new RetryableError("throttled", "429", { retryAfterMs: 90_000 }), 89_000, 109_000],
    ["a refused credential", new RetryableError("unauthorized", "401"), 59_000, 61_000],
  ])("%s pauses the polls of this tenant", async (_name, failure, stillPausedMs, overMs) => {
    const tenant = createTenant();
    tenant.failures.push(failure);
    expect(await tenant.poll()).toMatchObject({ outcome: "failed" });
    await tenant.clock.advance(stillPausedMs);
    expect(await tenant.poll()).toMatchObject({ outcome: "paused", requests: 0 });
    await tenant.clock.advance(overMs - stillPausedMs);
    expect(await tenant.poll()).toMatchObject({ outcome: "polled" });
  });

  it("is remembered for health, in words", async () => {
    const tenant = createTenant();
    tenant.failures.push(new PermanentError("rejected", "GET graph answered 400"));
    await tenant.poll();
    expect((await readPollState(tenant.tables.control, TENANT))?.state).toMatchObject({
      lastError: "rejected: GET graph answered 400",
      lastOkAt: 0,
    });
  });
});

describe("a merge", () => {
  it("raises the survivor, whose snapshot lists what was merged into it", async () => {
    const tenant = createTenant();
    tenant.change("1");
    tenant.change("2");
    await tenant.poll();
    tenant.deltas();
    await tenant.clock.advance(1_000);
    tenant.change("1", { status: "redirected", redirectIncidentId: "2" });
    await tenant.poll();
    expect((await tenant.snapshot("2"))?.mergedFrom).toEqual(["1"]);
    expect(
      tenant
        .deltas()
        .map((delta) => delta.incidentId)
        .toSorted(),
    ).toEqual(["1", "2"]);
    expect((await tenant.snapshot("1"))?.marks).toEqual([]);
  });

  it("takes a survivor into scope that was outside of it", async () => {
    const tenant = createTenant({ experts: "only" });
    tenant.change("1");
    tenant.change("2", { systemTags: [], title: "Anything" });
    await tenant.poll();
    expect(await tenant.snapshot("2")).toBeUndefined();
    await tenant.clock.advance(1_000);
    tenant.change("1", { status: "redirected", redirectIncidentId: "2" });
    await tenant.poll();
    expect((await tenant.snapshot("2"))?.mergedFrom).toEqual(["1"]);
    expect(tenant.requests.get).toBe(1);
  });

  it("waits for a survivor that cannot be had yet", async () => {
    const tenant = createTenant();
    tenant.change("1", { status: "redirected", redirectIncidentId: "2" });
    await tenant.poll();
    expect((await tenant.snapshot("1"))?.marks).toEqual(["survivor:2"]);
    tenant.change("2");
    await tenant.clock.advance(15_000);
    await tenant.poll();
    await tenant.poll();
    expect((await tenant.snapshot("2"))?.mergedFrom).toEqual(["1"]);
    expect((await tenant.snapshot("1"))?.marks).toEqual([]);
  });
});

describe("one that fails", () => {
  it("is a survivor: its loser stays owed, and nothing else waits for it", async () => {
    const tenant = createTenant();
    tenant.change("1", { status: "redirected", redirectIncidentId: "2" });
    tenant.change("3");
    const failing: DetectDeps = {
      ...tenant.deps,
      source: { ...tenant.deps.source, get: () => Promise.reject(new PermanentError("rejected", "400")) },
    };
    expect(await detectChanges(failing, [], new AbortController().signal)).toMatchObject({ outcome: "polled" });
    expect(tenant.deltas().map((delta) => delta.incidentId)).toContain("3");
    expect(await tenant.tables.open.get(TENANT, "owed:1")).toBeDefined();
  });

  it("is a read of alerts: what the others brought is published", async () => {
    const tenant = createTenant();
    for (const id of ["1", "2", "3"]) tenant.change(id);
    const details = tenant.deps.source.details.bind(tenant.deps.source);
    const failing: DetectDeps = {
      ...tenant.deps,
      source: {
        ...tenant.deps.source,
        details: (id, signal) =>
          id === "2" ? Promise.reject(new RetryableError("unavailable", "500")) : details(id, signal),
      },
    };
    expect(await detectChanges(failing, [], new AbortController().signal)).toMatchObject({ outcome: "polled" });
    const enriched = tenant.deltas().filter((delta) => delta.changed.join() === "alerts");
    expect(enriched.map((delta) => delta.incidentId).toSorted()).toEqual(["1", "3"]);
    expect((await tenant.tables.open.get(TENANT, "wants:2"))?.value).toMatchObject({ tries: 1 });
  });
});

describe("a request for named incidents", () => {
  it("publishes them again under a new number", async () => {
    const tenant = createTenant();
    tenant.change("1");
    await tenant.poll();
    const seq = (await tenant.snapshot("1"))?.seq ?? 0;
    tenant.deltas();
    await tenant.poll(["1", "not/safe"]);
    expect((await tenant.snapshot("1"))?.seq).toBeGreaterThan(seq);
    expect(tenant.deltas()).toMatchObject([{ incidentId: "1" }]);
  });

  it("reads one whose snapshot is gone", async () => {
    const tenant = createTenant();
    tenant.change("1", { revision: revisionFromMs(0) });
    await tenant.poll(["1"]);
    expect(await tenant.snapshot("1")).toBeDefined();
  });
});
