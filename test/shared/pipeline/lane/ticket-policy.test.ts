import { describe, expect, it } from "vitest";
import { ticketPolicyOf } from "../../../../shared/compose-policy.ts";
import type { ConnectorSettings } from "../../../../shared/config/config.ts";
import type { Stage } from "../../../../shared/incident/lifecycle.ts";
import { syncTicket } from "../../../../shared/pipeline/lane/sync-ticket.ts";
import { DEFAULT_TICKET_POLICY, closedForMs } from "../../../../shared/pipeline/lane/ticket-policy.ts";
import { TENANT } from "../../../build.ts";
import { DOWN, TIMEOUT, createLane } from "../../../ticket-lane.ts";

const DAY = 24 * 60 * 60_000;

describe("how long an incident was closed", () => {
  const stays = (...given: readonly (readonly [Stage, number])[]) =>
    given.map(([stage, since]) => ({ stage, since, assignedTo: "" }));

  it.each([
    ["never", stays(["active", 1], ["inProgress", 5]), 0],
    ["still", stays(["active", 1], ["resolved", 5]), 0],
    ["once", stays(["active", 1], ["resolved", 5], ["active", 25]), 20],
    ["once, and taken up since", stays(["resolved", 5], ["active", 25], ["inProgress", 99]), 20],
    ["resolved, then merged", stays(["active", 1], ["resolved", 5], ["redirected", 10], ["active", 25]), 20],
    ["twice: the last time counts", stays(["resolved", 5], ["active", 50], ["resolved", 60], ["active", 63]), 3],
    ["for longer than is known", stays(["redirected", 5], ["inProgress", 9]), 4],
    ["nothing known", [], 0],
  ])("%s", (_what, stages, ms) => {
    expect(closedForMs(stages)).toBe(ms);
  });
});

describe("a ticket whose incident is reopened", () => {
  async function resolvedFor(days: number, reopenWithinMs = DEFAULT_TICKET_POLICY.reopenWithinMs) {
    const lane = await createLane({}, { reopenWithinMs });
    await lane.run(await lane.change({}));
    await lane.run(await lane.change({ status: "resolved" }));
    await lane.clock.advance(days * DAY);
    return lane;
  }
  const tickets = (lane: Awaited<ReturnType<typeof createLane>>) =>
    [...lane.tool.tickets.values()].map(({ id, values }) => [id, values["state"], values["continues"]]);

  it("within the days configured is reopened, after them continued by a new one that says so", async () => {
    const soon = await resolvedFor(13);
    expect(await soon.run(await soon.change({ status: "active" }))).toBe("updated");
    expect(tickets(soon)).toEqual([["1", "active", undefined]]);

    const late = await resolvedFor(15);
    expect(await late.run(await late.change({ status: "active" }))).toBe("created");
    expect(tickets(late)).toEqual([
      ["1", "resolved", undefined],
      ["2", "active", "T-1"],
    ]);
    expect(await late.link()).toMatchObject({ ticket: { id: "2" }, continued: [{ id: "1" }] });
    expect(await late.run(await late.change({ status: "inProgress" }))).toBe("updated");
    expect(await late.run(await late.change({ status: "resolved" }))).toBe("updated");
    expect(await late.run(await late.change({ status: "active" }))).toBe("updated");
    expect(tickets(late)).toHaveLength(2);
  });

  it("is continued at once where nothing is to be reopened", async () => {
    const lane = await resolvedFor(1, 0);
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("created");
  });

  it.each([
    ["before", DOWN],
    ["after", TIMEOUT],
  ] as const)("is continued once, where making the new one fails %s it is done", async (when, error) => {
    const lane = await resolvedFor(15);
    lane.tool.fail("create", when, error);
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("waiting");
    await lane.drain();
    expect(tickets(lane)).toMatchObject([
      ["1", "resolved", undefined],
      ["2", "active", "T-1"],
    ]);
  });

  it("is reopened still where a claim of the reopening was left in doubt: it is not asked twice", async () => {
    const lane = await resolvedFor(13);
    lane.tool.fail("update", "after", TIMEOUT);
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("waiting");
    await lane.clock.advance(5 * DAY);
    await lane.drain();
    expect(tickets(lane)).toEqual([["1", "active", undefined]]);
  });

  it("counts the days between closing and reopening, not how late the lane was", async () => {
    const lane = await resolvedFor(13);
    const message = await lane.change({ status: "active" });
    await lane.clock.advance(30 * DAY);
    expect(await lane.run(message)).toBe("updated");
  });

  it("goes on in its ticket, however long it was closed, where there can be no second one", async () => {
    const lane = await resolvedFor(15);
    const connector = { ...lane.deps.connector, hasOneTicket: true } as const;
    const message = await lane.change({ status: "active" });
    expect(await syncTicket({ ...lane.deps, connector }, message, lane.clock.now())).toBe("updated");
    expect(tickets(lane)).toEqual([["1", "active", undefined]]);
    expect((await lane.link()).continued).toBeUndefined();
  });

  it("is left to its tool where we make no tickets", async () => {
    const lane = await createLane({ canCreate: false }, { reopenWithinMs: 0 });
    lane.tool.put("7", `mdx:${TENANT}:29`);
    await lane.run(await lane.change({ status: "resolved" }));
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("updated");
    expect(tickets(lane)).toEqual([["7", "active", undefined]]);
  });
});

describe("the configuration of tickets", () => {
  const settings = (ticket: object | undefined): ConnectorSettings =>
    ({ id: "itsm", kind: "servicenow", ...(ticket === undefined ? {} : { ticket }) }) as unknown as ConnectorSettings;

  it.each([
    [undefined, DEFAULT_TICKET_POLICY],
    [{}, DEFAULT_TICKET_POLICY],
    [{ reopenWithin: "P1D" }, { reopenWithinMs: DAY, deleted: "detach" }],
    [
      { reopenWithin: "PT0S", deleted: "recreate" },
      { reopenWithinMs: 0, deleted: "recreate" },
    ],
  ])("%j", (ticket, policy) => {
    expect(ticketPolicyOf(settings(ticket))).toEqual(policy);
  });

  it("is the default's for a connector that has none, or is not known", () => {
    expect(ticketPolicyOf(undefined)).toEqual(DEFAULT_TICKET_POLICY);
    expect(ticketPolicyOf({ id: "s", kind: "sentinel" } as unknown as ConnectorSettings)).toEqual(
      DEFAULT_TICKET_POLICY,
    );
  });
});
