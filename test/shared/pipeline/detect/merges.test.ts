import { revisionFromMs } from "../../../../shared/incident/revision.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryTables } from "../../../../local/store/memory-tables.ts";
import { RetryableError } from "../../../../shared/errors.ts";
import type { Incident, IncidentId, TenantId } from "../../../../shared/incident/incident.ts";
import { detectChanges } from "../../../../shared/pipeline/detect/detect-changes.ts";
import { ANSWERED_ROW, incidentPartition } from "../../../../shared/pipeline/keys.ts";
import { TENANT } from "../../../build.ts";
import { pollFor } from "../../../poll-for.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";
import { createLane } from "../../../ticket-lane.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** One change of one incident, as the source has it. */
type Step = readonly [id: string, fields: Partial<Incident>];

function into(id: string, survivor: string): Step {
  return [id, { status: "redirected", redirectIncidentId: survivor }];
}

/** All orders of these. */
function orders<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, index) =>
    orders([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}

/** Each step is made and read before the next. */
async function arrive(tenant: SourceTenant, steps: readonly Step[]): Promise<void> {
  for (const [id, fields] of steps) {
    tenant.change(id, fields);
    await pollFor(tenant, 15 * SECOND);
  }
  await pollFor(tenant, 3 * MINUTE);
}

async function mergedInto(tenant: SourceTenant, id: string): Promise<readonly string[]> {
  return [...((await tenant.snapshot(id))?.mergedFrom ?? [])].toSorted();
}

async function expectSettled(tenant: SourceTenant): Promise<void> {
  const partition = tenant.deps.tenant.id;
  expect(await tenant.tables.open.range(partition, { from: "owed:", to: "owed;" })).toEqual([]);
  for (const id of tenant.rows.keys()) expect((await tenant.snapshot(id))?.marks).toEqual([]);
}

describe("a chain of merges", () => {
  const chain = [into("A", "B"), into("B", "C"), into("C", "D")];

  it("ends at the same survivor in every order of arrival", async () => {
    for (const order of orders(chain)) {
      const tenant = createTenant();
      for (const id of ["A", "B", "C", "D"]) tenant.change(id);
      await tenant.poll();
      await arrive(tenant, order);
      expect(await mergedInto(tenant, "D")).toEqual(["A", "B", "C"]);
      expect(await mergedInto(tenant, "C")).toEqual(["A", "B"]);
      expect(await mergedInto(tenant, "B")).toEqual(["A"]);
      await expectSettled(tenant);
    }
  });

  it("ends there also where the incidents are first seen merged, in any order, or all in one page", async () => {
    for (const order of [...orders(chain), undefined]) {
      const tenant = createTenant();
      tenant.change("D");
      if (order === undefined) for (const [id, fields] of chain) tenant.change(id, fields);
      await tenant.poll();
      await arrive(tenant, order ?? []);
      expect(await mergedInto(tenant, "D")).toEqual(["A", "B", "C"]);
      await expectSettled(tenant);
    }
  });

  it("takes the survivor of a chain into scope, and publishes it", async () => {
    const tenant = createTenant({ experts: "only" });
    tenant.change("C", { systemTags: [], title: "Anything" });
    tenant.change("B", { systemTags: [], title: "Anything", status: "redirected", redirectIncidentId: "C" });
    await tenant.poll();
    await pollFor(tenant, 5 * MINUTE, MINUTE);
    await arrive(tenant, [into("A", "B")]);
    expect(await mergedInto(tenant, "C")).toEqual(["A", "B"]);
    expect(tenant.deltas().map((delta) => delta.incidentId)).toContain("C");
  });

  it("is followed no further than five merges at once, and that is said", async () => {
    const tenant = createTenant();
    const ids = ["A", "B", "C", "D", "E", "F", "G", "H"];
    for (const [index, id] of ids.entries()) {
      const next = ids[index + 1];
      tenant.change(id, next === undefined || id === "A" ? {} : into(id, next)[1]);
    }
    await tenant.poll();
    await pollFor(tenant, 5 * MINUTE);
    await arrive(tenant, [into("A", "B")]);
    expect(await mergedInto(tenant, "F")).toContain("A");
    expect(await mergedInto(tenant, "G")).not.toContain("A");
    expect(tenant.logged.map((line) => line.message)).toContain(
      "a merge leads in a circle, too far, or to no incident",
    );
    await expectSettled(tenant);
  });
});

describe("a merge that leads in a circle", () => {
  it.each([
    ["of two", [into("A", "B"), into("B", "A")]],
    ["of three", [into("A", "B"), into("B", "C"), into("C", "A")]],
    ["of one", [into("A", "A")]],
    ["to no incident", [into("A", "../../x")]],
  ] as const)("%s ends, and holds up nobody", async (_name, circle) => {
    const tenant = createTenant();
    for (const [id] of circle) tenant.change(id);
    await tenant.poll();
    await arrive(tenant, circle);
    tenant.deltas();
    tenant.change("other");
    await pollFor(tenant, 15 * SECOND);
    expect(tenant.deltas().map((delta) => delta.incidentId)).toContain("other");
    await expectSettled(tenant);
    const seqs = await Promise.all(circle.map(async ([id]) => (await tenant.snapshot(id))?.seq));
    await pollFor(tenant, 10 * MINUTE);
    expect(await Promise.all(circle.map(async ([id]) => (await tenant.snapshot(id))?.seq))).toEqual(seqs);
  });
});

describe("a survivor in whose place the source answers the one it went into", () => {
  it("is the way on for whoever looks for the ticket", async () => {
    const tenant = createTenant({ experts: "only" });
    tenant.change("C");
    const survivor = tenant.rows.get("C");
    tenant.change("A");
    await tenant.poll();
    if (survivor !== undefined) tenant.rows.set("B", survivor);
    await arrive(tenant, [into("A", "B")]);
    expect(await mergedInto(tenant, "C")).toEqual(["A"]);
    const answered = await tenant.tables.incident.get(incidentPartition(TENANT, "B" as IncidentId), ANSWERED_ROW);
    expect(answered?.value).toEqual({ by: "C" });
  });

  it("ties the loser's ticket to that one's", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    const put = (id: string, row: string, value: unknown): Promise<string> =>
      lane.tables.incident.put(incidentPartition(TENANT, id as IncidentId), row, value, "any");
    await put("30", ANSWERED_ROW, { by: "31" });
    await put(
      "31",
      "link:itsm",
      (await lane.tables.incident.get(incidentPartition(TENANT, "29" as IncidentId), "link:itsm"))?.value,
    );
    await lane.run(await lane.change({ status: "redirected", redirectIncidentId: "30" }));
    expect(lane.ticket().values["parent"]).toBe(lane.ticket().id);
  });
});

describe("a survivor that is not known", () => {
  it("for a while is asked for until it is", async () => {
    const tenant = createTenant();
    await arrive(tenant, [into("A", "B")]);
    await pollFor(tenant, 4 * MINUTE);
    expect((await tenant.snapshot("A"))?.marks).toEqual(["survivor:B"]);
    tenant.change("B", { systemTags: [] });
    await pollFor(tenant, MINUTE);
    expect(await mergedInto(tenant, "B")).toEqual(["A"]);
    await expectSettled(tenant);
  });

  it("and appears half a day late is still told of its loser", async () => {
    const tenant = createTenant();
    tenant.change(...into("A", "B"));
    await tenant.poll();
    await pollFor(tenant, 12 * 60 * MINUTE, 5 * MINUTE);
    tenant.change("B", { systemTags: [], revision: revisionFromMs(tenant.clock.now() - 12 * 60 * MINUTE) });
    await pollFor(tenant, 61 * MINUTE, MINUTE);
    expect(await mergedInto(tenant, "B")).toEqual(["A"]);
    await expectSettled(tenant);
  });

  it("for a day is given up, and that is said; its loser's ticket did not wait for it", async () => {
    const tenant = createTenant();
    tenant.change(...into("A", "B"));
    await tenant.poll();
    expect(tenant.deltas()[0]).toMatchObject({ incidentId: "A", to: "redirected" });
    await pollFor(tenant, 27 * 60 * MINUTE, 5 * MINUTE);
    await expectSettled(tenant);
    expect(
      tenant.logged.filter(({ message }) => message === "the survivor of a merge is not known to the source"),
    ).toHaveLength(1);
    expect(tenant.requests.alerts).toBeLessThanOrEqual(2);
    const asked = tenant.requests.get;
    expect(asked).toBeLessThanOrEqual(60);
    await pollFor(tenant, 10 * MINUTE);
    expect(tenant.requests.get).toBe(asked);
  });

  it("in the middle of a chain does not keep the ones before it from being published", async () => {
    const tenant = createTenant();
    tenant.change("A");
    tenant.change("B", { status: "redirected", redirectIncidentId: "C" });
    await tenant.poll();
    await pollFor(tenant, MINUTE);
    tenant.deltas();
    await arrive(tenant, [into("A", "B")]);
    expect(await mergedInto(tenant, "B")).toEqual(["A"]);
    expect(tenant.deltas().map((delta) => delta.incidentId)).toContain("B");
    const failing = {
      ...tenant.deps,
      source: { ...tenant.deps.source, get: () => Promise.reject(new RetryableError("unavailable", "500")) },
    };
    await tenant.clock.advance(15 * SECOND);
    tenant.change(...into("Z", "B"));
    const poll = () => detectChanges(failing, [], new AbortController().signal);
    await pollFor({ clock: tenant.clock, poll }, MINUTE);
    expect(await mergedInto(tenant, "B")).toEqual(["A", "Z"]);
    expect((await tenant.snapshot("B"))?.marks).not.toContain("lane:itsm");
  });
});

describe("the clock of a handover", () => {
  it.each([
    { awaiting: ["A", "B", "C"], since: 0 },
    { awaiting: ["B", "C"], since: MINUTE },
    // It ends where it is merged into one that is not the customer's turn.
    { awaiting: ["A", "C"], since: 2 * MINUTE },
  ])("starts at the earliest of $awaiting merged, in every order of arrival", async ({ awaiting, since }) => {
    for (const order of orders([into("A", "B"), into("B", "C")])) {
      const tenant = createTenant();
      const startedAt = tenant.clock.now();
      for (const id of ["A", "B", "C"]) {
        tenant.change(id, { status: awaiting.includes(id) ? "awaitingAction" : "active" });
        await pollFor(tenant, MINUTE);
      }
      await arrive(tenant, order);
      expect(((await tenant.snapshot("C"))?.handover?.since ?? 0) - startedAt).toBe(since);
      expect((await tenant.snapshot("A"))?.handover).toBeUndefined();
      expect((await tenant.snapshot("B"))?.handover).toBeUndefined();
    }
  });

  it("starts at the survivor's own where it was the earlier, and not at all where it is not the customer's turn", async () => {
    const tenant = createTenant();
    tenant.change("late");
    tenant.change("open", { status: "inProgress" });
    tenant.change("early", { status: "awaitingAction" });
    await tenant.poll();
    const startedAt = tenant.clock.now();
    await pollFor(tenant, 5 * MINUTE);
    await arrive(tenant, [["late", { status: "awaitingAction" }], into("late", "early")]);
    expect((await tenant.snapshot("early"))?.handover).toEqual({ since: startedAt });
    await arrive(tenant, [into("early", "open")]);
    expect((await tenant.snapshot("open"))?.handover).toBeUndefined();
    expect(await mergedInto(tenant, "open")).toEqual(["early", "late"]);
  });
});

describe("two tenants in one set of tables", () => {
  it("never meet, though their incidents have the same ids and are merged the same way", async () => {
    const tables = createMemoryTables();
    const other = "11111111-1111-1111-1111-111111111111" as TenantId;
    const [ours, theirs] = [createTenant(), createTenant()];
    Object.assign(ours.deps, { tables });
    Object.assign(theirs.deps, { tables, tenant: { ...theirs.deps.tenant, id: other } });
    const step = fc.record({
      isOurs: fc.boolean(),
      id: fc.constantFrom("1", "2", "3"),
      fields: fc.constantFrom<Partial<Incident>>(
        { status: "inProgress" },
        { status: "awaitingAction" },
        { status: "resolved" },
        into("", "2")[1],
        into("", "3")[1],
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        for (const { isOurs, id, fields } of steps) {
          const tenant = isOurs ? ours : theirs;
          const tenantId = isOurs ? TENANT : other;
          tenant.change(id, { tenantId, title: `of ${tenantId}`, ...fields });
          await Promise.all([pollFor(ours, 15 * SECOND), pollFor(theirs, 15 * SECOND)]);
        }
        for (const [tenant, tenantId] of [
          [ours, TENANT],
          [theirs, other],
        ] as const) {
          for (const delta of tenant.deltas()) expect(delta.tenantId).toBe(tenantId);
          for (const id of tenant.rows.keys()) {
            const row = await tables.incident.get(`${tenantId}:${id}`, "snapshot");
            expect((row?.value as { incident: Incident } | undefined)?.incident).toMatchObject({
              tenantId,
              title: `of ${tenantId}`,
            });
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
