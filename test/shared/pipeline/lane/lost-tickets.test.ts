import { describe, expect, it } from "vitest";
import type { ConnectorId } from "../../../../shared/connectors/connector.ts";
import { PermanentError } from "../../../../shared/errors.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../../../../shared/incident/ball.ts";
import { healthOf } from "../../../../shared/pipeline/overview/health.ts";
import { summaryOf } from "../../../../shared/pipeline/incident-summary.ts";
import { dropParked, listParked, replayParked } from "../../../../shared/pipeline/park/parked-work.ts";
import { previewTicket } from "../../../../shared/pipeline/preview/preview-ticket.ts";
import { readOverview } from "../../../../shared/pipeline/overview/read-overview.ts";
import { unpackSnapshot } from "../../../../shared/pipeline/stored-snapshot.ts";
import { syncTicket } from "../../../../shared/pipeline/lane/sync-ticket.ts";
import type { TicketPolicy } from "../../../../shared/pipeline/lane/ticket-policy.ts";
import { TENANT } from "../../../build.ts";
import { DOWN, TIMEOUT, comment, createLane } from "../../../ticket-lane.ts";

type Lane = Awaited<ReturnType<typeof createLane>>;

/** An incident in work whose ticket somebody deleted. */
async function deleted(policy: TicketPolicy["deleted"]): Promise<Lane> {
  const lane = await createLane({}, { deleted: policy });
  await lane.run(await lane.change({ comments: [comment("first")] }));
  lane.tool.tickets.delete("1");
  return lane;
}

function parkedDeps(lane: Lane) {
  return { ...lane.deps, config: { tenants: [{ id: TENANT }], connectors: [{ id: "itsm" }] } };
}

async function replay(lane: Lane): Promise<readonly string[]> {
  const [work] = await listParked(parkedDeps(lane), {});
  if (work === undefined) throw new Error("nothing is parked");
  expect(await replayParked(parkedDeps(lane), work)).toBeUndefined();
  return lane.drain();
}

async function overviewOf(lane: Lane) {
  const snapshot = unpackSnapshot((await lane.tables.incident.get(`${TENANT}:29`, "snapshot"))?.value);
  await lane.tables.open.put(TENANT, "incident:29", summaryOf(snapshot, DEFAULT_ASSIGNEE_NAMES), "any");
  return readOverview({
    tables: lane.tables,
    clock: lane.clock,
    isDemo: false,
    pollIntervalMs: 15_000,
    tenants: [{ id: TENANT, name: "Contoso", portalUrl: "" }],
    connectors: [{ id: "itsm" as ConnectorId, kind: "servicenow", url: "", tenantIds: [TENANT] }],
  });
}

describe("a deleted ticket that is to be let be", () => {
  it("detaches its incident: nothing is written or asked any more, whatever changes", async () => {
    const lane = await deleted("detach");
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("detached");
    expect(await lane.link()).toMatchObject({ detached: { ticket: { label: "T-1" } }, isParked: true });
    const before = { ...lane.tool.calls };
    expect(await lane.run(await lane.change({ status: "awaitingAction" }))).toBe("detached");
    expect(await lane.run(await lane.change({ status: "resolved" }))).toBe("detached");
    expect(lane.tool.calls).toEqual(before);
    expect(lane.tool.tickets.size).toBe(0);
  });

  it("is told: parked with its mend, on the page, and in health, until it is dropped", async () => {
    const lane = await deleted("detach");
    await lane.run(await lane.change({ status: "inProgress" }));
    const overview = await overviewOf(lane);
    expect(overview.incidents[0]?.tickets[0]).toMatchObject({ state: "detached", label: "T-1", url: "" });
    expect(overview.incidents[0]?.tickets[0]?.mend).toContain("replay this work");
    expect(overview.connectors[0]).toMatchObject({ detached: 1, parked: 0, problem: "" });
    expect(healthOf(overview).connectors[0]).toMatchObject({
      status: "late",
      detached: 1,
      parked: 0,
      problems: ["1 detached, for their tickets were deleted in the tool: replay them or drop them"],
    });
    const [work] = await listParked(parkedDeps(lane), {});
    if (work === undefined) throw new Error("nothing is parked");
    await dropParked(parkedDeps(lane), work, "not wanted");
    const after = await overviewOf(lane);
    expect(healthOf(after).connectors[0]).toMatchObject({ status: "ok", problems: [] });
    expect(after.incidents[0]?.tickets[0]).toMatchObject({ state: "detached" });
    expect(await lane.run(await lane.change({ status: "resolved" }))).toBe("detached");
  });

  it("is found again by a replay where it was restored", async () => {
    const lane = await deleted("detach");
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.tool.put("1", `mdx:${TENANT}:29`);
    expect(await replay(lane)).toContain("adopted");
    expect(lane.ticket()).toMatchObject({ id: "1", values: { state: "inProgress" }, notes: [{ text: "first" }] });
    expect((await lane.link()).detached).toBeUndefined();
    expect(await listParked(parkedDeps(lane), {})).toEqual([]);
    expect(await lane.run(await lane.change({ status: "resolved" }))).toBe("updated");
  });

  it("is made anew by a replay where it is gone, once however the making fails", async () => {
    const lane = await deleted("detach");
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.tool.fail("create", "after", TIMEOUT);
    await replay(lane);
    expect([...lane.tool.tickets.values()]).toMatchObject([{ id: "2", values: { state: "inProgress" } }]);
    expect(await listParked(parkedDeps(lane), {})).toEqual([]);
  });

  it("is not believed to be gone for one answer: where it is there, the work is parked as before", async () => {
    const lane = await createLane({}, { deleted: "recreate" });
    await lane.run(await lane.change({}));
    lane.tool.fail("update", "before", new PermanentError("notFound", "404"));
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("parked");
    expect(await lane.link()).toMatchObject({ ticket: { id: "1" } });
    expect((await lane.link()).detached).toBeUndefined();
    expect(lane.tool.tickets.size).toBe(1);
  });

  it("is not believed to be gone where that cannot be asked: the work waits", async () => {
    const lane = await deleted("recreate");
    const message = await lane.change({ status: "inProgress" });
    const unreadable = { ...lane.deps.connector, read: () => Promise.reject(DOWN) };
    expect(await syncTicket({ ...lane.deps, connector: unreadable }, message, lane.clock.now())).toBe("waiting");
    expect(lane.tool.tickets.size).toBe(0);
  });
});

describe("a deleted ticket that is to be made anew", () => {
  it("is made once, with all it should have; deleted again, its incident is detached", async () => {
    const lane = await deleted("recreate");
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("created");
    expect([...lane.tool.tickets.values()]).toMatchObject([
      { id: "2", values: { state: "inProgress" }, notes: [{ text: "first" }] },
    ]);
    expect(await lane.run(await lane.change({ severity: "low" }))).toBe("updated");
    lane.tool.tickets.delete("2");
    expect(await lane.run(await lane.change({ status: "awaitingAction" }))).toBe("detached");
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("detached");
    expect(lane.tool.tickets.size).toBe(0);
  });

  it.each([
    ["before", DOWN],
    ["after", TIMEOUT],
  ] as const)("is made once, where making it fails %s it is done", async (when, error) => {
    const lane = await deleted("recreate");
    lane.tool.fail("create", when, error);
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("waiting");
    await lane.drain();
    expect([...lane.tool.tickets.keys()]).toEqual(["2"]);
    expect(await lane.link()).toMatchObject({ ticket: { id: "2" }, recreated: { ticket: { id: "1" } } });
  });

  it("is not taken for its own successor by a look-up that lags", async () => {
    const lane = await createLane({}, { deleted: "recreate" });
    await lane.run(await lane.change({}));
    const ghost = lane.ticket();
    lane.tool.tickets.delete("1");
    const { find } = lane.deps.connector;
    const lagging = {
      ...lane.deps.connector,
      find: async (...args: Parameters<typeof find>) =>
        args[2]?.has(ghost.id) === true
          ? find(...args)
          : { ref: { id: ghost.id, label: "T-1", url: "" }, values: ghost.values, tags: [] },
    };
    const message = await lane.change({ status: "inProgress" });
    expect(await syncTicket({ ...lane.deps, connector: lagging }, message, lane.clock.now())).toBe("created");
    expect([...lane.tool.tickets.keys()]).toEqual(["2"]);
  });

  it("is made where a claim that was cut short finds it gone", async () => {
    const lane = await createLane({}, { deleted: "recreate" });
    await lane.run(await lane.change({}));
    lane.tool.fail("update", "before", TIMEOUT);
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("waiting");
    lane.tool.tickets.delete("1");
    await lane.drain();
    expect([...lane.tool.tickets.values()]).toMatchObject([{ id: "2", values: { state: "inProgress" } }]);
  });

  it("is not made for a closed incident, but once that is open again", async () => {
    const lane = await deleted("recreate");
    expect(await lane.run(await lane.change({ status: "resolved" }))).toBe("detached");
    expect(lane.tool.tickets.size).toBe(0);
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("created");
    expect([...lane.tool.tickets.values()]).toMatchObject([{ id: "2", values: { state: "active" } }]);
    expect(await listParked(parkedDeps(lane), {})).toEqual([]);
  });
});

describe("a deleted ticket whose incident the route no longer wants", () => {
  async function unwanted(policy: TicketPolicy["deleted"]): Promise<Lane> {
    const lane = await createLane({}, { deleted: policy });
    Object.assign(lane.deps, { route: { severities: ["high"] } });
    await lane.run(await lane.change({ severity: "high" }));
    expect(await lane.run(await lane.change({ severity: "low" }))).toBe("updated");
    lane.tool.tickets.delete("1");
    return lane;
  }

  it("is found again by a replay where it was restored, and kept to its end", async () => {
    const lane = await unwanted("detach");
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("detached");
    lane.tool.put("1", `mdx:${TENANT}:29`);
    expect(await replay(lane)).toContain("adopted");
    expect(lane.ticket()).toMatchObject({ id: "1", values: { state: "inProgress" } });
    expect(await lane.link()).not.toHaveProperty("sought");
    expect(await listParked(parkedDeps(lane), {})).toEqual([]);
    expect(await lane.run(await lane.change({ status: "resolved" }))).toBe("updated");
  });

  it.each([
    ["find", "before", DOWN],
    ["create", "before", DOWN],
    ["create", "after", TIMEOUT],
  ] as const)(
    "is made anew by a replay where it is gone, once though %s fails %s it is done",
    async (call, when, why) => {
      const lane = await unwanted("detach");
      await lane.run(await lane.change({ status: "inProgress" }));
      lane.tool.fail(call, when, why);
      await replay(lane);
      expect([...lane.tool.tickets.values()]).toMatchObject([{ id: "2", values: { state: "inProgress" } }]);
      expect(await listParked(parkedDeps(lane), {})).toEqual([]);
    },
  );

  it("is told by a preview to be made anew where the lane then does so", async () => {
    const lane = await unwanted("recreate");
    expect(await lane.run(await lane.change({ status: "resolved" }))).toBe("detached");
    const preview = async (): Promise<string> => {
      const snapshot = unpackSnapshot((await lane.tables.incident.get(`${TENANT}:29`, "snapshot"))?.value);
      return (await previewTicket(lane.deps, snapshot, await lane.link(), new AbortController().signal)).action;
    };
    expect(await preview()).toBe("absent");
    const message = await lane.change({ status: "active" });
    expect(await preview()).toBe("create");
    expect(await lane.run(message)).toBe("created");
  });
});
