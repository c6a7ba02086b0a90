import { describe, expect, it } from "vitest";
import type { ConnectorId } from "../../../../shared/connectors/connector.ts";
import { PermanentError } from "../../../../shared/errors.ts";
import { createBreaker } from "../../../../shared/pipeline/breaker.ts";
import { checkLinks } from "../../../../shared/pipeline/repair/check-links.ts";
import type { IncidentId } from "../../../../shared/incident/incident.ts";
import { handlePollMessage } from "../../../../shared/pipeline/handle-poll-request.ts";
import { type OperateDeps, operate } from "../../../../shared/pipeline/operate/operate.ts";
import { summaryOf } from "../../../../shared/pipeline/incident-summary.ts";
import { readOverview } from "../../../../shared/pipeline/overview/read-overview.ts";
import { unpackSnapshot } from "../../../../shared/pipeline/stored-snapshot.ts";
import { listParked, tellParked } from "../../../../shared/pipeline/park/parked-work.ts";
import { parkUnreadable } from "../../../../shared/pipeline/park/park-unreadable.ts";
import { syncTicket } from "../../../../shared/pipeline/lane/sync-ticket.ts";
import type { DeltaMessage } from "../../../../shared/pipeline/schema.ts";
import type { SyncDeps } from "../../../../shared/pipeline/lane/sync-deps.ts";
import { type Revision, revisionFromMs, revisionOf } from "../../../../shared/incident/revision.ts";
import { operateBackfill } from "../../../../shared/pipeline/operate/operate-backfill.ts";
import { TENANT } from "../../../build.ts";
import { pollFor } from "../../../poll-for.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";
import { LANE, createLane } from "../../../ticket-lane.ts";

const CONFIG = { tenants: [{ id: TENANT, name: "Contoso" }], connectors: [{ id: "itsm" }, { id: "sentinel" }] };

function operatorOf(deps: Omit<OperateDeps, "config">) {
  const whole: OperateDeps = { ...deps, config: CONFIG };
  return {
    deps: whole,
    order: (operation: string, order: object) => operate(whole, operation, JSON.stringify(order)),
    raw: (operation: string, text: string) => operate(whole, operation, text),
  };
}

/** A lane with one incident whose ticket refuses a change for good. */
async function parkedLane() {
  const lane = await createLane();
  await lane.run(await lane.change({}));
  lane.tool.fail("update", "before", new PermanentError("rejected", "close code is mandatory", { mend: "name one" }));
  expect(await lane.run(await lane.change({ status: "resolved" }))).toBe("parked");
  lane.bus.sent.length = 0;
  return { lane, operator: operatorOf(lane.deps) };
}

async function sentTo(deps: SyncDeps, messages: readonly { readonly body: unknown }[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const { body } of messages) outcomes.push(await syncTicket(deps, body as DeltaMessage, deps.clock.now()));
  return outcomes;
}

describe("parked work", () => {
  it("is listed without what the incident says, and shown whole where that is asked for", async () => {
    const { operator } = await parkedLane();
    const { parked } = await tellParked(operator.deps, {}, false);
    expect(parked).toMatchObject([
      { tenantId: TENANT, incidentId: "29", what: "itsm", reason: "rejected", mend: "name one" },
    ]);
    expect(JSON.stringify(parked)).not.toContain("body");
    expect((await tellParked(operator.deps, { incident: "29" }, true)).parked).toMatchObject([
      { body: { incidentId: "29", v: 1 } },
    ]);
    for (const filter of [{ tenant: "x" }, { incident: "2" }, { connector: "sentinel" }]) {
      expect(await listParked(operator.deps, filter)).toEqual([]);
    }
  });

  it("is replayed on the lane, however often, and goes with the success", async () => {
    const { lane, operator } = await parkedLane();
    for (const _again of [1, 2]) {
      expect(await operator.order("replay", { incident: "29", reason: "the code is named now" })).toEqual({
        status: 202,
        body: { done: 1, problems: [] },
      });
    }
    const copies = lane.bus.take(LANE);
    expect(copies[0]?.body).toMatchObject({ cause: "replay", n: 0 });
    expect(await sentTo(lane.deps, [...copies, ...copies])).toEqual(["updated", "stale", "stale", "stale"]);
    expect(lane.tool.calls.update).toBe(2);
    expect(lane.ticket().values).toMatchObject({ state: "resolved" });
    expect(await listParked(operator.deps, {})).toEqual([]);
    expect(await lane.link()).toMatchObject({ isParked: false });
  });

  it("that is refused again stays parked", async () => {
    const { lane, operator } = await parkedLane();
    await operator.order("replay", { connector: "itsm", reason: "perhaps" });
    lane.tool.fail("update", "before", new PermanentError("rejected", "still mandatory"));
    expect(await sentTo(lane.deps, lane.bus.take(LANE))).toEqual(["parked"]);
    expect(await listParked(operator.deps, {})).toMatchObject([{ message: "still mandatory" }]);
  });

  it("that was parked before there was a link goes with its replay's success too", async () => {
    const lane = await createLane();
    const body = await lane.change({});
    const work = { incidentId: "29", what: "itsm", reason: "misconfigured", message: "", mend: "", parkedAt: 0, body };
    await lane.tables.parked.put(TENANT, "29:itsm", work, "any");
    const operator = operatorOf(lane.deps);
    await operator.order("replay", { all: true, reason: "routed again" });
    expect(await sentTo(lane.deps, lane.bus.take(LANE))).toEqual(["created"]);
    expect(await listParked(operator.deps, {})).toEqual([]);
  });

  it("is dropped with a reason: nothing is owed up to there, and the next change is written again", async () => {
    const { lane, operator } = await parkedLane();
    expect(await operator.order("drop", { incident: "29", reason: "closed by hand" })).toMatchObject({ status: 202 });
    expect(await listParked(operator.deps, {})).toEqual([]);
    expect(await lane.link()).toMatchObject({ isParked: false, dropped: { reason: "closed by hand" } });
    await lane.clock.advance(3_600_000);
    const tenant = createTenant();
    const deps = {
      ...tenant.deps,
      tables: lane.tables,
      clock: lane.clock,
      tenant: { ...tenant.deps.tenant, lanes: ["itsm" as ConnectorId] },
    };
    expect(await checkLinks(deps, "29" as IncidentId)).toEqual([]);
    expect(await lane.run(await lane.change({ severity: "low" }))).toBe("updated");
  });

  it("is parked, and dropped, up to the snapshot that was refused, though its delta is older", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    const older = await lane.change({ severity: "low" });
    const newer = await lane.change({ status: "resolved" });
    lane.tool.fail("update", "before", new PermanentError("rejected", "no"));
    expect(await lane.run(older)).toBe("parked");
    const operator = operatorOf(lane.deps);
    await lane.clock.advance(3_600_000);
    const tenant = createTenant();
    const one = { ...tenant.deps.tenant, lanes: ["itsm" as ConnectorId] };
    const deps = { ...tenant.deps, tables: lane.tables, clock: lane.clock, tenant: one };
    expect(await checkLinks(deps, "29" as IncidentId)).toEqual([]);
    await operator.order("drop", { incident: "29", reason: "so" });
    expect((await lane.link()).dropped).toMatchObject({ seq: newer.seq });
    expect(await checkLinks(deps, "29" as IncidentId)).toEqual([]);
  });

  it("that no worker could read is sent as it came, and parked under the same name where nothing has changed", async () => {
    const lane = await createLane();
    await parkUnreadable(lane.deps, LANE, { v: 9, tenantId: TENANT, text: "of a later version" }, ["v: must be 1"]);
    const operator = operatorOf(lane.deps);
    const [before] = await listParked(operator.deps, {});
    expect(await operator.order("replay", { connector: LANE, reason: "updated" })).toMatchObject({
      body: { done: 1, problems: [] },
    });
    expect(await listParked(operator.deps, {})).toEqual([]);
    const [sent] = lane.bus.take(LANE);
    expect(sent).toMatchObject({ body: { v: 9, text: "of a later version" }, sessionId: expect.any(String) });
    await parkUnreadable(lane.deps, LANE, sent?.body, ["v: must be 1"]);
    expect((await listParked(operator.deps, {}))[0]?.incidentId).toBe(before?.incidentId);
  });

  it("that is parked again before its replay is over stays parked", async () => {
    const lane = await createLane();
    await parkUnreadable(lane.deps, LANE, "no JSON", ["must be an object"]);
    const bus: SyncDeps["bus"] = {
      async send(queue, messages) {
        await lane.bus.send(queue, messages);
        for (const { body } of messages) await parkUnreadable(lane.deps, queue, body, ["must be an object"]);
      },
    };
    const text = JSON.stringify({ v: 9 });
    await parkUnreadable(lane.deps, LANE, JSON.parse(text), ["v: must be 1"]);
    const operator = operatorOf({ ...lane.deps, bus });
    await operator.order("replay", { connector: LANE, reason: "perhaps" });
    const kept = (await listParked(operator.deps, {})).map(({ body }) => body);
    expect(kept).toEqual(expect.arrayContaining(['"no JSON"', text]));
  });

  it("of a connector that is not configured any more is refused with the mend, and can be dropped", async () => {
    const lane = await createLane();
    const operator = operatorOf(lane.deps);
    await lane.tables.parked.put(TENANT, "1:gone", { incidentId: "1", what: "gone", body: {} }, "any");
    expect(await operator.order("replay", { connector: "gone", reason: "try" })).toMatchObject({
      body: { done: 0, problems: [expect.stringContaining('no connector "gone"')] },
    });
    expect(await operator.order("drop", { connector: "gone", reason: "gone" })).toMatchObject({ body: { done: 1 } });
    expect(await listParked(operator.deps, {})).toEqual([]);
  });
});

async function polled(tenant: SourceTenant): Promise<void> {
  for (const { body } of tenant.bus.take("poll-requests")) await delivered(tenant, body);
}

async function delivered(tenant: SourceTenant, body: unknown): Promise<void> {
  const unused = (): never => {
    throw new Error("not asked for");
  };
  const tenants = { ...tenant.deps, detectDeps: () => Promise.resolve(tenant.deps), subscriptionDeps: unused };
  await handlePollMessage(tenants, body, tenant.clock.now());
}

describe("an operator's orders on a tenant", () => {
  it("poll, and sweep with a walk of all links", async () => {
    const tenant = createTenant();
    const operator = operatorOf(tenant.deps);
    tenant.change("1");
    expect(await operator.order("poll", { reason: "now" })).toMatchObject({ status: 202, body: { tenants: [TENANT] } });
    await polled(tenant);
    expect(tenant.deltas()[0]).toMatchObject({ incidentId: "1" });
    await operator.order("sweep", { tenant: TENANT, reason: "to be sure" });
    expect(tenant.bus.take("poll-requests")).toMatchObject([{ body: { sweep: true } }]);
    expect((await tenant.tables.control.get(TENANT, "walk"))?.value).toMatchObject({ at: { kind: "all" } });
  });

  it("pause it until it is resumed", async () => {
    const tenant = createTenant();
    const operator = operatorOf(tenant.deps);
    await tenant.poll();
    await operator.order("pause", { tenant: TENANT, reason: "maintenance" });
    tenant.change("1");
    const { list } = tenant.requests;
    expect((await tenant.poll()).outcome).toBe("paused");
    expect(tenant.requests.list).toBe(list);
    await operator.order("resume", { tenant: TENANT, reason: "done" });
    await polled(tenant);
    expect(tenant.deltas()[0]).toMatchObject({ incidentId: "1" });
  });

  it("are asked for again less and less often while the queue's clock runs ahead", async () => {
    const tenant = createTenant();
    const operator = operatorOf(tenant.deps);
    await tenant.poll();
    await operator.order("pause", { tenant: TENANT, reason: "maintenance" });
    await operator.order("poll", { reason: "now" });
    const aheadMs = 10 * 60_000;
    let deliveries = 0;
    for (; deliveries < 100; deliveries += 1) {
      const next = tenant.bus.attempts.at(-1);
      if ((next?.scheduledAt ?? 0) > tenant.clock.now() + aheadMs) break;
      await delivered(tenant, next?.body);
    }
    expect(deliveries).toBeGreaterThan(1);
    expect(deliveries).toBeLessThan(15);
  });

  it("replay what could not be read from the source: it is read by its id", async () => {
    const tenant = createTenant();
    const operator = operatorOf(tenant.deps);
    tenant.change("1");
    await tenant.poll();
    tenant.deltas();
    await tenant.tables.parked.put(TENANT, "1:source", { incidentId: "1", what: "source", body: {} }, "any");
    await operator.order("replay", { connector: "source", reason: "the source was mended" });
    await polled(tenant);
    expect(tenant.requests.get).toBe(1);
    expect(tenant.deltas()[0]).toMatchObject({ incidentId: "1" });
    expect(await listParked(operator.deps, {})).toEqual([]);
  });

  it("replay what could not be read from the source: out of scope it gets no ticket, and is parked no more", async () => {
    const tenant = createTenant({ experts: "only" });
    const operator = operatorOf(tenant.deps);
    tenant.malformed.push("1");
    await tenant.poll();
    expect(await listParked(operator.deps, {})).toMatchObject([{ incidentId: "1", what: "source" }]);
    tenant.malformed.length = 0;
    tenant.change("1", { status: "active", assignedTo: "", systemTags: [] });
    await operator.order("replay", { connector: "source", reason: "the source was mended" });
    await polled(tenant);
    expect(tenant.requests.get).toBe(1);
    expect(tenant.deltas()).toEqual([]);
    expect(await listParked(operator.deps, {})).toEqual([]);
  });

  it("replay what a backfill could not read: it is as old as what the backfill takes", async () => {
    const tenant = createTenant();
    const operator = operatorOf(tenant.deps);
    await tenant.poll();
    const newYear = revisionFromMs(Date.UTC(2026, 0, 1));
    const old = { revision: revisionOf("2025-03-01T00:00:00Z") as Revision, createdAt: "2025-03-01T00:00:00Z" };
    tenant.parts.listPage = (page) => {
      const isBackfill = "from" in page && page.to !== undefined && page.to < newYear;
      const row = { kind: "malformed", id: "7", problem: "no status", body: {} } as const;
      return Promise.resolve({ rows: isBackfill ? [row] : [], servedAt: tenant.clock.now(), isPartial: false });
    };
    await operateBackfill(operator.deps, JSON.stringify({ since: "2025-01-01", until: "2025-12-31", reason: "audit" }));
    await pollFor(tenant, 60_000);
    expect(await listParked(operator.deps, {})).toMatchObject([{ incidentId: "7", what: "source" }]);
    tenant.change("7", old);
    await operator.order("replay", { connector: "source", reason: "this version reads it" });
    await polled(tenant);
    expect(tenant.deltas()[0]).toMatchObject({ incidentId: "7", cause: "change" });
    expect(await listParked(operator.deps, {})).toEqual([]);
  });
});

describe("an operator's orders on a connector", () => {
  it("pause it: nothing is sent, not even a probe, and work waits; resumed, it goes on", async () => {
    const lane = await createLane();
    const operator = operatorOf(lane.deps);
    await operator.order("pause", { connector: "itsm", reason: "the tool is upgraded" });
    await lane.clock.advance(6_000);
    expect(await lane.run(await lane.change({}))).toBe("waiting");
    const held = await lane.drain(3);
    expect(new Set(held)).toEqual(new Set(["waiting"]));
    expect(lane.tool.calls.find).toBe(0);
    await operator.order("resume", { connector: "itsm", reason: "it is back" });
    expect(await lane.drain(3)).toEqual(["created"]);
  });

  it("keep a pause over a breaker that opens and closes", async () => {
    const lane = await createLane();
    const parts = {
      connector: "itsm" as ConnectorId,
      control: lane.tables.control,
      clock: lane.clock,
      log: lane.deps.log,
    };
    const breaker = createBreaker(parts);
    await breaker.tell(new PermanentError("misconfigured", "x"));
    await operatorOf(lane.deps).order("pause", { connector: "itsm", reason: "so" });
    await lane.clock.advance(10_000);
    expect(await breaker.admit()).toMatchObject({ kind: "open", reason: "paused by an operator" });
    await breaker.tell(undefined);
    expect(await createBreaker(parts).admit()).toMatchObject({ kind: "open", reason: "paused by an operator" });
    await operatorOf(lane.deps).order("resume", { connector: "itsm", reason: "so" });
    expect(await createBreaker(parts).admit()).toEqual({ kind: "closed" });
  });
});

describe("an operator's order", () => {
  it("is kept with its reason", async () => {
    const tenant = createTenant();
    await operatorOf(tenant.deps).order("poll", { reason: "a ticket looked old" });
    expect((await tenant.tables.control.range("operations")).map(({ value }) => value)).toMatchObject([
      { operation: "poll", order: { reason: "a ticket looked old" }, status: 202 },
    ]);
  });

  it.each([
    ["poll", "{}", 400],
    ["poll", '{"reason":" "}', 400],
    ["poll", '{"reason":"x","tenant":"nobody"}', 400],
    ["poll", "no json", 400],
    ["replay", '{"reason":"x"}', 400],
    ["drop", '{"reason":"x","all":false}', 400],
    ["pause", '{"reason":"x"}', 400],
    ["pause", '{"reason":"x","connector":"nobody"}', 400],
    ["pause", `{"reason":"x","connector":"itsm","tenant":"${TENANT}"}`, 400],
    ["resume", `{"reason":"x","tenant":"${TENANT}"}`, 400],
    ["format-the-disk", '{"reason":"x"}', 404],
    ["constructor", '{"reason":"x"}', 404],
  ])("%s with %s is refused, does nothing and is not kept", async (operation, text, status) => {
    const tenant = createTenant();
    const answer = await operatorOf(tenant.deps).raw(operation, text);
    expect(answer).toMatchObject({ status, body: { problems: [expect.any(String)] } });
    expect(tenant.bus.sent).toEqual([]);
    expect(await tenant.tables.control.range("operations")).toEqual([]);
  });
});

describe("the page and health", () => {
  it("show dropped work as left as it is, with the reason, until the next change", async () => {
    const { lane, operator } = await parkedLane();
    const tenant = createTenant();
    const overviewOf = async () => {
      const snapshot = unpackSnapshot((await lane.tables.incident.get(`${TENANT}:29`, "snapshot"))?.value);
      const summary = summaryOf(snapshot, tenant.deps.tenant.assignees);
      await lane.tables.open.put(TENANT, "incident:29", summary, "any");
      const { incidents } = await readOverview({
        tables: lane.tables,
        clock: lane.clock,
        isDemo: false,
        pollIntervalMs: 15_000,
        tenants: [{ id: TENANT, name: "Contoso", portalUrl: "" }],
        connectors: [{ id: "itsm" as ConnectorId, kind: "servicenow", url: "", tenantIds: [TENANT] }],
      });
      return incidents[0]?.tickets[0];
    };
    expect(await overviewOf()).toMatchObject({ state: "parked", problem: "close code is mandatory" });
    await operator.order("drop", { incident: "29", reason: "closed by hand" });
    expect(await overviewOf()).toMatchObject({ state: "dropped", problem: "dropped by an operator: closed by hand" });
    await lane.change({ severity: "low" });
    expect(await overviewOf()).toMatchObject({ state: "behind" });
  });
});
