import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SentinelBehaviour } from "../../local/simulators/sentinel/sentinel-behaviour.ts";
import type { ConnectorId } from "../../shared/connectors/connector.ts";
import type { Http, HttpRequest } from "../../shared/http/request.ts";
import type { Incident, IncidentId } from "../../shared/incident/incident.ts";
import { revisionFromMs } from "../../shared/incident/revision.ts";
import { createBreaker, readBreaker } from "../../shared/pipeline/breaker.ts";
import { deltaMessageOf } from "../../shared/pipeline/delta-message.ts";
import { createFirstCheck } from "../../shared/pipeline/lane/first-check.ts";
import { judgeReading } from "../../shared/pipeline/detect/judge-reading.ts";
import { SNAPSHOT_ROW, incidentPartition } from "../../shared/pipeline/keys.ts";
import { type Link, unpackLink } from "../../shared/pipeline/link.ts";
import type { DeltaMessage } from "../../shared/pipeline/schema.ts";
import { type StoredSnapshot, packSnapshot } from "../../shared/pipeline/stored-snapshot.ts";
import type { SyncDeps, SyncOutcome } from "../../shared/pipeline/lane/sync-deps.ts";
import { syncTicket } from "../../shared/pipeline/lane/sync-ticket.ts";
import { TENANT, anIncident } from "../build.ts";
import { createRecordingLog } from "../recording-log.ts";
import { aTask } from "../shared/connectors/a-projection.ts";
import { comment, createLane } from "../ticket-lane.ts";
import { type SentinelBench, startSentinelBench } from "./sentinel-bench.ts";

const MINUTE_MS = 60_000;
const CONNECTOR = "itsm" as ConnectorId;

let bench: SentinelBench;
beforeEach(async () => {
  bench = await startSentinelBench();
});
afterEach(() => bench.close());

/** The lane of many incidents in front of a simulated workspace. */
async function sentinelLane(answered: (request: HttpRequest) => void = () => undefined) {
  const lane = await createLane();
  const { clock, tables } = lane;
  const log = createRecordingLog();
  let drawn = 1;
  /** When a request was refused, by the clock of the lane. */
  const refusedAt: number[] = [];
  const http: Http = {
    ...bench.http,
    async send(request) {
      const before = bench.simulator.requests.read().byStatus;
      try {
        return await bench.http.send(request);
      } finally {
        const after = bench.simulator.requests.read().byStatus;
        const isRefused = ["403", "404", "409"].some((status) => (after[status] ?? 0) > (before[status] ?? 0));
        if (isRefused) refusedAt.push(clock.now());
        answered(request);
      }
    },
  };
  const connector = { ...bench.connect({ http, clock }), id: CONNECTOR };
  const deps: SyncDeps = {
    ...lane.deps,
    connector,
    log,
    // With the same jitter for all, the same one would come first each time.
    random: { ...lane.deps.random, next: () => (drawn = (drawn * 9_301 + 49_297) % 233_280) / 233_280 },
    breaker: createBreaker({ connector: CONNECTOR, control: tables.control, clock, log }),
    firstCheck: createFirstCheck({ connector, control: tables.control, clock, log }),
  };
  const snapshots = new Map<string, StoredSnapshot>();

  async function save(id: string, fields: Partial<Incident>): Promise<DeltaMessage> {
    const before = snapshots.get(id);
    const incident = anIncident({
      ...before?.incident,
      ...fields,
      id: id as IncidentId,
      revision: revisionFromMs(clock.now()),
    });
    const judged = judgeReading(before, {
      incident,
      order: { fence: 1, counter: clock.now() },
      now: clock.now(),
      marks: [],
    });
    if (judged.kind === "unchanged") throw new Error("not a change");
    snapshots.set(id, judged.snapshot);
    const place = incidentPartition(TENANT, id as IncidentId);
    await tables.incident.put(place, SNAPSHOT_ROW, packSnapshot(judged.snapshot), "any");
    return deltaMessageOf(judged.snapshot);
  }

  async function change(id: string, fields: Partial<Incident>): Promise<SyncOutcome> {
    await clock.advance(1_000);
    return syncTicket(deps, await save(id, fields), clock.now());
  }

  return {
    lane,
    log,
    refusedAt,
    deps,
    /** An incident with its twin, adopted and labelled. */
    async begin(): Promise<string> {
      const { id } = bench.graph.incidents.create({ displayName: "Multi-stage incident" });
      await change(id, {});
      return id;
    },
    change,
    drain: (hours: number) => lane.drain(hours, deps),
    async link(id: string): Promise<Link> {
      return unpackLink((await tables.incident.get(incidentPartition(TENANT, id as IncidentId), "link:itsm"))?.value);
    },
    async parked(ids: readonly string[]): Promise<number> {
      const rows = await Promise.all(ids.map((id) => tables.parked.get(TENANT, `${id}:itsm`)));
      return rows.filter((row) => row !== undefined).length;
    },
    seqOf: (id: string): number => snapshots.get(id)?.seq ?? 0,
  };
}

const AWAY: readonly [string, Partial<SentinelBehaviour>, RegExp][] = [
  ["the role to write", { role: "reader" }, /role Microsoft Sentinel Responder/],
  ["every role", { role: "none" }, /role Microsoft Sentinel Responder/],
  ["the workspace", { missing: "workspace" }, /subscriptionId, resourceGroup and workspace/],
  ["the resource group", { missing: "resourceGroup" }, /subscriptionId, resourceGroup and workspace/],
  ["the subscription", { missing: "subscription" }, /subscriptionId, resourceGroup and workspace/],
  ["the right to write, by a lock", { writesRefusedBy: "lock" }, /take the lock off/],
];

describe("a Sentinel lane that is refused as a whole for an hour", () => {
  it.each(AWAY)(
    "for want of %s: parks nothing, tries once a minute, says what is missing, and catches up",
    async (_name, away, mend) => {
      const { begin, change, drain, refusedAt, parked, link, seqOf, lane, log } = await sentinelLane();
      const ids: string[] = [];
      for (let made = 0; made < 8; made += 1) ids.push(await begin());
      // Of these the twin is looked for first, which a Reader may: that it works must not close the breaker.
      for (let made = 0; made < 4; made += 1) ids.push(bench.graph.incidents.create({}).id);
      const before = { ...bench.simulator.behaviour };
      Object.assign(bench.simulator.behaviour, away);
      const tasks = { readAt: lane.clock.now(), rows: [aTask()] };
      for (const [index, id] of ids.entries()) {
        const status = index % 3 === 0 ? "awaitingAction" : "inProgress";
        expect(await change(id, { status, tasks, comments: [comment("isolate host-01 now")] })).toBe("waiting");
      }
      await drain(1);

      const tries = [...new Set(refusedAt)];
      expect(tries.length).toBeGreaterThan(10);
      expect(tries.slice(1).filter((at, index) => at - (tries[index] ?? 0) < MINUTE_MS)).toEqual([]);
      expect(await parked(ids)).toBe(0);
      const state = await readBreaker(lane.tables.control, CONNECTOR);
      expect(state).toMatchObject({ isOpen: true, reason: "unauthorized", mend: expect.stringMatching(mend) });
      expect(log.lines.filter(({ message }) => message.startsWith("a breaker"))).toHaveLength(1);
      for (const id of ids) expect((await link(id)).lastError?.mend).toMatch(mend);

      Object.assign(bench.simulator.behaviour, before);
      const backAt = lane.clock.now();
      await drain(1);
      for (const id of ids) {
        const name = bench.simulator.twinOf(id)?.name ?? "";
        const shown = await link(id);
        expect(shown).toMatchObject({ appliedSeq: seqOf(id), isParked: false });
        expect(shown.lastError).toBeUndefined();
        expect(shown.lag?.writtenAt).toBeLessThan(backAt + 12 * MINUTE_MS);
        expect(bench.simulator.comments(name)).toHaveLength(1);
        expect(bench.simulator.tasks(name)).toHaveLength(1);
        const labels = bench.simulator.twinOf(id)?.labels.map(({ labelName }) => labelName) ?? [];
        expect(labels.filter((label) => label.startsWith("dex:stage="))).toHaveLength(1);
      }
      expect((await readBreaker(lane.tables.control, CONNECTOR)).isOpen).toBe(false);
    },
  );

  it.each([
    ["the incident was written, and no comment", /\/incidents\/[^/]+$/],
    ["one comment of two was written", /\/comments\/[^/]+$/],
    ["a task was written, and not its incident", /\/tasks\/[^/]+$/],
  ])("neither loses nor doubles what was under way when %s", async (_name, last) => {
    const { behaviour } = bench.simulator;
    let isArmed = false;
    const { begin, change, drain, link, seqOf, parked, lane } = await sentinelLane(({ method, url }) => {
      if (isArmed && method === "PUT" && last.test(new URL(url).pathname)) behaviour.role = "reader";
    });
    const id = await begin();
    const name = bench.simulator.twinOf(id)?.name ?? "";
    isArmed = true;
    const tasks = { readAt: lane.clock.now(), rows: [aTask()] };
    const comments = [comment("isolate host-01 now"), comment("and reset the password")];
    expect(await change(id, { status: "awaitingAction", tasks, comments })).toBe("waiting");
    expect(behaviour.role).toBe("reader");
    isArmed = false;
    await drain(0.5);
    expect((await link(id)).appliedSeq).toBeLessThan(seqOf(id));
    behaviour.role = "responder";
    await drain(0.5);
    expect(await link(id)).toMatchObject({ appliedSeq: seqOf(id) });
    expect(bench.simulator.comments(name)).toHaveLength(2);
    expect(bench.simulator.tasks(name)).toHaveLength(1);
    expect(await parked([id])).toBe(0);
  });

  it("lets through what needs no write, while others wait for the role", async () => {
    const { begin, change, drain, link, seqOf, lane } = await sentinelLane();
    const [waiting, silent] = [await begin(), await begin()];
    bench.simulator.behaviour.role = "reader";
    await change(waiting, { status: "inProgress" });
    // Of the description Sentinel's incident shows nothing of ours.
    await change(silent, { description: "Worm activity spreads through USB devices, still." });
    await drain(1);
    expect(await link(silent)).toMatchObject({ appliedSeq: seqOf(silent) });
    expect((await link(waiting)).appliedSeq).toBeLessThan(seqOf(waiting));
    expect(await readBreaker(lane.tables.control, CONNECTOR)).toMatchObject({ isOpen: true });
  });
});
