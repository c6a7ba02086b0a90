import { describe, expect, it } from "vitest";
import { startGraphTenant } from "../graph-tenant.ts";
import { pollFor } from "../poll-for.ts";
import { createMany, withNews } from "./news.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe("intake: poll, how rows and pages come", () => {
  it.each(["updated-desc", "created-desc", "random"] as const)(
    "row 6: rows that change while pages are read (%s) are all read",
    async (order) => {
      const { tenant, ids } = await withNews(180, { graph: { behaviour: { order } } });
      let pages = 0;
      tenant.graph.onPage(() => {
        pages += 1;
        for (const step of [3, 71, 139]) {
          const id = ids[(pages * 37 + step) % ids.length] ?? "";
          tenant.graph.incidents.change(id, { description: `page ${pages}` });
        }
      });
      await pollFor(tenant, MINUTE);
      expect(pages).toBeGreaterThan(5);
      tenant.graph.onPage(() => undefined);
      await pollFor(tenant, 15 * SECOND);
      expect(await tenant.lost()).toEqual([]);
    },
  );

  it.each([10, 50, 51, 200])(
    "row 7: %d rows of one moment, at the edge of a page and of the watermark, are all read",
    async (count) => {
      const { tenant, ids } = await withNews(count + 30);
      const together = ids.slice(0, count);
      await tenant.clock.advance(2 * SECOND);
      tenant.graph.incidents.changeTogether(together, { severity: "high" });
      await pollFor(tenant, 15 * SECOND);
      expect(await tenant.lost()).toEqual([]);
      // One more of the very moment that the watermark stands at.
      const stamp = (await tenant.snapshot(together[0] ?? ""))?.incident.updatedAt ?? "";
      tenant.graph.incidents.change(ids.at(-1) ?? "", { severity: "low" }, { stamp });
      tenant.graph.incidents.create({}, { stamp });
      await pollFor(tenant, 15 * SECOND);
      expect(await tenant.lost()).toEqual([]);
    },
  );

  it.each([
    ["20 of them, half a minute late", 20, 30 * SECOND, 2 * MINUTE],
    ["200 of them, 2 minutes late", 200, 2 * MINUTE, 4 * MINUTE],
    ["20 of them, 25 minutes late", 20, 25 * MINUTE, 42 * MINUTE],
    ["20 of them, 20 hours late", 20, 20 * HOUR, 45 * HOUR],
  ])("row 8: rows that appear behind the watermark (%s) are found", async (_name, count, lateMs, withinMs) => {
    const { tenant } = await withNews(3);
    await tenant.poll();
    for (let index = 0; index < count; index += 1) tenant.graph.incidents.create({}, { visibleAfterMs: lateMs });
    const everyMs = withinMs > HOUR ? 15 * MINUTE : 30 * SECOND;
    for (let passed = 0; passed < withinMs; passed += everyMs) {
      // Something else goes on, so that the watermark passes them.
      if (passed < lateMs) tenant.graph.incidents.change("1001", { summary: `${passed}` });
      await pollFor(tenant, everyMs, everyMs);
    }
    expect(await tenant.lost()).toEqual([]);
  });

  it("row 9: stamps a tick apart are told apart, and the one that appears second is not passed over", async () => {
    const { tenant } = await withNews(1);
    const { incidents } = tenant.graph;
    const at = "2026-06-01T00:00:35.5533333Z";
    await tenant.clock.advance(MINUTE);
    const first = incidents.create({}, { stamp: at }).id;
    await tenant.poll();
    const cursor = (await tenant.state()).cursor ?? 0n;
    incidents.create({}, { stamp: "2026-06-01T00:00:35.5533334Z" });
    incidents.create({}, { stamp: at });
    const asked: string[] = [];
    const { listPage } = tenant.deps.source;
    Object.assign(tenant.deps.source, {
      listPage: (...args: Parameters<typeof listPage>) => {
        if ("from" in args[0]) asked.push(`${args[0].from}`);
        return listPage(...args);
      },
    });
    await tenant.poll();
    expect(asked[0]).toBe(`${cursor}`);
    expect((await tenant.snapshot(first))?.incident.revision).toBe(cursor);
    expect(await tenant.lost()).toEqual([]);
  });

  it.each(["created-desc", "random"] as const)(
    "row 10: a list in another order than newest first (%s) is walked whole",
    async (order) => {
      const { tenant, ids } = await withNews(160, { graph: { behaviour: { order, nextLink: "skiptoken" } } });
      await pollFor(tenant, 30 * SECOND);
      expect(await tenant.lost()).toEqual([]);
      for (const id of ids.filter((_id, index) => index % 3 === 0)) {
        await tenant.clock.advance(7);
        tenant.graph.incidents.change(id, { status: "inProgress" });
      }
      await pollFor(tenant, 30 * SECOND);
      expect(await tenant.lost()).toEqual([]);
    },
  );

  it.each(["missing", "loop", "foreign-host"] as const)(
    "row 11: a link to the next page that is %s ends no walk too soon, and leads nowhere else",
    async (nextLinkFault) => {
      for (const isFirstRun of [true, false]) {
        const tenant = await startGraphTenant();
        if (!isFirstRun) await tenant.poll();
        await createMany(tenant, 130);
        tenant.graph.behaviour.nextLinkFault = nextLinkFault;
        await pollFor(tenant, 3 * MINUTE);
        expect(await tenant.lost()).toEqual([]);
        expect(tenant.graph.requests.read().total).toBeLessThan(120);
      }
    },
  );

  it("row 11: pages without end cost no more than the budget, hold up no live change, and are read when they end", async () => {
    const { tenant } = await withNews(60, { requestsPerMinute: 30 });
    const { listPage } = tenant.deps.source;
    let made = 0;
    Object.assign(tenant.deps.source, {
      async listPage(...args: Parameters<typeof listPage>): ReturnType<typeof listPage> {
        const page = await listPage("next" in args[0] ? { from: 0n as never } : args[0], args[1]);
        return { ...page, next: `page-${(made += 1)}` };
      },
    });
    await pollFor(tenant, 5 * MINUTE);
    expect(tenant.graph.requests.read().total).toBeLessThanOrEqual(6 * 31 + 5);
    const { id } = tenant.graph.incidents.create();
    await pollFor(tenant, MINUTE);
    expect(await tenant.snapshot(id)).toBeDefined();
    expect((await tenant.state()).unread.length).toBeGreaterThan(0);
    Object.assign(tenant.deps.source, { listPage });
    await pollFor(tenant, 10 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
    expect((await tenant.state()).unread).toEqual([]);
  });

  it.each(["short", "empty-first"] as const)(
    "row 12: pages that come %s, with a link to the next, are followed to the end",
    async (pageShape) => {
      for (const isFirstRun of [true, false]) {
        const tenant = await startGraphTenant({ graph: { behaviour: { pageShape } } });
        if (!isFirstRun) await tenant.poll();
        await createMany(tenant, 120);
        await pollFor(tenant, MINUTE);
        expect(await tenant.lost()).toEqual([]);
      }
    },
  );
});
