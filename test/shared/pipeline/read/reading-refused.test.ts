import { describe, expect, it } from "vitest";
import { PermanentError, RetryableError } from "../../../../shared/errors.ts";
import { revisionFromMs } from "../../../../shared/incident/revision.ts";
import { detectChanges } from "../../../../shared/pipeline/detect/detect-changes.ts";
import { closeGate, openGate, readGate } from "../../../../shared/pipeline/graph-gate.ts";
import { acquirePollLease, readPollState } from "../../../../shared/pipeline/poll-state.ts";
import type { NextPage, SourcePage, Window } from "../../../../shared/pipeline/ports/source.ts";
import { TENANT } from "../../../build.ts";
import { pollFor } from "../../../poll-for.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const signal = new AbortController().signal;

/** The moments of the next polls that asked something, in seconds from now. */
async function askedAt(tenant: SourceTenant, forMs: number, everyMs = SECOND): Promise<readonly number[]> {
  const from = tenant.clock.now();
  const asked: number[] = [];
  while (tenant.clock.now() - from < forMs) {
    const [report] = await pollFor(tenant, everyMs, everyMs);
    if ((report?.requests ?? 0) > 0) asked.push((tenant.clock.now() - from) / SECOND);
  }
  return asked;
}

/** Lists fail with this for as long as it stands. */
function failWith(tenant: SourceTenant, failure: () => Error | undefined): void {
  Object.defineProperty(tenant.failures, "shift", { value: failure, configurable: true });
}

function intervals(moments: readonly number[]): readonly number[] {
  return moments.map((moment, index) => moment - (moments[index - 1] ?? 0));
}

describe("where the source asks to wait", () => {
  it("no call is made before, the watermark stays, and the next poll reads the same", async () => {
    const tenant = createTenant();
    await tenant.poll();
    const cursor = (await readPollState(tenant.tables.control, TENANT))?.state.cursor;
    await tenant.clock.advance(2 * SECOND);
    tenant.change("1");
    tenant.failures.push(new RetryableError("throttled", "429", { retryAfterMs: 90 * SECOND }));
    expect(await tenant.poll()).toMatchObject({ outcome: "failed", requests: 1 });
    expect((await readPollState(tenant.tables.control, TENANT))?.state.cursor).toBe(cursor);
    const [first] = await askedAt(tenant, 3 * MINUTE);
    expect(first).toBeGreaterThanOrEqual(90);
    expect(first).toBeLessThanOrEqual(90 * 1.2);
    expect(await tenant.snapshot("1")).toBeDefined();
  });

  it("and names no time, it is asked after 5, 10, 20, 40, then every 60 seconds, with jitter on top", async () => {
    const tenant = createTenant();
    failWith(tenant, () => new RetryableError("throttled", "429"));
    await tenant.poll();
    const pauses = intervals(await askedAt(tenant, 10 * MINUTE));
    for (const [index, pause] of pauses.entries()) {
      const wanted = Math.min(60, 5 * 2 ** index);
      expect(pause).toBeGreaterThanOrEqual(wanted);
      expect(pause).toBeLessThanOrEqual(wanted * 1.2 + 1);
    }
    failWith(tenant, () => undefined);
    tenant.change("1");
    await askedAt(tenant, 75 * SECOND);
    expect(await tenant.snapshot("1")).toBeDefined();
    expect(await readGate(tenant.tables.control, TENANT)).toMatchObject({ strikes: 0 });
  });

  it.each([
    ["503 with Retry-After", new RetryableError("unavailable", "503", { retryAfterMs: 40 * SECOND }), true],
    ["503 without", new RetryableError("unavailable", "503"), false],
    ["a time-out", new RetryableError("timeout", "no answer"), false],
  ])("%s to a list", async (_name, failure, isAskedToWait) => {
    const tenant = createTenant();
    tenant.failures.push(failure);
    await tenant.poll();
    await tenant.clock.advance(15 * SECOND);
    expect((await tenant.poll()).outcome).toBe(isAskedToWait ? "paused" : "polled");
    const { notBefore } = await readGate(tenant.tables.control, TENANT);
    expect(notBefore > tenant.clock.now()).toBe(isAskedToWait);
  });

  it("another function was told so, no poll asks anything either, and the other way round", async () => {
    const tenant = createTenant();
    const { control } = tenant.tables;
    await tenant.poll();
    await closeGate(control, TENANT, tenant.clock.now(), 30 * SECOND, tenant.deps.random);
    tenant.change("1", { status: "redirected", redirectIncidentId: "9" });
    expect(await tenant.poll(["1"])).toMatchObject({ outcome: "paused", requests: 0, untouched: ["1"] });
    expect((await askedAt(tenant, MINUTE))[0]).toBeGreaterThanOrEqual(30);
    await openGate(control, TENANT, await readGate(control, TENANT));
    tenant.failures.push(new RetryableError("throttled", "429", { retryAfterMs: MINUTE }));
    await tenant.poll();
    expect((await readGate(control, TENANT)).notBefore).toBeGreaterThanOrEqual(tenant.clock.now() + MINUTE);
  });

  it("another function in the middle of a poll, the poll ends within a second, and keeps what it read", async () => {
    const tenant = createTenant();
    for (let id = 0; id < 500; id += 1) {
      tenant.change(`${id}`, { revision: revisionFromMs(tenant.clock.now() - id * MINUTE) });
    }
    const { listPage } = tenant.deps.source;
    const deps = {
      ...tenant.deps,
      source: {
        ...tenant.deps.source,
        async listPage(page: Window | NextPage, abort: AbortSignal): Promise<SourcePage> {
          await tenant.clock.advance(400);
          if (tenant.requests.list === 2) {
            await closeGate(tenant.tables.control, TENANT, tenant.clock.now(), MINUTE, tenant.deps.random);
          }
          return listPage(page, abort);
        },
      },
    };
    const report = await detectChanges(deps, [], signal);
    expect(report.outcome).toBe("failed");
    expect(tenant.requests.list).toBeLessThanOrEqual(6);
    const published = new Set(tenant.deltas().map((delta) => delta.incidentId)).size;
    expect(published).toBeGreaterThanOrEqual(100);
    await tenant.clock.advance(75 * SECOND);
    await pollFor(tenant, MINUTE);
    expect(
      published +
        new Set(
          tenant
            .deltas()
            .filter(({ from }) => from === undefined)
            .map(({ incidentId }) => incidentId),
        ).size,
    ).toBe(500);
  });
});

describe("where the source refuses the credential", () => {
  it.each([
    ["401", new RetryableError("unauthorized", "401")],
    ["a consent that was revoked", new PermanentError("unauthorized", "403")],
  ])(
    "(%s) it is asked after a minute three times, then every five minutes, and at once as before when it mends",
    async (_name, failure) => {
      const tenant = createTenant();
      failWith(tenant, () => failure);
      await tenant.poll();
      expect(await askedAt(tenant, 24 * MINUTE, 5 * SECOND)).toEqual([60, 120, 180, 480, 780, 1_080, 1_380]);
      failWith(tenant, () => undefined);
      tenant.change("1");
      await askedAt(tenant, 5 * MINUTE, 5 * SECOND);
      expect(await tenant.snapshot("1")).toBeDefined();
      const reports = await pollFor(tenant, MINUTE);
      expect(reports.map((report) => report.outcome)).toEqual(["polled", "polled", "polled", "polled"]);
      tenant.failures.length = 0;
      failWith(tenant, () => failure);
      await tenant.poll();
      expect((await askedAt(tenant, 2 * MINUTE, 5 * SECOND))[0]).toBe(60);
    },
  );
});

describe("the lease on reading", () => {
  /** Pages take so long, and between the second and the third somebody else tries to read. */
  function slow(tenant: SourceTenant, pageMs: number, between: () => Promise<unknown>) {
    const { listPage } = tenant.deps.source;
    return {
      ...tenant.deps,
      source: {
        ...tenant.deps.source,
        async listPage(page: Window | NextPage, abort: AbortSignal): Promise<SourcePage> {
          await tenant.clock.advance(pageMs);
          if (tenant.requests.list === 2) await between();
          return listPage(page, abort);
        },
      },
    };
  }

  function fill(tenant: SourceTenant): void {
    for (let id = 0; id < 200; id += 1) tenant.change(`${id}`);
  }

  it("is kept while a long poll goes on", async () => {
    const tenant = createTenant();
    await tenant.poll();
    await tenant.clock.advance(SECOND);
    fill(tenant);
    const others: unknown[] = [];
    const deps = slow(tenant, 9 * SECOND, async () => others.push(await tenant.poll()));
    expect(await detectChanges(deps, [], signal)).toMatchObject({ outcome: "polled" });
    expect(others).toMatchObject([{ outcome: "held", requests: 0 }]);
  });

  it("lost in the middle ends the poll: it writes no state, and what the other read stands", async () => {
    const tenant = createTenant();
    await tenant.poll();
    await tenant.clock.advance(SECOND);
    fill(tenant);
    let theirs: Awaited<ReturnType<typeof acquirePollLease>>;
    const deps = slow(tenant, SECOND, async () => {
      // As after a pause of the machine that is longer than the lease.
      await tenant.clock.advance(tenant.deps.leaseMs);
      theirs = await acquirePollLease(tenant.tables.control, TENANT, tenant.clock.now(), tenant.deps.leaseMs);
    });
    expect(await detectChanges(deps, [], signal)).toMatchObject({ outcome: "held" });
    const after = await readPollState(tenant.tables.control, TENANT);
    expect(after?.etag).toBe(theirs?.etag);
    expect(after?.state.cursor).toBe(theirs?.state.cursor);
    await tenant.clock.advance(tenant.deps.leaseMs);
    await pollFor(tenant, MINUTE);
    for (const id of tenant.rows.keys()) expect(await tenant.snapshot(id)).toMatchObject({ marks: [] });
    expect(new Set(tenant.deltas().map((delta) => delta.incidentId)).size).toBe(200);
  });

  it("of a poller that died is taken over when it ends", async () => {
    const tenant = createTenant();
    await acquirePollLease(tenant.tables.control, TENANT, tenant.clock.now(), tenant.deps.leaseMs);
    tenant.change("1");
    const outcomes = (await pollFor(tenant, 20 * SECOND, 5 * SECOND)).map((report) => report.outcome);
    expect(outcomes).toEqual(["held", "held", "held", "polled"]);
    expect(await tenant.snapshot("1")).toBeDefined();
  });
});
