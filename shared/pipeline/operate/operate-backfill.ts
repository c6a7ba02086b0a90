import type { TenantId } from "../../incident/incident.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import { askBackfill, readBackfill } from "../detect/backfill.ts";
import { parseOrder } from "./parse-order.ts";
import type { Backfill } from "../poll-state.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Tables } from "../ports/table.ts";
import { type BackfillOrder, BackfillOrderSchema } from "../schema.ts";

interface Deps {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: { readonly tenants: readonly { readonly id: TenantId; readonly name: string }[] };
}

export interface BackfillOfTenant {
  readonly tenantId: string;
  readonly name: string;
  /** Null where none was ever asked for. */
  readonly backfill: Backfill | null;
}

let check: Promise<SchemaCheck<BackfillOrder>> | undefined;

/** An operator's order: 202 where every tenant named takes it, 400 with what is wrong, 409 where another one is under way. */
export async function operateBackfill(deps: Deps, text: string): Promise<{ status: number; body: unknown }> {
  check ??= loadSchemaCheck(BackfillOrderSchema);
  const checked = (await check)(parseOrder(text));
  if ("problems" in checked) return { status: 400, body: { problems: checked.problems } };
  const order = checked.value;
  const tenants = deps.config.tenants.filter((tenant) => order.tenant === undefined || tenant.id === order.tenant);
  if (tenants.length === 0)
    return { status: 400, body: { problems: [`tenant: there is no tenant "${order.tenant}"`] } };
  const request = {
    since: order.since,
    until: order.until ?? new Date(deps.clock.now()).toISOString(),
    isDryRun: order.dryRun === true,
    isOpenEnded: order.until === undefined,
  };
  const answers = [];
  for (const tenant of tenants) answers.push({ tenant, answer: await askBackfill(deps, tenant.id, request) });
  deps.log.info("backfill asked for", { ...request, tenants: tenants.length, reason: order.reason });
  const problems = answers.flatMap(({ tenant, answer }) => {
    if (answer.kind === "refused") return [`${tenant.id}: ${answer.problem}`];
    return answer.kind === "busy"
      ? [`${tenant.id}: a backfill from ${answer.backfill.since} to ${answer.backfill.until} is not over yet`]
      : [];
  });
  const isBusy = answers.some(({ answer }) => answer.kind === "busy");
  if (problems.length > 0) return { status: isBusy ? 409 : 400, body: { problems } };
  return { status: 202, body: await tellBackfill(deps, order.tenant ?? "") };
}

/** How far each tenant's last backfill is; of one tenant where it is named. */
export async function tellBackfill(deps: Deps, tenantId: string): Promise<{ tenants: readonly BackfillOfTenant[] }> {
  const tenants = deps.config.tenants.filter((tenant) => tenantId === "" || tenant.id === tenantId);
  return {
    tenants: await Promise.all(
      tenants.map(async ({ id, name }) => ({
        tenantId: id,
        name,
        backfill: (await readBackfill(deps.tables, id)) ?? null,
      })),
    ),
  };
}
