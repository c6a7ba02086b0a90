import { describe, expect, it } from "vitest";
import { RetryableError } from "../../../../shared/errors.ts";
import { revisionFromMs } from "../../../../shared/incident/revision.ts";
import { detectChanges } from "../../../../shared/pipeline/detect/detect-changes.ts";
import { operateBackfill, tellBackfill } from "../../../../shared/pipeline/operate/operate-backfill.ts";
import type { Backfill } from "../../../../shared/pipeline/poll-state.ts";
import { TENANT } from "../../../build.ts";
import { mortalDeps } from "../../../mortal-deps.ts";
import { pollFor } from "../../../poll-for.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const OTHER = "11111111-1111-1111-1111-111111111111";
const ORDER = { since: "2025-01-01", until: "2025-12-31", reason: "an audit" };

function operator(tenant: SourceTenant) {
  const { tables, clock, log } = tenant.deps;
  const deps = { tables, clock, log, config: { tenants: [{ id: TENANT, name: "Contoso" }] } };
  return {
    order: (order: object) => operateBackfill(deps, JSON.stringify(order)),
    send: (text: string) => operateBackfill(deps, text),
    async progress(): Promise<Backfill> {
      const { tenants } = await tellBackfill(deps, TENANT);
      const [first] = tenants;
      if (first?.backfill === null || first === undefined) throw new Error("none was asked for");
      return first.backfill;
    },
  };
}

/** 300 incidents of 2025, before the scope's bound, and ten of this year that were read; one in three is out of scope but for that. */
async function withPast() {
  const tenant = createTenant({ experts: "only", createdAfter: "2026-01-01T00:00:00Z" });
  for (let id = 0; id < 300; id += 1) {
    const revision = revisionFromMs(Date.UTC(2025, 0, 2) + id * DAY);
    const systemTags = id % 3 === 0 ? [] : ["Defender Experts"];
    tenant.change(`old-${id}`, { revision, systemTags, createdAt: "2025-01-01T12:00:00Z" });
  }
  for (let id = 0; id < 10; id += 1) tenant.change(`new-${id}`);
  await tenant.poll();
  tenant.deltas();
  return { tenant, ...operator(tenant) };
}

async function readOld(tenant: SourceTenant): Promise<number> {
  let count = 0;
  for (let id = 0; id < 300; id += 1) if ((await tenant.snapshot(`old-${id}`)) !== undefined) count += 1;
  return count;
}

describe("a backfill", () => {
  it("is read by the tenant's polls, page by page, with its progress, and takes what is older than the scope's bound", async () => {
    const { tenant, order, progress } = await withPast();
    expect(await readOld(tenant)).toBe(0);
    expect(await order(ORDER)).toMatchObject({ status: 202, body: { tenants: [{ tenantId: TENANT }] } });
    expect(await progress()).toMatchObject({ pages: 0, finishedAt: null });
    await pollFor(tenant, 30 * SECOND);
    expect(await readOld(tenant)).toBe(200);
    const done = await progress();
    expect(done).toMatchObject({ created: 200, changed: 0, isDryRun: false, since: "2025-01-01" });
    expect(done.finishedAt).not.toBeNull();
    expect(done.pages).toBeGreaterThanOrEqual(6);
    const published = new Set(tenant.deltas().map((delta) => delta.incidentId));
    expect(published.size).toBe(200);
  });

  it("done twice finds nothing new, and publishes nothing", async () => {
    const { tenant, order, progress } = await withPast();
    await order(ORDER);
    await pollFor(tenant, 10 * MINUTE);
    tenant.deltas();
    expect(await order({ ...ORDER, until: "2025-12-30" })).toMatchObject({ status: 202 });
    await pollFor(tenant, 10 * MINUTE);
    expect(await progress()).toMatchObject({ created: 0, changed: 0 });
    expect(tenant.deltas()).toEqual([]);
  });

  it("that only tries counts, and writes and publishes nothing", async () => {
    const { tenant, order, progress } = await withPast();
    await pollFor(tenant, 10 * MINUTE);
    const before = await tenant.tables.open.range(TENANT);
    tenant.deltas();
    await order({ ...ORDER, dryRun: true });
    await pollFor(tenant, MINUTE);
    expect(await progress()).toMatchObject({ isDryRun: true, created: 200, outOfScope: 100 });
    expect((await progress()).finishedAt).not.toBeNull();
    expect(await readOld(tenant)).toBe(0);
    expect(tenant.deltas()).toEqual([]);
    expect(await tenant.tables.open.range(TENANT)).toEqual(before);
  });

  it("goes on where it was after kills, and what was read stays counted", async () => {
    const { tenant, order, progress } = await withPast();
    await order(ORDER);
    for (let kill = 0; kill < 6; kill += 1) {
      const dying = mortalDeps(tenant.deps, { calls: 0, diesAt: 150 + kill * 61 });
      await expect(detectChanges(dying, [], new AbortController().signal)).rejects.toThrow("killed");
      await tenant.clock.advance(tenant.deps.leaseMs);
    }
    await pollFor(tenant, MINUTE);
    expect(await readOld(tenant)).toBe(200);
    expect((await progress()).finishedAt).not.toBeNull();
    expect(new Set(tenant.deltas().map((delta) => delta.incidentId)).size).toBe(200);
  });

  it("whose page fails is tried again by itself, is not over before, and keeps to its own rules", async () => {
    const { tenant, order, progress } = await withPast();
    await order(ORDER);
    const { listPage } = tenant.deps.source;
    let isFailing = true;
    Object.assign(tenant.deps.source, {
      listPage(...args: Parameters<typeof listPage>): ReturnType<typeof listPage> {
        const [page] = args;
        const isOld = "to" in page && page.to !== undefined && page.to < revisionFromMs(Date.UTC(2025, 6, 1));
        return isFailing && isOld ? Promise.reject(new RetryableError("unavailable", "503")) : listPage(...args);
      },
    });
    const reports = await pollFor(tenant, 20 * MINUTE);
    expect(new Set(reports.map((report) => report.outcome))).toEqual(new Set(["polled"]));
    expect((await progress()).finishedAt).toBeNull();
    expect(await readOld(tenant)).toBeGreaterThan(50);
    isFailing = false;
    await pollFor(tenant, 60 * MINUTE, MINUTE);
    expect(await readOld(tenant)).toBe(200);
    expect((await progress()).finishedAt).not.toBeNull();
  });

  it("keeps no live change waiting", async () => {
    const { tenant, order } = await withPast();
    const { listPage } = tenant.deps.source;
    Object.assign(tenant.deps.source, {
      async listPage(...args: Parameters<typeof listPage>): ReturnType<typeof listPage> {
        await tenant.clock.advance(600);
        return listPage(...args);
      },
    });
    await order(ORDER);
    for (let polls = 0; polls < 4; polls += 1) {
      tenant.change(`live-${polls}`);
      const startedAt = tenant.clock.now();
      await tenant.poll();
      expect(tenant.deltas()[0]).toMatchObject({ incidentId: `live-${polls}` });
      expect(tenant.clock.now() - startedAt).toBeLessThanOrEqual(600 + 2_000 + 600);
    }
  });
});

describe("an order for a backfill", () => {
  it.each([
    ["no JSON", "since: 2025", /top/],
    ["no object", "[]", /top/],
    ["no reason", { since: "2025-01-01" }, /reason/],
    ["an unknown name", { ...ORDER, force: true }, /unknown name "force"/],
    ["a start that is no moment", { ...ORDER, since: "yesterday" }, /since: must be a moment/],
    ["an end that is no moment", { ...ORDER, until: "2025-13-45" }, /until: must be a moment/],
    ["a start after the end", { ...ORDER, since: "2026-02-01" }, /since: lies after until/],
    ["a tenant that is not there", { ...ORDER, tenant: OTHER }, /there is no tenant/],
  ])("with %s is refused, in words, and changes nothing", async (_name, order, problem) => {
    const { tenant, send } = await withPast();
    const answer = await send(typeof order === "string" ? order : JSON.stringify(order));
    expect(answer.status).toBe(400);
    expect((answer.body as { problems: string[] }).problems.join("; ")).toMatch(problem);
    await pollFor(tenant, MINUTE);
    expect(await readOld(tenant)).toBe(0);
  });

  it("is refused before a tenant was ever read: its first run reads what the scope names", async () => {
    const tenant = createTenant();
    expect(await operator(tenant).order(ORDER)).toMatchObject({ status: 400 });
  });

  it("is refused while another is under way; the same one goes on", async () => {
    const { tenant, order, progress } = await withPast();
    await order(ORDER);
    const answer = await order({ ...ORDER, since: "2024-01-01" });
    expect(answer.status).toBe(409);
    expect((answer.body as { problems: string[] }).problems.join()).toMatch(/2025-01-01 to 2025-12-31 is not over yet/);
    expect((await order(ORDER)).status).toBe(202);
    await pollFor(tenant, MINUTE);
    expect(await progress()).toMatchObject({ created: 200, since: "2025-01-01" });
    expect((await order({ ...ORDER, since: "2024-01-01" })).status).toBe(202);
  });

  it("given while a poll is under way ends that poll, and loses nothing of it", async () => {
    const { tenant, order, progress } = await withPast();
    await tenant.clock.advance(15 * SECOND);
    tenant.change("live");
    const { listPage } = tenant.deps.source;
    const deps = {
      ...tenant.deps,
      source: {
        ...tenant.deps.source,
        async listPage(...args: Parameters<typeof listPage>): ReturnType<typeof listPage> {
          await order(ORDER);
          return listPage(...args);
        },
      },
    };
    await detectChanges(deps, [], new AbortController().signal);
    await pollFor(tenant, MINUTE);
    expect(await tenant.snapshot("live")).toMatchObject({ marks: [] });
    expect(await progress()).toMatchObject({ created: 200 });
  });

  it("without an end means until now", async () => {
    const { tenant, order, progress } = await withPast();
    await order({ since: "2025-06-01", reason: "an audit" });
    expect((await progress()).until).toBe(new Date(tenant.clock.now()).toISOString());
  });
});
