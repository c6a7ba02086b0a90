import { describe, expect, it } from "vitest";
import { type TicketConnector, afterSomeNotes } from "../../../../shared/connectors/connector.ts";
import { PermanentError, RetryableError } from "../../../../shared/errors.ts";
import type { IncidentId } from "../../../../shared/incident/incident.ts";
import { SNAPSHOT_ROW, incidentPartition } from "../../../../shared/pipeline/keys.ts";
import type { DeltaMessage } from "../../../../shared/pipeline/schema.ts";
import type { SyncDeps } from "../../../../shared/pipeline/lane/sync-deps.ts";
import { createBornAt } from "../../../../shared/pipeline/born-at.ts";
import { syncTicket } from "../../../../shared/pipeline/lane/sync-ticket.ts";
import { TENANT } from "../../../build.ts";
import { DOWN, LANE, TIMEOUT, comment, createLane } from "../../../ticket-lane.ts";

describe("a life", () => {
  it("is one ticket that shows each stage in turn", async () => {
    const lane = await createLane();
    expect(await lane.run(await lane.change({}))).toBe("created");
    for (const status of ["inProgress", "awaitingAction", "resolved", "active", "resolved"]) {
      expect(await lane.run(await lane.change({ status }))).toBe("updated");
    }
    expect(lane.tool.tickets.size).toBe(1);
    expect(lane.ticket()).toMatchObject({
      values: { state: "resolved" },
      tags: ["dex:experts", "dex:stage=resolved"],
    });
    expect(lane.tool.calls).toMatchObject({ find: 1, create: 1, update: 5, read: 0 });
  });

  it("takes three table operations for an update and four for a create", async () => {
    const lane = await createLane();
    const first = await lane.change({});
    const counted = countingTables(lane.deps);
    await syncTicket(counted.deps, first, lane.clock.now());
    expect(counted.operations()).toBe(4);
    const second = await lane.change({ status: "resolved" });
    await syncTicket(counted.deps, second, lane.clock.now());
    expect(counted.operations()).toBe(4 + 3);
  });

  it("writes nothing twice: the same delta again is stale", async () => {
    const lane = await createLane();
    const message = await lane.change({});
    await lane.run(message);
    expect(await lane.run(message)).toBe("stale");
    expect(lane.tool.calls).toMatchObject({ create: 1, update: 0 });
  });

  it("reads the newest snapshot, so that an older delta after a newer one writes nothing", async () => {
    const lane = await createLane();
    const first = await lane.change({});
    const second = await lane.change({ status: "resolved" });
    expect(await lane.run(second)).toBe("created");
    expect(await lane.run(first)).toBe("stale");
    expect(lane.ticket().values["state"]).toBe("resolved");
  });

  it("calls nobody for a change that the ticket does not show", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    expect(await lane.run(await lane.change({ priorityScore: 99 }))).toBe("unchanged");
    expect(lane.tool.calls).toMatchObject({ update: 0, read: 0 });
  });

  it("makes no ticket for an incident that was merged away before it had one", async () => {
    const lane = await createLane();
    expect(await lane.run(await lane.change({ status: "redirected", redirectIncidentId: "7" }))).toBe("absent");
    expect(lane.tool.tickets.size).toBe(0);
  });
});

describe("comments", () => {
  it("are each posted once, in one append a pass", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({ comments: [comment("one"), comment("two")] }));
    await lane.run(await lane.change({ comments: [comment("one"), comment("two"), comment("two")] }));
    expect(lane.ticket().notes.map((note) => note.text)).toEqual(["one", "two", "two"]);
    expect(lane.tool.calls.notes).toBe(2);
  });

  it("are read back after an append whose answer was lost", async () => {
    const lane = await createLane();
    lane.tool.fail("notes", "after", TIMEOUT);
    expect(await lane.run(await lane.change({ comments: [comment("one")] }))).toBe("waiting");
    await lane.drain();
    expect(lane.ticket().notes).toHaveLength(1);
    expect((await lane.link()).notes).toHaveLength(1);
  });

  it("are posted again, and marked, where they cannot be read back", async () => {
    const lane = await createLane({ canReadNotes: false });
    lane.tool.fail("notes", "after", TIMEOUT);
    await lane.run(await lane.change({ comments: [comment("one")] }));
    await lane.drain();
    expect(lane.ticket().notes.map((note) => note.mayBeRepeated ?? false)).toEqual([false, true]);
  });
});

describe("a person's change", () => {
  it("is left alone and shown, until the incident changes that field", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.ticket().values["title"] = "Renamed by the desk";
    await lane.run(await lane.change({ severity: "low" }));
    expect(lane.ticket().values["title"]).toBe("Renamed by the desk");
    expect((await lane.link()).drift).toEqual(["title"]);
    await lane.run(await lane.change({ title: "Renamed by Defender" }));
    expect(lane.ticket().values["title"]).toBe("Renamed by Defender");
    expect((await lane.link()).drift).toEqual([]);
  });

  it("of the state gives way when the incident enters a stage", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.ticket().values["state"] = "closed by hand";
    await lane.run(await lane.change({ severity: "low" }));
    expect(lane.ticket().values["state"]).toBe("closed by hand");
    await lane.run(await lane.change({ status: "awaitingAction" }));
    expect(lane.ticket().values["state"]).toBe("awaitingCustomerAction");
  });

  it("of a field that is ours outright is put right", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.ticket().values["key"] = "";
    await lane.run(await lane.change({ severity: "low" }));
    await lane.run(await lane.change({ severity: "medium" }));
    expect(lane.ticket().values["key"]).toBe(`mdx:${TENANT}:29`);
  });

  it("of tags is kept: only ours come and go", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.ticket().tags.push("vip");
    await lane.run(await lane.change({ status: "awaitingAction" }));
    expect(lane.ticket().tags.toSorted()).toEqual([
      "Awaiting Customer Action",
      "dex:experts",
      "dex:stage=awaitingCustomerAction",
      "vip",
    ]);
  });
});

describe("failures", () => {
  it("wait in a scheduled copy and end in the newest state", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.tool.fail("update", "before", DOWN);
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("waiting");
    expect((await lane.link()).intent).toBeUndefined();
    expect(await lane.run(await lane.change({ status: "awaitingAction" }))).toBe("folded");
    expect(await lane.drain()).toEqual(["updated"]);
    expect(lane.ticket().values["state"]).toBe("awaitingCustomerAction");
    expect((await lane.link()).pending).toBeUndefined();
  });

  it("honour the tool's Retry-After beyond our own caps", async () => {
    const lane = await createLane();
    lane.tool.fail("find", "before", new RetryableError("throttled", "429", { retryAfterMs: 3_600_000 }));
    const before = lane.clock.now();
    await lane.run(await lane.change({}));
    expect(lane.bus.sent[0]?.scheduledAt).toBeGreaterThanOrEqual(before + 3_600_000);
  });

  it("never make a second ticket: a create whose answer was lost is looked for", async () => {
    const lane = await createLane();
    lane.tool.fail("create", "after", TIMEOUT);
    expect(await lane.run(await lane.change({ comments: [comment("one")] }))).toBe("waiting");
    await lane.drain();
    expect(lane.tool.tickets.size).toBe(1);
    expect(lane.ticket().notes).toHaveLength(1);
    expect((await lane.link()).ticket?.id).toBe("1");
  });

  it("nor while the tool's search lags behind its writes", async () => {
    const lane = await createLane();
    lane.tool.fail("create", "after", TIMEOUT);
    lane.tool.hide(true);
    await lane.run(await lane.change({}));
    const claimEnds = (await lane.link()).intent?.until ?? 0;
    await lane.clock.advance(claimEnds - lane.clock.now() + 1_000);
    lane.bus.take(LANE);
    expect(await lane.run({ ...(await lane.change({ severity: "low" })), n: 1 })).toBe("waiting");
    lane.tool.hide(false);
    await lane.drain();
    expect(lane.tool.tickets.size).toBe(1);
  });

  it("create anew where the first attempt never arrived", async () => {
    const lane = await createLane();
    lane.tool.fail("create", "before", TIMEOUT);
    await lane.run(await lane.change({}));
    await lane.drain();
    expect(lane.tool.tickets.size).toBe(1);
  });

  it("are verified: an update that arrived is not sent again, one that did not is", async () => {
    for (const when of ["before", "after"] as const) {
      const lane = await createLane();
      await lane.run(await lane.change({}));
      lane.tool.fail("update", when, TIMEOUT);
      await lane.run(await lane.change({ status: "resolved" }));
      await lane.drain();
      expect(lane.ticket().values["state"]).toBe("resolved");
      expect(lane.tool.calls.update).toBe(when === "after" ? 1 : 2);
    }
  });

  it("leave a person's change alone that came between the write and its verification", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.tool.fail("update", "after", TIMEOUT);
    await lane.run(await lane.change({ status: "resolved" }));
    lane.ticket().values["state"] = "reopened by hand";
    await lane.drain();
    expect(lane.ticket().values["state"]).toBe("reopened by hand");
  });

  it("that no repetition mends are parked with the reason, and a newer change tries again", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.tool.fail("update", "before", new PermanentError("rejected", "close code is mandatory", { mend: "name one" }));
    expect(await lane.run(await lane.change({ status: "resolved" }))).toBe("parked");
    const parked = await lane.tables.parked.get(TENANT, "29:itsm");
    expect(parked?.value).toMatchObject({ reason: "rejected", message: "close code is mandatory", mend: "name one" });
    expect(lane.bus.sent).toHaveLength(0);
    expect(await lane.run(await lane.change({ severity: "low" }))).toBe("updated");
    expect(await lane.tables.parked.get(TENANT, "29:itsm")).toBeUndefined();
    expect(lane.ticket().values).toMatchObject({ state: "resolved", severity: "low" });
  });

  it("of one record after its first write count against no other, keep their mend, and are parked with it", async () => {
    const lane = await createLane();
    const refusal = new PermanentError("rejected", "no more comments on this one", { mend: "remove some" });
    const later = afterSomeNotes(refusal, []) as Error;
    for (const error of [...Array.from({ length: 6 }, () => later), refusal]) lane.tool.fail("notes", "before", error);
    expect(await lane.run(await lane.change({ comments: [comment("one")] }))).toBe("waiting");
    expect((await lane.link()).lastError).toMatchObject({ reason: "refused", mend: "remove some" });
    // An open breaker would have made more of them wait.
    expect(await lane.drain()).toEqual(["waiting", "waiting", "waiting", "waiting", "waiting", "parked"]);
    const parked = await lane.tables.parked.get(TENANT, "29:itsm");
    expect(parked?.value).toMatchObject({ reason: "rejected", mend: "remove some" });
  });

  it("of a part let all else and the notes be written, are parked with the mend, and tried again by the replay", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({ status: "inProgress" }));
    const error = new PermanentError("rejected", "no way leads there", { mend: "add a transition" });
    const partly: TicketConnector = {
      ...lane.tool.connector,
      async update(ref, { values: { state: _state, ...values }, tags }, signal) {
        const ticket = await lane.tool.connector.update(ref, { values, tags }, signal);
        return { ...ticket, refused: { fields: ["state"], error } };
      },
    };
    const message = await lane.change({ status: "awaitingAction", severity: "low", comments: [comment("your turn")] });
    expect(await syncTicket({ ...lane.deps, connector: partly }, message, lane.clock.now())).toBe("parked");
    expect(lane.ticket()).toMatchObject({
      values: { state: "inProgress", severity: "low" },
      notes: [{ text: "your turn" }],
    });
    const parked = await lane.tables.parked.get(TENANT, "29:itsm");
    expect(parked?.value).toMatchObject({ message: "no way leads there", mend: "add a transition" });
    expect(await lane.run({ ...message, cause: "replay" })).toBe("updated");
    expect(lane.ticket()).toMatchObject({
      values: { state: "awaitingCustomerAction" },
      notes: [{ text: "your turn" }],
    });
    expect(await lane.tables.parked.get(TENANT, "29:itsm")).toBeUndefined();
  });

  it("of a part is not forgotten where the answer to what came after it was lost", async () => {
    const steps = { withCreate: ["key", "title"], afterCreate: ["state"], last: ["title", "severity"] };
    const lane = await createLane({ steps });
    await lane.run(await lane.change({ status: "inProgress" }));
    const lost = new RetryableError("timeout", "no answer", { mayHaveHappened: true, refusedFields: ["state"] });
    const partly: TicketConnector = {
      ...lane.tool.connector,
      async update(ref, { values: { state: _state, ...values }, tags }, signal) {
        await lane.tool.connector.update(ref, { values, tags }, signal);
        throw lost;
      },
    };
    const message = await lane.change({ status: "resolved", title: "Renamed by the experts" });
    expect(await syncTicket({ ...lane.deps, connector: partly }, message, lane.clock.now())).toBe("waiting");
    expect(lane.ticket().values).toMatchObject({ state: "inProgress", title: "Renamed by the experts" });
    await lane.drain();
    expect(lane.ticket().values).toMatchObject({ state: "resolved" });
  });

  it("of a ticket that was deleted detach it, and are not made into a second ticket", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.tool.fail("update", "before", TIMEOUT);
    await lane.run(await lane.change({ status: "resolved" }));
    lane.tool.tickets.clear();
    expect(await lane.drain()).toEqual(["detached"]);
    expect(lane.tool.tickets.size).toBe(0);
  });

  it("that last seven days are parked in the end", async () => {
    const lane = await createLane();
    for (let attempt = 0; attempt < 2_000; attempt += 1) lane.tool.fail("find", "before", DOWN);
    await lane.run(await lane.change({}));
    const outcomes = await lane.drain(24 * 9);
    expect(outcomes.at(-1)).toBe("parked");
    const days = (lane.clock.now() - Date.UTC(2026, 5, 1)) / 86_400_000;
    expect(days).toBeGreaterThan(7);
    expect(days).toBeLessThan(7.1);
  });

  it("of our own making alarm and wait; they are parked after a day", async () => {
    const lane = await createLane();
    for (let attempt = 0; attempt < 500; attempt += 1) lane.tool.fail("find", "before", new TypeError("a bug"));
    expect(await lane.run(await lane.change({}))).toBe("waiting");
    const outcomes = await lane.drain(30);
    expect(outcomes.at(-1)).toBe("parked");
  });
});

describe("a state that is away", () => {
  it("keeps the work in a copy, spends no delivery, and ends in the newest state", async () => {
    const lane = await createLane();
    const message = await lane.change({});
    const away = { ...lane.tables.incident, getMany: () => Promise.reject(new RetryableError("unavailable", "503")) };
    const deps = { ...lane.deps, tables: { ...lane.tables, incident: away } };
    expect(await syncTicket(deps, message, lane.clock.now())).toBe("waiting");
    expect(await lane.drain()).toEqual(["created"]);
  });

  it("parks a snapshot of another version, and the next one flows", async () => {
    const lane = await createLane();
    const message = await lane.change({});
    await lane.tables.incident.put(incidentPartition(TENANT, "29" as IncidentId), SNAPSHOT_ROW, { v: 99 }, "any");
    expect(await lane.run(message)).toBe("parked");
    expect((await lane.tables.parked.get(TENANT, "29:itsm"))?.value).toMatchObject({ reason: "malformed" });
    expect(await lane.run(await lane.change({ severity: "low" }))).toBe("created");
  });
});

describe("what is in doubt", () => {
  it("stays so while the tool cannot be read: notes that may have arrived are looked for, not posted again", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.tool.fail("notes", "after", TIMEOUT);
    await lane.run(await lane.change({ comments: [comment("one")] }));
    lane.tool.fail("read", "before", DOWN);
    await lane.drain();
    expect(lane.ticket().notes).toHaveLength(1);
  });

  it("stays so for a create whose look-up fails: no second ticket", async () => {
    const lane = await createLane();
    lane.tool.fail("create", "after", TIMEOUT);
    await lane.run(await lane.change({}));
    lane.tool.fail("find", "before", DOWN);
    await lane.drain();
    expect(lane.tool.tickets.size).toBe(1);
  });

  it("is settled for a create by the ticket being there: what a person changed meanwhile is theirs", async () => {
    const lane = await createLane();
    lane.tool.fail("create", "after", TIMEOUT);
    await lane.run(await lane.change({}));
    lane.ticket().values["title"] = "Renamed by the desk";
    await lane.drain();
    expect(lane.ticket().values["title"]).toBe("Renamed by the desk");
  });
});

describe("folding", () => {
  it("never folds a later copy into one that has run: the work goes on", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.tool.fail("update", "before", DOWN);
    const message = await lane.change({ status: "inProgress" });
    await lane.run(message);
    lane.bus.take(LANE);
    await lane.clock.advance(2_000);
    expect(await lane.run({ ...message, cause: "retry", n: 2 })).toBe("updated");
  });

  it("lets a newer change try at once where the work was parked", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.tool.fail("update", "before", DOWN);
    lane.tool.fail("update", "before", new PermanentError("rejected", "no", { mend: "mend" }));
    await lane.run(await lane.change({ status: "inProgress" }));
    expect(await lane.drain()).toEqual(["parked"]);
    expect(await lane.run(await lane.change({ severity: "low" }))).toBe("updated");
  });

  it("does not let a handover wait for a copy that is due much later", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    const failing = 12;
    for (let attempt = 0; attempt < failing; attempt += 1) lane.tool.fail("update", "before", DOWN);
    await lane.run(await lane.change({ status: "inProgress" }));
    while (((await lane.link()).pending?.dueAt ?? 0) - lane.clock.now() < 200_000) {
      const [copy] = lane.bus.take(LANE);
      if (copy === undefined) throw new Error("no copy");
      await lane.clock.advance((copy.scheduledAt ?? 0) - lane.clock.now());
      await lane.run(copy.body as DeltaMessage);
    }
    expect(await lane.run(await lane.change({ status: "awaitingAction" }))).toBe("folded");
    expect(((await lane.link()).pending?.dueAt ?? 0) - lane.clock.now()).toBeLessThanOrEqual(120_000);
    await lane.drain();
    expect(lane.ticket().values["state"]).toBe("awaitingCustomerAction");
  });
});

describe("claims", () => {
  it("hold a second worker off until they end", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.tool.fail("update", "after", TIMEOUT);
    await lane.run(await lane.change({ status: "inProgress" }));
    lane.bus.take(LANE);
    const { pending: _pending, ...claimedOnly } = await lane.link();
    const row = await lane.tables.incident.get(incidentPartition(TENANT, "29" as IncidentId), "link:itsm");
    await lane.tables.incident.put(incidentPartition(TENANT, "29" as IncidentId), "link:itsm", claimedOnly, {
      etag: row?.etag ?? "",
    });
    expect(await lane.run(await lane.change({ status: "resolved" }))).toBe("waiting");
    expect(lane.tool.calls.update).toBe(1);
    await lane.drain();
    expect(lane.ticket().values["state"]).toBe("resolved");
  });

  it("look again where the snapshot is not there yet, and ask for it in the end", async () => {
    const lane = await createLane();
    const message = await lane.change({});
    const early = { ...message, seq: message.seq + 100 };
    expect(await lane.run(early)).toBe("looking-again");
    expect((await lane.drain()).every((outcome) => outcome === "looking-again")).toBe(true);
    expect(lane.bus.take("poll-requests")).toMatchObject([{ body: { cause: "look-again", incidents: ["29"] } }]);
  });
});

describe("a twin that another connector makes", () => {
  it("is waited for, then adopted, and never made", async () => {
    const lane = await createLane({ canCreate: false });
    expect(await lane.run(await lane.change({}))).toBe("waiting");
    lane.tool.tickets.set("1", { id: "1", key: `mdx:${TENANT}:29`, values: {}, tags: ["theirs"], notes: [] });
    expect(await lane.drain()).toEqual(["adopted"]);
    expect(lane.ticket().tags).toContain("theirs");
    expect(lane.ticket().tags).toContain("dex:stage=active");
  });

  it("keeps no tag of ours from a state that was lost, and every other", async () => {
    const lane = await createLane({ canCreate: false });
    const tags = ["theirs", "dex:stage=active", "dex:experts"];
    lane.tool.tickets.set("1", { id: "1", key: `mdx:${TENANT}:29`, values: {}, tags, notes: [] });
    const message = await lane.change({ status: "resolved", systemTags: [] });
    expect(await lane.run(message)).toBe("adopted");
    expect(lane.ticket().tags).toContain("theirs");
    expect(lane.ticket().tags.filter((tag) => tag.startsWith("dex:stage="))).toEqual(["dex:stage=resolved"]);
    expect(lane.ticket().tags).not.toContain("dex:experts");
  });

  it("is recorded as absent after half an hour, and looked for again at the next change", async () => {
    const lane = await createLane({ canCreate: false });
    await lane.run(await lane.change({}));
    expect((await lane.drain()).at(-1)).toBe("absent");
    expect((await lane.link()).isAbsent).toBe(true);
    expect(await lane.tables.parked.range(TENANT)).toEqual([]);
    lane.tool.tickets.set("1", { id: "1", key: `mdx:${TENANT}:29`, values: {}, tags: [], notes: [] });
    expect(await lane.run(await lane.change({ status: "resolved" }))).toBe("adopted");
  });
});

/** Counts calls of the table port. */
function countingTables(deps: SyncDeps): { deps: SyncDeps; operations: () => number } {
  let operations = 0;
  const counted = Object.fromEntries(
    Object.entries(deps.tables).map(([name, table]) => [
      name,
      new Proxy(table as object, {
        get(target, method) {
          const value: unknown = Reflect.get(target, method);
          if (typeof value !== "function") return value;
          return (...args: unknown[]): unknown => {
            operations += 1;
            return Reflect.apply(value, target, args);
          };
        },
      }),
    ]),
  ) as unknown as SyncDeps["tables"];
  const bornAt = createBornAt({ control: counted.control, clock: deps.clock });
  return { deps: { ...deps, tables: counted, bornAt }, operations: () => operations };
}
