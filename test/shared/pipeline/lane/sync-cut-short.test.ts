import { describe, expect, it } from "vitest";
import { PermanentError, RetryableError } from "../../../../shared/errors.ts";
import { handleDelta } from "../../../../shared/pipeline/lane/handle-delta.ts";
import { notesOf } from "../../../../shared/pipeline/lane/notes-of.ts";
import { ConflictError } from "../../../../shared/pipeline/ports/table.ts";
import type { DeltaMessage } from "../../../../shared/pipeline/schema.ts";
import { syncTicket } from "../../../../shared/pipeline/lane/sync-ticket.ts";
import { TENANT } from "../../../build.ts";
import { faultyTable } from "../../../faulty-table.ts";
import { aProjection } from "../../connectors/a-projection.ts";
import { LANE, TIMEOUT, comment, createLane } from "../../../ticket-lane.ts";

const THROTTLED = new RetryableError("throttled", "429");
const AWAY = new RetryableError("unavailable", "ServerBusy");

/** A tool that takes the state apart from the other fields, and first. */
const STATE_FIRST = {
  withCreate: ["key", "title", "severity", "parent", "merged"],
  afterCreate: ["state"],
  last: ["title", "severity"],
};

describe("a write whose answer was lost", () => {
  it("is known by one field that it changed, though a person took another back", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.tool.fail("update", "after", TIMEOUT);
    await lane.run(await lane.change({ status: "resolved", title: "Renamed by the experts" }));
    lane.ticket().values["state"] = "inProgress";
    await lane.drain();
    expect(lane.ticket().values).toMatchObject({ state: "inProgress", title: "Renamed by the experts" });
    expect(lane.tool.calls.update).toBe(1);
  });

  it("is done again where a person meanwhile set one of its fields to what was claimed", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.tool.fail("update", "before", TIMEOUT);
    await lane.run(await lane.change({ status: "resolved", severity: "low" }));
    lane.ticket().values["severity"] = "low";
    await lane.drain();
    expect(lane.ticket().values).toMatchObject({ state: "resolved", severity: "low" });
  });

  it("spends no delivery where others keep writing the link while that is recorded", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({ status: "inProgress" }));
    const message = await lane.change({ status: "resolved" });
    lane.tool.fail("update", "after", TIMEOUT);
    const incident = faultyTable(lane.tables.incident, "batch", () => new ConflictError("somebody was here first"));
    const busy = { ...lane.deps, tables: { ...lane.tables, incident } };
    expect(await syncTicket(busy, message, lane.clock.now())).toBe("waiting");
    await lane.drain();
    expect(await lane.link()).toMatchObject({ appliedSeq: message.seq });
    expect(lane.tool.calls.update).toBe(1);
  });

  it("of a create in several calls: what came after the first is written where it is not there, and there is no second ticket", async () => {
    const lane = await createLane({ steps: STATE_FIRST });
    lane.tool.fail("create", "after", TIMEOUT);
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.ticket().values["state"] = "active";
    await lane.drain();
    expect(lane.ticket().values).toMatchObject({ state: "inProgress" });
    expect(lane.tool.calls).toMatchObject({ create: 1, update: 1 });
  });

  it("of a create in several calls: what a person changed since of the first is left alone", async () => {
    const lane = await createLane({ steps: STATE_FIRST });
    lane.tool.fail("create", "after", TIMEOUT);
    await lane.run(await lane.change({ status: "inProgress" }));
    Object.assign(lane.ticket().values, { severity: "a person's", state: "active" });
    await lane.drain();
    expect(lane.ticket().values).toMatchObject({ severity: "a person's", state: "inProgress" });
  });

  it("of a create in several calls: a later one that is there proves those before it", async () => {
    const withTitleLast = {
      withCreate: ["key", "severity", "parent", "merged"],
      afterCreate: ["state", "title"],
      last: [],
    };
    const lane = await createLane({ steps: withTitleLast });
    lane.tool.fail("create", "after", TIMEOUT);
    await lane.run(await lane.change({ status: "inProgress", title: "A title that nobody else would choose" }));
    lane.ticket().values["state"] = "active";
    await lane.drain();
    expect(lane.ticket().values).toMatchObject({ state: "active" });
    expect(lane.tool.calls).toMatchObject({ create: 1, update: 0 });
  });

  it("of an update in several calls: what a person changed since is left alone, though the first call cannot be read back", async () => {
    const lane = await createLane({ steps: STATE_FIRST });
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.tool.fail("update", "after", TIMEOUT);
    await lane.run(await lane.change({ status: "resolved", title: "Renamed by the experts" }));
    Object.assign(lane.ticket().values, { title: "a person's" });
    delete lane.ticket().values["state"];
    await lane.drain();
    expect(lane.ticket().values).toMatchObject({ title: "a person's", state: "resolved" });
  });

  it("of an update in several calls: the status of the first, long as it is, proves nothing of the last", async () => {
    const lane = await createLane({ steps: STATE_FIRST });
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.tool.fail("update", "before", TIMEOUT);
    await lane.run(await lane.change({ status: "awaitingAction", title: "Renamed by the experts" }));
    lane.ticket().values["state"] = "awaitingCustomerAction";
    await lane.drain();
    expect(lane.ticket().values).toMatchObject({ state: "awaitingCustomerAction", title: "Renamed by the experts" });
  });

  it("of a create in one step: what a person changed since is left alone", async () => {
    const lane = await createLane();
    lane.tool.fail("create", "after", TIMEOUT);
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.ticket().values["state"] = "active";
    await lane.drain();
    expect(lane.ticket().values).toMatchObject({ state: "active" });
    expect(lane.tool.calls).toMatchObject({ create: 1, update: 0 });
  });

  it("is waited for as long as it takes, where the queue's clock runs minutes ahead of ours", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.tool.fail("update", "after", TIMEOUT);
    await lane.run(await lane.change({ status: "resolved" }));
    const aheadMs = 5 * 60_000;
    let deliveries = 0;
    for (; deliveries < 50; deliveries += 1) {
      const [copy] = lane.bus.take(LANE);
      if (copy === undefined) break;
      await lane.clock.advance(Math.max(0, (copy.scheduledAt ?? 0) - aheadMs - lane.clock.now()));
      await lane.run(copy.body as DeltaMessage);
    }
    expect(deliveries).toBeLessThan(5);
    expect(lane.ticket().values).toMatchObject({ state: "resolved" });
  });

  it("is done again where nothing of it is there", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.tool.fail("update", "before", TIMEOUT);
    await lane.run(await lane.change({ status: "resolved", severity: "low" }));
    await lane.drain();
    expect(lane.ticket().values).toMatchObject({ state: "resolved", severity: "low" });
  });
});

describe("notes in doubt where they cannot be read back", () => {
  it("stay marked through a failure in between", async () => {
    const lane = await createLane({ canReadNotes: false });
    await lane.run(await lane.change({}));
    lane.tool.fail("notes", "after", TIMEOUT);
    await lane.run(await lane.change({ comments: [comment("one")] }));
    lane.tool.fail("notes", "before", THROTTLED);
    await lane.drain();
    expect(lane.ticket().notes.map((note) => note.mayBeRepeated === true)).toEqual([false, true]);
    expect((await lane.link()).doubtful).toBeUndefined();
  });

  it("are marked on a ticket that was found without its link", async () => {
    const lane = await createLane({ canReadNotes: false });
    await lane.run(await lane.change({ comments: [comment("one")] }));
    await lane.tables.incident.delete(`${TENANT}:29`, "link:itsm", "any");
    await lane.run(await lane.change({ severity: "low" }));
    expect(lane.ticket().notes.map((note) => note.mayBeRepeated === true)).toEqual([false, true]);
  });
});

describe("what follows a write", () => {
  it("is made up for when the process died before those merged were told", async () => {
    const lane = await createLane();
    const message = await lane.change({});
    await lane.merge(["41"]);
    const dying = { ...lane.deps, bus: { send: () => Promise.reject(new Error("killed")) } };
    await expect(syncTicket(dying, message, lane.clock.now())).rejects.toThrow("killed");
    expect(lane.tool.tickets.size).toBe(1);
    await lane.run(message);
    expect(lane.bus.take("poll-requests")).toMatchObject([{ body: { cause: "link", incidents: ["41"] } }]);
    await lane.run(message);
    expect(lane.bus.take("poll-requests")).toEqual([]);
  });

  it("takes the parked row away, at the next look where it could not at once", async () => {
    const lane = await createLane();
    lane.tool.fail("create", "before", new PermanentError("rejected", "400"));
    await lane.run(await lane.change({}));
    expect(await lane.tables.parked.get(TENANT, "29:itsm")).toBeDefined();
    const hiccup = { ...lane.tables.parked, delete: () => Promise.reject(AWAY) };
    const deps = { ...lane.deps, tables: { ...lane.tables, parked: hiccup } };
    await syncTicket(deps, await lane.change({ severity: "low" }), lane.clock.now());
    expect(await lane.tables.parked.get(TENANT, "29:itsm")).toBeDefined();
    await lane.drain();
    expect(await lane.tables.parked.get(TENANT, "29:itsm")).toBeUndefined();
    expect((await lane.link()).isParked).toBe(false);
  });

  it("is a line in the ledger for what was decided, too", async () => {
    const lane = await createLane();
    lane.tool.fail("create", "before", new PermanentError("rejected", "400"));
    await lane.run(await lane.change({}));
    const ledger = await lane.tables.incident.range(`${TENANT}:29`, { from: "ledger:", to: "ledger;" });
    expect(ledger.map((row) => (row.value as { outcome?: string }).outcome)).toContain("parked");
  });
});

describe("a bus or a state that is away for a moment", () => {
  it("does not burn the delivery of a copy", async () => {
    const lane = await createLane();
    lane.tool.fail("create", "before", THROTTLED);
    const message = await lane.change({});
    lane.bus.refuse(LANE, true);
    const running = lane.run(message);
    await lane.clock.advance(3_000);
    lane.bus.refuse(LANE, false);
    await lane.clock.advance(5_000);
    expect(await running).toBe("waiting");
    expect(lane.bus.sent.filter((sent) => sent.queue === LANE)).toHaveLength(1);
  });

  it("gives the delivery back in the end", async () => {
    const lane = await createLane();
    lane.tool.fail("create", "before", THROTTLED);
    lane.bus.refuse(LANE, true);
    const ended = lane.run(await lane.change({})).catch((error: unknown) => error);
    await lane.clock.advance(60_000);
    expect(await ended).toBeInstanceOf(RetryableError);
  });
});

describe("a tool whose own connector makes the tickets", () => {
  it("is looked through anew where its ticket is gone", async () => {
    const lane = await createLane({ canCreate: false });
    lane.tool.put("7", `mdx:${TENANT}:29`);
    await lane.run(await lane.change({}));
    lane.tool.tickets.clear();
    lane.tool.fail("update", "before", new PermanentError("notFound", "404"));
    await lane.run(await lane.change({ status: "inProgress" }));
    expect((await lane.link()).ticket).toBeUndefined();
    lane.tool.put("8", `mdx:${TENANT}:29`);
    await lane.run(await lane.change({ status: "resolved" }));
    expect(lane.ticket()).toMatchObject({ id: "8", values: { state: "resolved" } });
    expect(await lane.tables.parked.get(TENANT, "29:itsm")).toBeUndefined();
  });
});

describe("a message of a tenant that is not routed to this tool", () => {
  it("is parked, and reaches no ticket", async () => {
    const lane = await createLane();
    const message = { ...(await lane.change({})), tenantId: "22222222-2222-2222-2222-222222222222" };
    const lanes = { ...lane.deps, laneDeps: () => Promise.resolve(lane.deps) };
    await handleDelta(lanes, lane.deps.connector.id, message, lane.clock.now());
    expect(lane.tool.tickets.size).toBe(0);
    expect((await lane.tables.parked.get(message.tenantId, "29:itsm"))?.value).toMatchObject({
      reason: "misconfigured",
    });
  });
});

describe("the ticket of a merged incident's survivor", () => {
  it("is the one at the end of the chain", async () => {
    const lane = await createLane();
    await lane.putOther("41", { status: "redirected", redirectIncidentId: "42" }, "T-41");
    await lane.putOther("42", { status: "inProgress" }, "T-42");
    await lane.run(await lane.change({}));
    await lane.run(await lane.change({ status: "redirected", redirectIncidentId: "41" }));
    expect(lane.ticket().values["parent"]).toBe("T-42");
  });

  it("is none where the chain leads in a circle", async () => {
    const lane = await createLane();
    await lane.putOther("41", { status: "redirected", redirectIncidentId: "29" }, undefined);
    await lane.run(await lane.change({}));
    await lane.run(await lane.change({ status: "redirected", redirectIncidentId: "41" }));
    expect(lane.ticket().values["parent"]).toBe("");
  });
});

describe("a note", () => {
  it("is the same however many digits its moment has", () => {
    const idOf = (createdAt: string): string | undefined =>
      notesOf(aProjection({ comments: [{ author: "a", createdAt, text: "t" }] }))[0]?.id;
    expect(idOf("2026-02-25T16:29:33.1Z")).toBe(idOf("2026-02-25T16:29:33.1000000Z"));
    expect(idOf("2026-02-25T16:29:33.1Z")).not.toBe(idOf("2026-02-25T16:29:33.2Z"));
  });
});
