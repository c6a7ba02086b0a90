import { describe, expect, it } from "vitest";
import { revisionFromMs } from "../../../../shared/incident/revision.ts";
import { readPollState } from "../../../../shared/pipeline/poll-state.ts";
import { TENANT } from "../../../build.ts";
import { pollFor } from "../../../poll-for.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A tenant whose source can be told to answer 206, and then without the rows of one provider: those of low severity. */
function createHalved(requestsPerMinute = 1_000) {
  const tenant = createTenant({ requestsPerMinute });
  const { listPage } = tenant.deps.source;
  const halved: { of: "none" | "live" | "history" } = { of: "none" };
  Object.assign(tenant.deps.source, {
    async listPage(...args: Parameters<typeof listPage>): ReturnType<typeof listPage> {
      const page = await listPage(...args);
      const isHistory = "to" in args[0] || ("next" in args[0] && args[0].next.includes('"to"'));
      if (halved.of !== (isHistory ? "history" : "live")) return page;
      const rows = page.rows.filter((row) => row.kind === "malformed" || row.incident.severity !== "low");
      return { ...page, rows, isPartial: true };
    },
  });
  return { tenant, halved };
}

/** Incidents a minute apart, one in seven from the provider that fails. */
function fill(tenant: SourceTenant, count: number): void {
  for (let id = 0; id < count; id += 1) {
    const revision = revisionFromMs(tenant.clock.now() - id * MINUTE);
    tenant.change(`${id}`, { revision, severity: id % 7 === 0 ? "low" : "high" });
  }
}

async function missing(tenant: SourceTenant): Promise<readonly string[]> {
  const ids = [];
  for (const id of tenant.rows.keys()) if ((await tenant.snapshot(id)) === undefined) ids.push(id);
  return ids;
}

async function stateOf(tenant: SourceTenant) {
  return (await readPollState(tenant.tables.control, TENANT))?.state;
}

describe("an answer in part", () => {
  it.each([1, 40])("to live windows for %d minutes holds back nothing that came, and loses nothing", async (lasts) => {
    const { tenant, halved } = createHalved();
    await tenant.poll();
    halved.of = "live";
    for (let minute = 0; minute < lasts; minute += 1) {
      await tenant.clock.advance(MINUTE);
      tenant.change(`came-${minute}`, { severity: "high" });
      tenant.change(`held-${minute}`, { severity: "low" });
      expect(await tenant.poll()).toMatchObject({ outcome: "polled" });
      expect(await tenant.snapshot(`came-${minute}`)).toBeDefined();
    }
    expect((await stateOf(tenant))?.lastError).toBe("the source answered in part; the window is read again");
    halved.of = "none";
    await pollFor(tenant, 15 * SECOND);
    expect(await missing(tenant)).toEqual([]);
    expect((await stateOf(tenant))?.lastError).toBe("");
    // What was read a hundred times is published once.
    const news = tenant.deltas().filter((delta) => delta.from === undefined);
    expect(news).toHaveLength(2 * lasts);
  });

  it("to a first run is asked for again, while the rest of its history is read", async () => {
    const { tenant, halved } = createHalved();
    fill(tenant, 150);
    halved.of = "live";
    await tenant.poll();
    expect((await missing(tenant)).length).toBeGreaterThan(0);
    halved.of = "none";
    await pollFor(tenant, 90 * SECOND);
    expect(await missing(tenant)).toEqual([]);
  });

  it.each([
    { lasts: 20, perMinute: 1_000 },
    { lasts: 30, perMinute: 6 },
  ])("to history for $lasts minutes ($perMinute requests a minute) is read again page by page", async (each) => {
    const { tenant, halved } = createHalved(each.perMinute);
    fill(tenant, 200);
    halved.of = "history";
    await tenant.poll();
    await pollFor(tenant, each.lasts * MINUTE, 30 * SECOND);
    const stillMissing = await missing(tenant);
    expect(stillMissing.length).toBeGreaterThan(10);
    expect((await stateOf(tenant))?.unread.length).toBeGreaterThan(0);
    expect((await stateOf(tenant))?.unread.length).toBeLessThan(20);
    tenant.change("live");
    await pollFor(tenant, 30 * SECOND);
    expect(await tenant.snapshot("live")).toBeDefined();
    halved.of = "none";
    await pollFor(tenant, 61 * MINUTE, MINUTE);
    expect(await missing(tenant)).toEqual([]);
  });
});
