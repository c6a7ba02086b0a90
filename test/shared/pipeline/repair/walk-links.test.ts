import { describe, expect, it } from "vitest";
import type { IncidentId } from "../../../../shared/incident/incident.ts";
import { newLink } from "../../../../shared/pipeline/link.ts";
import { handlePollMessage } from "../../../../shared/pipeline/handle-poll-request.ts";
import { readWalk, requestDueWalks, walkLinks } from "../../../../shared/pipeline/repair/walk-links.ts";
import { TENANT } from "../../../build.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** As the lanes leave it once the ticket shows everything. */
async function show(tenant: SourceTenant, id: string, changes: object = {}): Promise<void> {
  const snapshot = await tenant.snapshot(id);
  const link = {
    ...newLink(tenant.clock.now()),
    ticket: { id: `t${id}`, label: `T-${id}`, url: "" },
    appliedSeq: snapshot?.seq ?? 0,
    ...changes,
  };
  for (const lane of ["itsm", "sentinel"])
    await tenant.tables.incident.put(`${TENANT}:${id}`, `link:${lane}`, link, "any");
}

async function shownTenant(ids: readonly string[]): Promise<SourceTenant> {
  const tenant = createTenant();
  for (const id of ids) tenant.change(id);
  await tenant.poll();
  for (const id of ids) await show(tenant, id);
  tenant.bus.sent.length = 0;
  await tenant.clock.advance(5 * MINUTE);
  return tenant;
}

/** Steps as the timer asks for them, until the walk is over. */
async function walk(tenant: Pick<SourceTenant, "deps" | "tables">) {
  const findings = [...(await walkLinks(tenant.deps))];
  for (let steps = 0; steps < 100; steps += 1) {
    if ((await readWalk(tenant.tables.control, TENANT)).state.at === undefined) return findings;
    findings.push(...(await walkLinks(tenant.deps)));
  }
  throw new Error("the walk does not end");
}

describe("the walk over all links", () => {
  it("finds nothing where every ticket shows its incident, and sends nothing", async () => {
    const tenant = await shownTenant(["1", "2", "3"]);
    expect(await walk(tenant)).toEqual([]);
    expect(tenant.bus.sent).toEqual([]);
    expect((await readWalk(tenant.tables.control, TENANT)).state).toMatchObject({ checked: 3, found: 0 });
  });

  it("leaves an incident alone whose ticket was deleted, however far behind", async () => {
    const tenant = await shownTenant(["1"]);
    const detached = { ticket: { id: "t1", label: "T-1", url: "" }, at: 1 };
    await show(tenant, "1", { detached, appliedSeq: 0 });
    expect(await walk(tenant)).toEqual([]);
    expect(tenant.bus.sent).toEqual([]);
  });

  it("sends again what never reached a ticket, whatever its age, once a lane and with a name of its own", async () => {
    const tenant = await shownTenant(["1", "2"]);
    tenant.change("2", { severity: "low" });
    await tenant.poll();
    tenant.bus.sent.length = 0;
    await tenant.clock.advance(30 * 24 * HOUR);
    expect(await walk(tenant)).toEqual([
      { kind: "behind", incidentId: "2", connector: "itsm" },
      { kind: "behind", incidentId: "2", connector: "sentinel" },
    ]);
    for (const lane of ["itsm", "sentinel"]) {
      expect(tenant.deltas(lane)).toMatchObject([{ incidentId: "2", cause: "sweep", n: 0 }]);
    }
  });

  it.each([
    ["a change of a moment ago is on its way", 0, {}, 0],
    [
      "a copy is scheduled",
      HOUR,
      { appliedSeq: 0, pending: { n: 3, dueAt: Date.UTC(2026, 5, 1) + 5 * HOUR, seq: 1 } },
      0,
    ],
    [
      "a copy is long past due",
      9 * HOUR,
      { appliedSeq: 0, pending: { n: 3, dueAt: Date.UTC(2026, 5, 1) + 5 * HOUR, seq: 1 } },
      1,
    ],
    ["somebody dropped it", HOUR, { appliedSeq: 0, dropped: { seq: 9e15, at: 0, reason: "so" } }, 0],
    [
      "somebody dropped it after its write was cut short",
      HOUR,
      { appliedSeq: 0, intent: { until: 0 }, dropped: { seq: 9e15, at: 0, reason: "so" } },
      0,
    ],
  ])("leaves alone what is no finding, and only that: %s", async (_name, waitMs, changes, found) => {
    const tenant = createTenant();
    tenant.change("1");
    await tenant.poll();
    await show(tenant, "1");
    await tenant.tables.incident.put(`${TENANT}:1`, "link:itsm", { ...newLink(0), ...changes }, "any");
    await tenant.clock.advance(waitMs);
    tenant.bus.sent.length = 0;
    expect(await walk(tenant)).toHaveLength(found);
  });

  it("skips what is parked until something newer is to be shown", async () => {
    const tenant = await shownTenant(["1"]);
    const { seq = 0 } = (await tenant.snapshot("1")) ?? {};
    await show(tenant, "1", { appliedSeq: seq - 1, isParked: true });
    for (const lane of ["itsm", "sentinel"]) {
      await tenant.tables.parked.put(TENANT, `1:${lane}`, { incidentId: "1", what: lane, body: { seq } }, "any");
    }
    expect(await walk(tenant)).toEqual([]);
    tenant.change("1", { severity: "low" });
    await tenant.poll();
    await tenant.clock.advance(25 * HOUR);
    expect(await walk(tenant)).toHaveLength(2);
  });

  it("sends again what a claim that ended left in doubt", async () => {
    const tenant = await shownTenant(["1"]);
    const intent = { invocation: "x", kind: "update", seq: 1, until: tenant.clock.now() - HOUR };
    const link = { ...newLink(0), appliedSeq: 9e15, intent };
    await tenant.tables.incident.put(`${TENANT}:1`, "link:itsm", link, "any");
    expect(await walk(tenant)).toEqual([{ kind: "claim ended", incidentId: "1", connector: "itsm" }]);
  });

  it("has marks that are still owed settled by the next poll", async () => {
    const tenant = createTenant();
    tenant.bus.refuse("incident-deltas-itsm", true);
    tenant.change("1");
    await tenant.poll();
    await tenant.tables.open.delete(TENANT, "owed:1", "any");
    tenant.bus.refuse("incident-deltas-itsm", false);
    await show(tenant, "1");
    await tenant.clock.advance(HOUR);
    expect(await walk(tenant)).toEqual([{ kind: "owed", incidentId: "1" }]);
    await tenant.poll();
    expect((await tenant.snapshot("1"))?.marks).toEqual([]);
    expect(tenant.deltas("itsm")).toMatchObject([{ incidentId: "1" }]);
  });

  it("has an incident read again whose snapshot is gone", async () => {
    const tenant = await shownTenant(["1"]);
    await tenant.tables.incident.delete(`${TENANT}:1`, "snapshot", "any");
    expect(await walk(tenant)).toEqual([{ kind: "lost", incidentId: "1" }]);
    const [asked] = tenant.bus.take("poll-requests");
    const unused = (): never => {
      throw new Error("not asked for");
    };
    const tenants = { ...tenant.deps, detectDeps: () => Promise.resolve(tenant.deps), subscriptionDeps: unused };
    await handlePollMessage(tenants, asked?.body, tenant.clock.now());
    expect((await tenant.snapshot("1"))?.incident.id).toBe("1" as IncidentId);
  });

  it("goes through months of closed incidents in bounded steps, and where a kill leaves it the next step goes on", async () => {
    const tenant = createTenant();
    for (let id = 0; id < 240; id += 1) {
      const month = String(1 + (id % 6)).padStart(2, "0");
      tenant.change(`${id}`, { status: "resolved", createdAt: `2026-${month}-01T00:00:00Z` });
    }
    while ((await tenant.poll()).changes > 0);
    for (let id = 0; id < 240; id += 1) await show(tenant, `${id}`);
    await tenant.clock.advance(HOUR);
    await tenant.tables.incident.delete(`${TENANT}:234`, "link:itsm", "any");
    // Killed after each of its first reads, before anything else.
    for (let kill = 0; kill < 5; kill += 1) {
      let reads = 0;
      const report = {
        ...tenant.tables.report,
        range: (...args: Parameters<typeof tenant.tables.report.range>) => {
          reads += 1;
          if (reads > 1) throw new Error("killed");
          return tenant.tables.report.range(...args);
        },
      };
      await expect(walkLinks({ ...tenant.deps, tables: { ...tenant.tables, report } })).rejects.toThrow("killed");
    }
    expect((await readWalk(tenant.tables.control, TENANT)).state.checked).toBeGreaterThan(0);
    expect(await walk(tenant)).toEqual([{ kind: "behind", incidentId: "234", connector: "itsm" }]);
    expect((await readWalk(tenant.tables.control, TENANT)).state).toMatchObject({ checked: 240, found: 1 });
  });

  it("is asked for by a timer once a day, and for what is open every quarter of an hour", async () => {
    const tenant = await shownTenant(["1"]);
    const asked: number[] = [];
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      await requestDueWalks({ ...tenant.deps, tenants: [TENANT] });
      for (const message of tenant.bus.take("poll-requests")) {
        expect(message.body).toMatchObject({ cause: "sweep", tenantId: TENANT });
        asked.push(minute);
        await walk(tenant);
      }
      await tenant.clock.advance(MINUTE);
    }
    // The first one a quarter of an hour after the tenant was first seen: nothing can be behind before.
    expect(asked.slice(0, 4)).toEqual([15, 30, 45, 60]);
    expect(asked).toHaveLength(95);
  });
});

describe("a changed mapping", () => {
  const OLD = { mappingVersion: 1 };

  /** Open and shown by mapping 1; the lanes have mapping 2 now. */
  async function remappedTenant(ids: readonly string[]) {
    const tenant = await shownTenant(ids);
    for (const id of ids) await show(tenant, id, OLD);
    // The first walk of a tenant is over all its links; what follows within the day is over the open ones.
    await walk(tenant);
    await tenant.clock.advance(20 * MINUTE);
    const deps = { ...tenant.deps, mappingVersionOf: () => Promise.resolve(2) };
    return { ...tenant, deps };
  }

  it("is rolled out to open incidents by the walk, so many at a time, until all have it", async () => {
    const ids = Array.from({ length: 60 }, (_unused, index) => `${index + 100}`);
    const tenant = await remappedTenant(ids);
    const sent = new Set<string>();
    const counts: number[] = [];
    for (let walks = 0; walks < 4; walks += 1) {
      tenant.bus.sent.length = 0;
      expect(await walk(tenant)).toEqual([]);
      const deltas = ["itsm", "sentinel"].flatMap((lane) => tenant.deltas(lane).map((delta) => ({ lane, ...delta })));
      counts.push(deltas.length);
      for (const { lane, incidentId, cause } of deltas) {
        expect(cause).toBe("sweep");
        sent.add(`${lane}:${incidentId}`);
        const held = await tenant.tables.incident.get(`${TENANT}:${incidentId}`, `link:${lane}`);
        const link = { ...(held?.value as object), mappingVersion: 2 };
        await tenant.tables.incident.put(`${TENANT}:${incidentId}`, `link:${lane}`, link, "any");
      }
      await tenant.clock.advance(16 * MINUTE);
    }
    expect(counts).toEqual([50, 50, 20, 0]);
    expect(sent.size).toBe(120);
  });

  it.each([
    ["is there already", { mappingVersion: 2 }],
    ["is parked", { ...OLD, isParked: true }],
    ["waits in a copy", { ...OLD, pending: { n: 1, dueAt: Number.MAX_SAFE_INTEGER, seq: 1 } }],
    ["has no ticket", { ...OLD, ticket: undefined, isAbsent: true }],
    ["lost its ticket", { ...OLD, detached: { ticket: { id: "t", label: "T", url: "" }, at: 1 } }],
  ])("is not sent where it %s", async (_name, changes) => {
    const tenant = await remappedTenant(["1"]);
    await show(tenant, "1", changes);
    await walk(tenant);
    expect(tenant.bus.sent).toEqual([]);
  });

  it("does not touch what is closed, nor follow a connector that cannot be made", async () => {
    const tenant = await remappedTenant(["1", "2"]);
    tenant.change("1", { status: "resolved" });
    await tenant.poll();
    await show(tenant, "1", OLD);
    tenant.bus.sent.length = 0;
    await tenant.clock.advance(16 * MINUTE);
    const mappingVersionOf = (lane: string) => Promise.resolve(lane === "itsm" ? 2 : undefined);
    await walk({ ...tenant, deps: { ...tenant.deps, mappingVersionOf } });
    expect(tenant.deltas("itsm").map(({ incidentId }) => incidentId)).toEqual(["2"]);
    expect(tenant.deltas("sentinel")).toEqual([]);
  });
});
