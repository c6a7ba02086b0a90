import { type GraphTenant, type GraphTenantOptions, startGraphTenant } from "../graph-tenant.ts";

/** Incidents a little apart, so that no two share a stamp. */
export async function createMany(tenant: GraphTenant, count: number, apartMs = 50): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    await tenant.clock.advance(apartMs);
    ids.push(tenant.graph.incidents.create().id);
  }
  return ids;
}

/** A tenant that was read, and has this many new incidents since. */
export async function withNews(
  count: number,
  options: GraphTenantOptions = {},
): Promise<{ readonly tenant: GraphTenant; readonly ids: readonly string[] }> {
  const tenant = await startGraphTenant(options);
  tenant.graph.incidents.create();
  await tenant.poll();
  tenant.deltas();
  await tenant.clock.advance(5_000);
  return { tenant, ids: await createMany(tenant, count) };
}
