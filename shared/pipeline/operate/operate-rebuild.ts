import type { ConnectorId } from "../../connectors/connector.ts";
import type { TenantId } from "../../incident/incident.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import { type OperateAnswer, type OperateDeps, keepOrder } from "./operate.ts";
import { parseOrder } from "./parse-order.ts";
import type { PreviewDeps } from "../preview/preview.ts";
import { previewRebuild } from "../preview/preview-rebuild.ts";
import { type Rebuild, askRebuild, readRebuild } from "../repair/rebuild.ts";
import { type RebuildOrder, RebuildOrderSchema } from "../schema.ts";

export interface RebuildDeps extends Omit<OperateDeps, "config">, Pick<PreviewDeps, "detectDeps" | "laneDeps"> {
  readonly config: {
    readonly tenants: OperateDeps["config"]["tenants"];
    readonly connectors: readonly {
      readonly id: string;
      readonly kind: string;
      readonly tenantIds: readonly TenantId[];
    }[];
  };
}

export interface RebuildOfTenant {
  readonly tenantId: string;
  readonly connector: string;
  readonly rebuild: Omit<Rebuild, "at" | "batch" | "v" | "connector"> & { readonly onTheirWay: number };
}

let check: Promise<SchemaCheck<RebuildOrder>> | undefined;

/**
 * Sends what is known to one connector again, every field compared anew. 202 where it is taken, and how far it is; 409 where another one is
 * not over. With `dryRun`: 200 with a step of what would be written, and where the next one goes on.
 */
export async function operateRebuild(deps: RebuildDeps, text: string): Promise<OperateAnswer> {
  check ??= loadSchemaCheck(RebuildOrderSchema);
  const order = parseOrder(text);
  const checked = (await check)(order);
  if ("problems" in checked) return wrong(...checked.problems);
  const { connector, tenant, since, dryRun, from } = checked.value;
  const sinceMs = Date.parse(since);
  const found = deps.config.connectors.find(({ id }) => id === connector);
  if (found === undefined) return wrong(`connector: there is no connector "${connector}" in the configuration`);
  if (Number.isNaN(sinceMs)) return wrong("since: must be a moment like 2026-01-01T00:00:00Z, or a day");
  const tenants = found.tenantIds.filter((id) => tenant === undefined || tenant === id);
  const [first] = tenants;
  if (first === undefined) return wrong(`tenant: "${connector}" gets nothing of a tenant "${tenant}"`);
  if (dryRun === true) {
    const step = await previewRebuild(deps, { tenantId: first, connector, since: sinceMs, from });
    // One tenant at a time: the others are to be asked for by name.
    return { status: 200, body: { ...step, tenants } };
  }
  const answer = await begin(deps, connector as ConnectorId, tenants, sinceMs);
  await keepOrder(deps, "rebuild", order, answer.status);
  return answer;
}

async function begin(
  deps: RebuildDeps,
  connector: ConnectorId,
  tenants: readonly TenantId[],
  since: number,
): Promise<OperateAnswer> {
  const problems: string[] = [];
  for (const tenantId of tenants) {
    if ((await askRebuild(deps, tenantId, connector, since)) === undefined) {
      problems.push(`${tenantId}: a rebuild of "${connector}" since another moment is not over yet`);
    }
  }
  if (problems.length > 0) return { status: 409, body: { problems } };
  return { status: 202, body: await tellRebuild(deps, { connector }) };
}

/** How far each is, or went. */
export async function tellRebuild(
  deps: Pick<RebuildDeps, "tables" | "config">,
  named: { readonly connector?: string | undefined; readonly tenant?: string | undefined },
): Promise<{ readonly rebuilds: readonly RebuildOfTenant[] }> {
  const rebuilds: RebuildOfTenant[] = [];
  for (const { id, tenantIds } of deps.config.connectors) {
    if (named.connector !== undefined && named.connector !== id) continue;
    for (const tenantId of tenantIds.filter((one) => named.tenant === undefined || named.tenant === one)) {
      const held = await readRebuild(deps.tables.control, tenantId, id as ConnectorId);
      if (held === undefined) continue;
      const { at: _at, batch, v: _v, connector, ...rest } = held.state;
      rebuilds.push({ tenantId, connector, rebuild: { ...rest, onTheirWay: batch.length } });
    }
  }
  return { rebuilds };
}

function wrong(...problems: readonly string[]): OperateAnswer {
  return { status: 400, body: { problems } };
}
