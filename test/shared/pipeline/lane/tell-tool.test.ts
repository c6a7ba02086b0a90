import { describe, expect, it } from "vitest";
import type { TicketConnector } from "../../../../shared/connectors/connector.ts";
import { PermanentError, RetryableError } from "../../../../shared/errors.ts";
import type { CorrelationKey } from "../../../../shared/incident/correlation-key.ts";
import type { IncidentId } from "../../../../shared/incident/incident.ts";
import type { LifecycleEvent } from "../../../../shared/incident/lifecycle-event.ts";
import { incidentPartition } from "../../../../shared/pipeline/keys.ts";
import { oweEvents } from "../../../../shared/pipeline/lane/owe-events.ts";
import { toBeRebuilt } from "../../../../shared/pipeline/link.ts";
import type { DeltaMessage } from "../../../../shared/pipeline/schema.ts";
import type { SyncDeps, SyncOutcome } from "../../../../shared/pipeline/lane/sync-deps.ts";
import { syncTicket } from "../../../../shared/pipeline/lane/sync-ticket.ts";
import { TENANT } from "../../../build.ts";
import { createLane } from "../../../ticket-lane.ts";

const KEY = `mdx:${TENANT}:29`;
const PARTITION = incidentPartition(TENANT, "29" as IncidentId);
const LOST = new RetryableError("timeout", "no answer", { mayHaveHappened: true });

/** A lane of a tool that takes events, of which its own rules make tickets. */
async function createTellingLane() {
  const lane = await createLane({ canCreate: false });
  const told: LifecycleEvent[] = [];
  const failures: Error[] = [];
  const connector: TicketConnector = {
    ...lane.deps.connector,
    async tell(event) {
      await Promise.resolve();
      told.push(event);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
    },
  };
  const deps: SyncDeps = { ...lane.deps, connector };
  return {
    ...lane,
    deps,
    told,
    failures,
    run: (message: DeltaMessage): Promise<SyncOutcome> => syncTicket(deps, message, lane.clock.now()),
    drain: (hours?: number): Promise<readonly SyncOutcome[]> => lane.drain(hours, deps),
    ids: (): readonly string[] => told.map(({ id }) => id),
  };
}

describe("a tool whose rules make the ticket of our events", () => {
  it("is told before the ticket is looked for, once, and the ticket is adopted when it is there", async () => {
    const lane = await createTellingLane();
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("waiting");
    expect(lane.told).toMatchObject([{ type: "inProgress", from: undefined, skipped: [] }]);
    lane.tool.put("7", KEY);
    expect(await lane.drain()).toContain("adopted");
    expect(lane.told).toHaveLength(1);
    expect((await lane.link()).ticket?.id).toBe("7");
  });

  it("is told again under the same id where the answer was lost", async () => {
    const lane = await createTellingLane();
    lane.tool.put("7", KEY);
    lane.failures.push(LOST);
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("waiting");
    expect(await lane.drain()).toEqual(["adopted"]);
    expect(lane.told).toHaveLength(2);
    expect(new Set(lane.ids()).size).toBe(1);
  });

  it("is told again under the same id of what was lost with a connection when a process ended", async () => {
    const lane = await createTellingLane();
    lane.tool.put("7", KEY);
    await lane.run(await lane.change({ status: "inProgress" }));
    await oweEvents(lane.deps, lane.deps.connector.id, [KEY as CorrelationKey, `mdx:${TENANT}:none` as CorrelationKey]);
    expect((await lane.link()).told).toMatchObject({ isAskedAgain: true });
    await lane.drain();
    expect(lane.told).toHaveLength(2);
    expect(new Set(lane.ids()).size).toBe(1);
    expect((await lane.link()).told).not.toHaveProperty("isAskedAgain");
    await oweEvents(lane.deps, lane.deps.connector.id, []);
    expect(await lane.drain()).toEqual([]);
  });

  it("is told at once of what changes while its ticket is waited for", async () => {
    const lane = await createTellingLane();
    await lane.run(await lane.change({ status: "inProgress" }));
    expect(await lane.run(await lane.change({ status: "awaitingAction" }))).toBe("folded");
    expect(lane.told.map(({ type, from }) => [type, from])).toEqual([
      ["inProgress", undefined],
      ["awaitingCustomerAction", "inProgress"],
    ]);
  });

  it("is not tried by each change while it fails, and then hears of every stage", async () => {
    const lane = await createTellingLane();
    lane.failures.push(new RetryableError("unavailable", "503"));
    await lane.run(await lane.change({ status: "inProgress" }));
    for (const status of ["awaitingAction", "inProgress", "resolved"]) {
      expect(await lane.run(await lane.change({ status }))).toBe("folded");
    }
    expect(lane.told).toHaveLength(1);
    lane.tool.put("7", KEY);
    await lane.drain();
    expect(lane.told).toHaveLength(2);
    expect(lane.told[1]).toMatchObject({
      type: "resolved",
      skipped: ["inProgress", "awaitingCustomerAction", "inProgress"],
    });
  });

  it("has the incident that one went into looked at again once it is told of the merge, whatever the route", async () => {
    const lane = await createTellingLane();
    Object.assign(lane.deps, { route: { severities: ["high"] } });
    const asked = (): unknown[] =>
      lane.bus.take("poll-requests").map(({ body }) => (body as { readonly incidents: unknown }).incidents);
    const message = await lane.change({ status: "redirected", redirectIncidentId: "30", severity: "high" });
    lane.failures.push(new RetryableError("unavailable", "503"));
    await lane.run(message);
    expect(asked()).toEqual([]);
    lane.bus.refuse("poll-requests", true);
    await lane.drain();
    lane.bus.refuse("poll-requests", false);
    await lane.drain();
    expect(asked()).toEqual([["30"]]);
    expect(new Set(lane.ids()).size).toBe(1);
  });

  it("makes another ticket of a reopened incident whose ticket is closed for good", async () => {
    const lane = await createTellingLane();
    lane.tool.put("7", KEY);
    await lane.run(await lane.change({ status: "resolved" }));
    lane.ticket().isFinal = true;
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("waiting");
    expect(lane.told.at(-1)).toMatchObject({ type: "reopened", from: "resolved" });
    lane.tool.put("8", KEY);
    expect(await lane.drain()).toContain("adopted");
    const link = await lane.link();
    expect([link.ticket?.id, link.continued?.map(({ id }) => id)]).toEqual(["8", ["7"]]);
    expect(lane.told).toHaveLength(2);
  });

  it("has a ticket that a person closed let go of while the incident is open, and is told of what follows all the same", async () => {
    const lane = await createTellingLane();
    lane.tool.put("7", KEY);
    await lane.run(await lane.change({ status: "active" }));
    lane.ticket().isFinal = true;
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("waiting");
    expect(await lane.run(await lane.change({ status: "awaitingAction" }))).toBe("folded");
    expect((await lane.drain()).at(-1)).toBe("absent");
    expect((await lane.link()).continued?.map(({ id }) => id)).toEqual(["7"]);
    expect(lane.told.map(({ type }) => type)).toEqual(["opened", "inProgress", "awaitingCustomerAction"]);
  });

  it("that makes none is waited for half an hour from the last event, then the incident is absent", async () => {
    const lane = await createTellingLane();
    await lane.run(await lane.change({ status: "active" }));
    await lane.drain(20 / 60);
    const askedAt = lane.clock.now();
    await lane.run(await lane.change({ status: "inProgress" }));
    expect((await lane.drain()).at(-1)).toBe("absent");
    expect(lane.clock.now() - askedAt).toBeGreaterThanOrEqual(30 * 60_000);
    expect((await lane.link()).isAbsent).toBe(true);
    expect(lane.told).toHaveLength(2);
  });

  it("is not waited for for long where the incident is closed: by the usual rule nothing comes of that event", async () => {
    const lane = await createTellingLane();
    const askedAt = lane.clock.now();
    await lane.run(await lane.change({ status: "resolved" }));
    const outcomes = await lane.drain();
    expect(outcomes.at(-1)).toBe("absent");
    expect(outcomes.length).toBeLessThan(10);
    expect(lane.clock.now() - askedAt).toBeLessThan(5 * 60_000);
    expect(lane.told).toHaveLength(1);
  });

  it("gets the last event once more, under its id, by a rebuild", async () => {
    const lane = await createTellingLane();
    lane.tool.put("7", KEY);
    const message = await lane.change({ status: "inProgress" });
    await lane.run(message);
    expect(await lane.run({ ...message, cause: "sweep", n: 1 })).toBe("stale");
    await lane.tables.incident.put(PARTITION, "link:itsm", toBeRebuilt(await lane.link()), "any");
    await lane.run({ ...message, cause: "rebuild", n: 1 });
    expect(lane.told).toHaveLength(2);
    expect(new Set(lane.ids()).size).toBe(1);
    expect(await lane.run({ ...message, cause: "verify", n: 1 })).toBe("unchanged");
    expect(lane.told).toHaveLength(2);
  });

  it("gets it by a rebuild that first had to wait for the tool, too", async () => {
    const lane = await createTellingLane();
    lane.tool.put("7", KEY);
    const message = await lane.change({ status: "inProgress" });
    await lane.run(message);
    await lane.tables.incident.put(PARTITION, "link:itsm", toBeRebuilt(await lane.link()), "any");
    lane.failures.push(new RetryableError("unavailable", "503"), new RetryableError("unavailable", "503"));
    expect(await lane.run({ ...message, cause: "rebuild", n: 1 })).toBe("waiting");
    await lane.drain();
    expect(lane.told).toHaveLength(4);
    expect(new Set(lane.ids()).size).toBe(1);
  });

  it("that refuses an event for good has it parked, and is told of the next", async () => {
    const lane = await createTellingLane();
    lane.tool.put("7", KEY);
    lane.failures.push(new PermanentError("rejected", "400"));
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("parked");
    expect(await lane.run(await lane.change({ status: "resolved" }))).toBe("adopted");
    expect(lane.told.at(-1)).toMatchObject({ type: "resolved", skipped: ["inProgress"] });
  });
});
