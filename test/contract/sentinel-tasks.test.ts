import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_SENTINEL_TOKEN } from "../../local/simulators/sentinel/start-sentinel.ts";
import type { Ticket, TicketConnector } from "../../shared/connectors/connector.ts";
import type { SentinelOptions } from "../../shared/connectors/sentinel/index.ts";
import type { Incident, Task } from "../../shared/incident/incident.ts";
import { type SentinelBench, startSentinelBench } from "./sentinel-bench.ts";
import { aProjection, aTask } from "../shared/connectors/a-projection.ts";
import { HOSTILE_TEXTS } from "../shared/connectors/hostile-texts.ts";
import { hiddenIn, htmlIn, linkIn, mentionIn } from "../shared/connectors/inertness.ts";

const signal = new AbortController().signal;
let now = Date.parse("2026-06-01T00:00:00Z");
const clock = { now: () => now };

let bench: SentinelBench;
beforeEach(async () => {
  bench = await startSentinelBench();
});
afterEach(() => bench.close());

/** With a clock of ours, and the limit that Azure grants. */
function connect(overrides: Partial<SentinelOptions> = {}): TicketConnector {
  return bench.connect({ clock, writesPer5Minutes: 75, ...overrides });
}

async function adopt(connector: TicketConnector): Promise<Ticket> {
  const { id } = bench.graph.incidents.create({ displayName: "Multi-stage incident" });
  const found = await connector.find(aProjection({ id: id as Incident["id"] }).key, signal);
  if (found === undefined) throw new Error("the twin is not there");
  return found;
}

function tasksOf(connector: TicketConnector, rows: readonly Task[]): Readonly<Record<string, string>> {
  const { values } = connector.wanted(aProjection({ tasks: { readAt: 0, rows } }), { survivor: undefined }).fields;
  return Object.fromEntries(Object.entries(values).filter(([name]) => name.startsWith("task:")));
}

async function write(connector: TicketConnector, ticket: Ticket, rows: readonly Task[]): Promise<void> {
  const values = tasksOf(connector, rows);
  await connector.update(ticket.ref, { values, tags: { add: [], remove: [] } }, signal);
}

function shown(ticket: Ticket): readonly Readonly<Record<string, string>>[] {
  return bench.simulator.tasks(ticket.ref.id).map(({ properties }) => properties);
}

describe("the experts' actions as tasks of a Sentinel incident", () => {
  it("are made once under a name of their own, and completed with their action", async () => {
    const connector = connect();
    const ticket = await adopt(connector);
    await write(connector, ticket, [aTask(), aTask({ id: "t2", title: "Reset the password" })]);
    await write(connect(), ticket, [aTask(), aTask({ id: "t2", title: "Reset the password" })]);
    expect(shown(ticket)).toMatchObject([
      { title: "Isolate the device", status: "New", description: expect.stringContaining("host-01") },
      { title: "Reset the password", status: "New" },
    ]);
    await write(connector, ticket, [aTask({ status: "completed" }), aTask({ id: "t2", title: "Reset the password" })]);
    expect(shown(ticket)).toMatchObject([{ status: "Completed" }, { status: "New" }]);
  });

  it("stay completed where a person completed them", async () => {
    const connector = connect();
    const ticket = await adopt(connector);
    await write(connector, ticket, [aTask()]);
    const [task] = bench.simulator.tasks(ticket.ref.id);
    await bench.http.send({
      method: "PUT",
      url: `${bench.simulator.url}/subscriptions/${bench.simulator.workspace.subscriptionId}/resourceGroups/${bench.simulator.workspace.resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/${bench.simulator.workspace.workspace}/providers/Microsoft.SecurityInsights/incidents/${ticket.ref.id}/tasks/${task?.name ?? ""}?api-version=2025-09-01`,
      headers: { authorization: `Bearer ${DEFAULT_SENTINEL_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ properties: { ...task?.properties, status: "Completed" } }),
      signal,
      timeoutMs: 5_000,
      accept: "json",
      expect: [],
      names: "Sentinel",
    });
    await write(connector, ticket, [aTask({ title: "Isolate the device now" })]);
    expect(shown(ticket)).toMatchObject([{ title: "Isolate the device", status: "Completed" }]);
  });

  it("are not made in mode observe, nor for what was done before it was heard of", async () => {
    const connector = connect();
    const ticket = await adopt(connector);
    await write(connector, ticket, [aTask({ status: "completed" })]);
    expect(tasksOf(connect({ mode: "observe" }), [aTask()])).toEqual({});
    expect(shown(ticket)).toEqual([]);
  });

  it("show hostile text that does nothing", async () => {
    const connector = connect({ writesPer5Minutes: 10_000 });
    const ticket = await adopt(connector);
    const rows = HOSTILE_TEXTS.slice(0, 20).map(([, text], index) =>
      aTask({ id: `t${index}`, title: text, description: text, target: text }),
    );
    await write(connector, ticket, rows);
    const texts = shown(ticket).flatMap(({ title = "", description = "" }) => [title, description]);
    expect(texts).toHaveLength(40);
    expect(texts.map((text) => hiddenIn(text) ?? linkIn(text) ?? mentionIn(text) ?? htmlIn(text))).toEqual(
      texts.map(() => undefined),
    );
  });
});

describe("writes within what Azure grants", () => {
  it("stop before the limit, of each kind alone, and go on when the 5 minutes are over", async () => {
    const connector = connect({ writesPer5Minutes: 3 });
    bench.simulator.behaviour.putLimit = 3;
    const ticket = await adopt(connector);
    const set = (label: string): Promise<Ticket> =>
      connector.update(ticket.ref, { values: {}, tags: { add: [label], remove: [] } }, signal);
    for (const label of ["dex:1", "dex:2", "dex:3"]) await set(label);
    const before = bench.simulator.requests.read().total;
    now += 60_000;
    await expect(set("dex:4")).rejects.toMatchObject({
      reason: "throttled",
      retryAfterMs: 240_000,
      mayHaveHappened: false,
    });
    // It was read, and not written.
    expect(bench.simulator.requests.read().total - before).toBeLessThanOrEqual(1);
    const note = {
      id: "a".repeat(16),
      author: "Defender Experts",
      createdAt: "2026-02-25T16:29:33Z",
      text: "Isolated.",
    };
    await connector.appendNotes(ticket.ref, [note], signal);
    expect(bench.simulator.comments(ticket.ref.id)).toHaveLength(1);
    now += 240_000;
    bench.simulator.behaviour.putLimit = 0;
    expect((await set("dex:4")).tags).toContain("dex:4");
  });
});
