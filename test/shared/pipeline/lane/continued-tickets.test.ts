import { describe, expect, it } from "vitest";
import { TENANT } from "../../../build.ts";
import { DOWN, TIMEOUT, comment, createLane } from "../../../ticket-lane.ts";

/** An incident whose ticket the tool has closed for good after it was resolved. */
async function closedForGood() {
  const lane = await createLane();
  await lane.run(await lane.change({ comments: [comment("first")] }));
  await lane.run(await lane.change({ status: "resolved" }));
  lane.ticket().isFinal = true;
  const before = structuredClone(lane.ticket());
  return { lane, before };
}

function living(lane: Awaited<ReturnType<typeof createLane>>) {
  return [...lane.tool.tickets.values()].filter((ticket) => ticket.isFinal !== true);
}

describe("a ticket that the tool closed for good", () => {
  it("is continued by a new one once the incident is reopened, and stays as it is", async () => {
    const { lane, before } = await closedForGood();
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("created");
    expect(living(lane)).toMatchObject([
      { id: "2", values: { state: "active", continues: "T-1" }, notes: [{ text: "first" }] },
    ]);
    expect(lane.ticket()).toEqual(before);
    expect(await lane.link()).toMatchObject({ ticket: { id: "2" }, continued: [{ id: "1" }], isParked: false });

    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("updated");
    expect(living(lane)).toMatchObject([{ id: "2", values: { state: "inProgress", continues: "T-1" } }]);
    expect(await lane.tables.parked.range(TENANT)).toEqual([]);
  });

  it.each([
    ["before", DOWN],
    ["after", TIMEOUT],
  ] as const)("is continued once, where making the new one fails %s it is done", async (when, error) => {
    const { lane } = await closedForGood();
    lane.tool.fail("create", when, error);
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("waiting");
    await lane.drain();
    expect(living(lane)).toMatchObject([{ id: "2", values: { state: "active" } }]);
    expect(lane.tool.tickets.size).toBe(2);
  });

  it("is continued again and again", async () => {
    const { lane } = await closedForGood();
    await lane.run(await lane.change({ status: "active" }));
    await lane.run(await lane.change({ status: "resolved" }));
    for (const ticket of living(lane)) ticket.isFinal = true;
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("created");
    expect(living(lane)).toMatchObject([{ id: "3", values: { continues: "T-2" } }]);
  });

  it("is not continued where a person closed it while the incident was open: that is parked", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.ticket().isFinal = true;
    expect(await lane.run(await lane.change({ status: "awaitingAction" }))).toBe("parked");
    expect(lane.tool.tickets.size).toBe(1);
    expect(await lane.tables.parked.get(TENANT, "29:itsm")).toMatchObject({ value: { reason: "final" } });
  });

  it("is the incident's ticket still, where the whole state was lost: never a second one", async () => {
    const { lane } = await closedForGood();
    await lane.tables.incident.delete(`${TENANT}:29`, "link:itsm", "any");
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("parked");
    expect(lane.tool.tickets.size).toBe(1);
  });

  it("is left alone by a status that nobody knows: nothing is guessed", async () => {
    const { lane } = await closedForGood();
    await lane.run(await lane.change({ status: "somethingNew" }));
    expect(lane.tool.tickets.size).toBe(1);
  });

  it.each([
    ["one status", ["somethingNew"]],
    ["two statuses", ["somethingNew", "somethingNewer"]],
  ])("is continued once the incident is open again, after %s that nobody knows", async (_name, statuses) => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    await lane.run(await lane.change({ status: "resolved" }));
    for (const status of statuses) await lane.run(await lane.change({ status }));
    lane.ticket().isFinal = true;
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("created");
    expect(living(lane)).toMatchObject([{ id: "2", values: { state: "active", continues: "T-1" } }]);
  });

  it("is parked where the incident was open before a status that nobody knows: a person closed it", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({ status: "resolved" }));
    await lane.run(await lane.change({ status: "inProgress" }));
    await lane.run(await lane.change({ status: "somethingNew" }));
    lane.ticket().isFinal = true;
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("parked");
    expect(lane.tool.tickets.size).toBe(1);
  });

  it("is continued although a claim on it was left in doubt, and somebody changed its fields when closing it", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    await lane.run(await lane.change({ status: "resolved" }));
    lane.tool.fail("update", "before", TIMEOUT);
    expect(await lane.run(await lane.change({ status: "active", severity: "low" }))).toBe("waiting");
    Object.assign(lane.ticket(), {
      isFinal: true,
      values: { ...lane.ticket().values, state: "closed", severity: "mine" },
    });
    await lane.drain();
    expect(living(lane)).toMatchObject([{ id: "2", values: { state: "active" } }]);
    expect(await lane.tables.parked.range(TENANT)).toEqual([]);
  });

  it("is not taken up again where a person reopens it after it was continued, and no third one is made", async () => {
    const { lane } = await closedForGood();
    lane.tool.fail("create", "after", TIMEOUT);
    await lane.run(await lane.change({ status: "active" }));
    lane.ticket().isFinal = false;
    await lane.drain();
    expect(lane.tool.tickets.size).toBe(2);
    expect(await lane.link()).toMatchObject({ ticket: { id: "2" } });
  });

  it("has those that were merged into it told of the new one", async () => {
    const { lane } = await closedForGood();
    await lane.merge(["41"]);
    await lane.run(await lane.change({ status: "active" }));
    expect(lane.bus.take("poll-requests")).toMatchObject([{ body: { cause: "link", incidents: ["41"] } }]);
  });
});

describe("an incident that was merged just when its survivor's ticket was made", () => {
  it("is told of that ticket once the survivor knows of the merge", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    // The loser looked for the ticket before it was linked; the survivor hears of the merge after.
    await lane.merge(["41"]);
    await lane.run(await lane.change({ severity: "low" }));
    expect(lane.bus.take("poll-requests")).toMatchObject([{ body: { cause: "link", incidents: ["41"] } }]);
    await lane.merge(["41", "42", "43"]);
    await lane.run(await lane.change({ severity: "high" }));
    expect(lane.bus.take("poll-requests")).toMatchObject([{ body: { incidents: ["42", "43"] } }]);
    await lane.run(await lane.change({ severity: "low" }));
    expect(lane.bus.take("poll-requests")).toEqual([]);
  });
});
