import { describe, expect, it } from "vitest";
import { PermanentError, RetryableError } from "../../../../shared/errors.ts";
import { syncTicket } from "../../../../shared/pipeline/lane/sync-ticket.ts";
import { TENANT } from "../../../build.ts";
import { LANE, createLane } from "../../../ticket-lane.ts";

const ALERTS = { readAt: 1, count: 1, rows: [], assets: [{ kind: "device" as const, name: "pc-1" }], evidence: [] };

describe("a ticket's delay", () => {
  it("is counted from the first change that the ticket did not show yet, whatever was coalesced", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    await lane.change({ status: "inProgress" });
    const firstAt = lane.clock.now();
    await lane.clock.advance(5_000);
    await lane.run(await lane.change({ severity: "low" }));
    const { lag } = await lane.link();
    expect(lag?.changedAt).toBe(firstAt);
    expect(lag?.writtenAt).toBe(lane.clock.now());
  });

  it("is not that of a write for what was read beside the incident", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    const before = (await lane.link()).lag;
    await lane.clock.advance(60_000);
    await lane.run(await lane.change({ alerts: ALERTS }));
    expect((await lane.link()).lag).toEqual(before);
  });
});

describe("a setting that is wrong, or a right that is missing for the whole connector", () => {
  it.each([
    ["an address that is refused", new PermanentError("misconfigured", "not sent: a private address")],
    ["no right to create", new PermanentError("unauthorized", "POST answered 403")],
  ])("%s: the work waits, says why, and is done once it is mended", async (_name, error) => {
    const lane = await createLane();
    lane.tool.fail("create", "before", error);
    lane.tool.fail("create", "before", error);
    expect(await lane.run(await lane.change({}))).toBe("waiting");
    expect((await lane.link()).lastError).toMatchObject({ reason: error.reason });
    expect(await lane.tables.parked.get(TENANT, "29:itsm")).toBeUndefined();
    expect(lane.bus.sent.filter((message) => message.queue === LANE)).toHaveLength(1);
    await lane.drain();
    expect(lane.tool.tickets.size).toBe(1);
    expect((await lane.link()).lastError).toBeUndefined();
  });

  it("parks a record that this account may not change: that is the record's own", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    lane.tool.fail("update", "before", new PermanentError("unauthorized", "PATCH answered 403"));
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("parked");
  });
});

describe("a tool that is away for six hours", () => {
  it("is asked at most once a minute, parks nothing, and has its ticket soon after it is back", async () => {
    const lane = await createLane();
    const down = new RetryableError("unavailable", "503");
    let calls = 0;
    let isDown = true;
    const find: typeof lane.deps.connector.find = (...args) => {
      calls += 1;
      return isDown ? Promise.reject(down) : lane.tool.connector.find(...args);
    };
    const deps = { ...lane.deps, connector: { ...lane.deps.connector, find } };
    await syncTicket(deps, await lane.change({ status: "awaitingAction" }), lane.clock.now());
    await lane.drain(6, deps);
    // The first failures in a row come before it opens.
    expect(calls).toBeLessThanOrEqual(6 * 60 + 5);
    expect((await lane.link()).isParked).toBe(false);
    isDown = false;
    const backAt = lane.clock.now();
    await lane.drain(1, deps);
    expect(lane.tool.tickets.size).toBe(1);
    expect((await lane.link()).lag?.writtenAt).toBeLessThan(backAt + 3 * 60_000);
  });
});
