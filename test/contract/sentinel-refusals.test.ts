import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SentinelBehaviour } from "../../local/simulators/sentinel/sentinel-behaviour.ts";
import type { Note, Ticket, TicketConnector } from "../../shared/connectors/connector.ts";
import type { Incident } from "../../shared/incident/incident.ts";
import { aProjection, aTask } from "../shared/connectors/a-projection.ts";
import { type SentinelBench, startSentinelBench } from "./sentinel-bench.ts";
import { afterFirstWriteOver } from "./ticket-connector.ts";

const signal = new AbortController().signal;
const NOTE: Note = { id: "a".repeat(16), author: "x", createdAt: "2026-02-25T16:29:33Z", text: "Isolated." };
const CHANGE = { values: {}, tags: { add: ["dex:experts"], remove: [] } };

let bench: SentinelBench;
beforeEach(async () => {
  bench = await startSentinelBench();
});
afterEach(() => bench.close());

async function adopt(connector: TicketConnector): Promise<Ticket> {
  const { id } = bench.graph.incidents.create({ displayName: "Multi-stage incident" });
  const found = await connector.find(aProjection({ id: id as Incident["id"] }).key, signal);
  if (found === undefined) throw new Error("the twin is not there");
  return found;
}

/** A change with a task. */
function withTask(connector: TicketConnector): typeof CHANGE & { values: Readonly<Record<string, string>> } {
  const { values } = connector.wanted(aProjection({ tasks: { readAt: 0, rows: [aTask()] } }), {
    survivor: undefined,
  }).fields;
  return { ...CHANGE, values };
}

const CALLS: readonly [string, boolean, (connector: TicketConnector, ticket: Ticket) => Promise<unknown>][] = [
  ["an incident", true, (connector, { ref }) => connector.update(ref, CHANGE, signal)],
  ["a task", true, (connector, { ref }) => connector.update(ref, withTask(connector), signal)],
  ["a comment", true, (connector, { ref }) => connector.appendNotes(ref, [NOTE], signal)],
  ["a look at an incident", false, (connector, { ref }) => connector.read(ref, signal)],
  [
    "a look at its comments",
    false,
    (connector, { ref }) => connector.readNotes?.(ref, signal) ?? Promise.resolve(undefined),
  ],
  ["a look-up", false, (connector) => connector.find(aProjection().key, signal)],
];

const OF_ALL = { name: "RetryableError", reason: "unauthorized", mayHaveHappened: false };
const ROLE = /role Microsoft Sentinel Responder .+ on the workspace "sentinel" of resource group "soc" in subscription/;
const PLACE = /subscriptionId, resourceGroup and workspace .+workspace "sentinel" of resource group "soc"/;

/** What is set at the simulated Azure, and whether look-ups are refused too. */
const REFUSALS: readonly [string, Partial<SentinelBehaviour>, boolean, RegExp][] = [
  ["a role that only reads", { role: "reader" }, false, ROLE],
  ["no role", { role: "none" }, true, ROLE],
  ["a lock", { writesRefusedBy: "lock" }, false, /take the lock off/],
  ["a workspace that is gone", { missing: "workspace" }, true, PLACE],
  ["a resource group that is gone", { missing: "resourceGroup" }, true, PLACE],
  ["a subscription that is gone", { missing: "subscription" }, true, PLACE],
];

describe.each(REFUSALS)("%s", (_name, behaviour, isOfReads, mend) => {
  it.each(CALLS.filter(([, isWrite]) => isWrite || isOfReads))(
    "refuses %s as every other: nothing was done, and the mend says what is missing",
    async (_call, isWrite, call) => {
      const connector = bench.connect();
      const ticket = await adopt(connector);
      Object.assign(bench.simulator.behaviour, behaviour);
      const isOfWrites = isWrite && behaviour.missing === undefined;
      // The task is looked at first.
      const isSeenByReading = _call === "a task" && isOfReads;
      await expect(call(connector, ticket)).rejects.toMatchObject({
        ...OF_ALL,
        isOfWrites: isOfWrites && !isSeenByReading,
        mend: expect.stringMatching(mend),
      });
      expect(bench.simulator.comments(ticket.ref.id)).toEqual([]);
      expect(bench.simulator.tasks(ticket.ref.id)).toEqual([]);
    },
  );
});

describe("what concerns one incident", () => {
  it("is a refusal by a policy: it looks at the values of the one", async () => {
    const connector = bench.connect();
    const { ref } = await adopt(connector);
    bench.simulator.behaviour.writesRefusedBy = "policy";
    const refusal = { name: "PermanentError", reason: "rejected", mend: expect.stringContaining("Azure Policy") };
    await expect(connector.update(ref, CHANGE, signal)).rejects.toMatchObject(refusal);
    await expect(connector.appendNotes(ref, [NOTE], signal)).rejects.toMatchObject(refusal);
  });

  it("is that it was deleted, where its workspace answers", async () => {
    const connector = bench.connect();
    const ref = { id: "deleted", label: "7", url: "" };
    await expect(connector.read(ref, signal)).resolves.toBeUndefined();
    for (const call of [
      () => connector.update(ref, CHANGE, signal),
      () => connector.appendNotes(ref, [NOTE], signal),
      () => connector.readNotes?.(ref, signal) ?? Promise.resolve(undefined),
    ])
      await expect(call()).rejects.toMatchObject({ name: "PermanentError", reason: "notFound" });
  });

  it("is not believed to be deleted while its workspace does not answer", async () => {
    const connector = bench.connect();
    bench.simulator.faults.add({ match: "GET", kind: "status", status: 404, times: 1 });
    bench.simulator.faults.add({ match: "GET", kind: "status", status: 503 });
    const ref = { id: "deleted", label: "7", url: "" };
    await expect(connector.read(ref, signal)).rejects.toMatchObject({ reason: "unavailable" });
  });
});

describe("a role that is taken away in the middle", () => {
  it("of many comments leaves it open which are there", async () => {
    const takeAway = (): void => {
      bench.simulator.behaviour.role = "reader";
    };
    const connector = bench.connect({ http: afterFirstWriteOver(bench.http, takeAway) });
    const { ref } = await adopt(connector);
    const notes = [NOTE, { ...NOTE, id: "b".repeat(16) }];
    await expect(connector.appendNotes(ref, notes, signal)).rejects.toMatchObject({
      reason: "unauthorized",
      isOfWrites: true,
      mayHaveHappened: true,
    });
    expect(await connector.readNotes?.(ref, signal)).toEqual(new Set([NOTE.id]));
  });
});
