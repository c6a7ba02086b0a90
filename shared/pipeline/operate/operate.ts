import type { ConnectorId } from "../../connectors/connector.ts";
import type { TenantId } from "../../incident/incident.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import { pauseConnector } from "../breaker.ts";
import { operateBackfill } from "./operate-backfill.ts";
import { type ParkedDeps, type ParkedRow, dropParked, listParked, replayParked } from "../park/parked-work.ts";
import { parseOrder } from "./parse-order.ts";
import { changePollState } from "../poll-state.ts";
import type { Log } from "../ports/log.ts";
import { requestPollsForBell } from "../request-polls.ts";
import {
  type ParkedOrder,
  ParkedOrderSchema,
  type PauseOrder,
  PauseOrderSchema,
  TenantOrderSchema,
} from "../schema.ts";
import { askWalk } from "../repair/walk-links.ts";

export interface OperateDeps extends ParkedDeps {
  /** Who gave the order, where somebody was signed in. */
  readonly by?: string;
  readonly log: Log;
  readonly config: {
    readonly tenants: readonly { readonly id: TenantId; readonly name: string }[];
    readonly connectors: readonly { readonly id: string }[];
  };
}

export interface OperateAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Where what operators did is kept, beside its reason. */
export const OPERATIONS = "operations";

/** An operator's order: 202 where it is taken, 400 with what is wrong, 404 where there is no such operation. Its reason is kept. */
export async function operate(deps: OperateDeps, operation: string, text: string): Promise<OperateAnswer> {
  const run = Object.hasOwn(RUNS, operation) ? RUNS[operation] : undefined;
  if (run === undefined) return { status: 404, body: { problems: [`there is no operation "${operation}"`] } };
  const order = parseOrder(text);
  const answer = await run(deps, order);
  await keepOrder(deps, operation, order, answer.status);
  return answer;
}

/** What was taken is kept, with its reason. */
export async function keepOrder(deps: OperateDeps, operation: string, order: unknown, status: number): Promise<void> {
  if (status < 400) {
    const at = deps.clock.now();
    const who = deps.by === undefined ? {} : { by: deps.by };
    const row = `${at.toString().padStart(15, "0")}:${deps.random.uuid()}`;
    await deps.tables.control.put(OPERATIONS, row, { at, operation, order, status, ...who }, "any");
  }
  deps.log.info("an operator's order", { operation, status });
}

type Run = (deps: OperateDeps, order: unknown) => Promise<OperateAnswer>;

const RUNS: Readonly<Record<string, Run>> = {
  backfill: (deps, order) => operateBackfill(deps, JSON.stringify(order ?? null)),
  poll: checkedBy(
    () => loadSchemaCheck(TenantOrderSchema),
    (deps, order) => withTenants(deps, order.tenant, (tenants) => requestPollsForBell(deps, tenants)),
  ),
  sweep: checkedBy(
    () => loadSchemaCheck(TenantOrderSchema),
    (deps, order) =>
      withTenants(deps, order.tenant, async (tenants) => {
        await requestPollsForBell(deps, [], tenants);
        for (const tenantId of tenants) await askWalk(deps.tables.control, tenantId, deps.clock.now());
      }),
  ),
  pause: checkedBy(
    () => loadSchemaCheck(PauseOrderSchema),
    (deps, order) => hold(deps, order, { at: deps.clock.now(), reason: order.reason }),
  ),
  resume: checkedBy(
    () => loadSchemaCheck(PauseOrderSchema),
    (deps, order) => hold(deps, order, undefined),
  ),
  replay: checkedBy(
    () => loadSchemaCheck(ParkedOrderSchema),
    (deps, order) => withParked(deps, order, (work) => replayParked(deps, work)),
  ),
  drop: checkedBy(
    () => loadSchemaCheck(ParkedOrderSchema),
    (deps, order) =>
      withParked(deps, order, async (work) => {
        await dropParked(deps, work, order.reason);
        return undefined;
      }),
  ),
};

function checkedBy<T>(
  load: () => Promise<SchemaCheck<T>>,
  run: (deps: OperateDeps, order: T) => Promise<OperateAnswer>,
): Run {
  let check: Promise<SchemaCheck<T>> | undefined;
  return async (deps, order) => {
    check ??= load();
    const checked = (await check)(order);
    return "problems" in checked ? wrong(...checked.problems) : run(deps, checked.value);
  };
}

async function withTenants(
  { config }: OperateDeps,
  named: string | undefined,
  run: (tenants: readonly TenantId[]) => Promise<void>,
): Promise<OperateAnswer> {
  const tenants = config.tenants.map(({ id }) => id).filter((id) => named === undefined || id === named);
  if (tenants.length === 0) return wrong(`tenant: there is no tenant "${named}" in the configuration`);
  await run(tenants);
  return { status: 202, body: { tenants } };
}

async function hold(
  deps: OperateDeps,
  { tenant, connector }: PauseOrder,
  paused: { readonly at: number; readonly reason: string } | undefined,
): Promise<OperateAnswer> {
  if ((tenant === undefined) === (connector === undefined)) return wrong("name a tenant or a connector: one of them");
  if (connector !== undefined) {
    if (!deps.config.connectors.some(({ id }) => id === connector)) {
      return wrong(`connector: there is no connector "${connector}" in the configuration`);
    }
    await pauseConnector(deps.tables.control, connector as ConnectorId, paused);
    return { status: 202, body: { connector, isPaused: paused !== undefined } };
  }
  let isKnown = true;
  const answer = await withTenants(deps, tenant, async ([tenantId]) => {
    if (tenantId === undefined) return;
    isKnown = await changePollState(deps.tables.control, tenantId, ({ paused: _before, ...state }) => ({
      ...state,
      ...(paused === undefined ? {} : { paused }),
    }));
    if (isKnown && paused === undefined) await requestPollsForBell(deps, [tenantId]);
  });
  return isKnown ? answer : wrong("tenant: it was never read yet; there is nothing to hold");
}

async function withParked(
  deps: OperateDeps,
  order: ParkedOrder,
  run: (work: ParkedRow) => Promise<string | undefined>,
): Promise<OperateAnswer> {
  const { reason: _reason, all, ...filter } = order;
  if (all !== true && Object.keys(filter).length === 0) {
    return wrong('name a tenant, an incident or a connector, or everything by "all": true');
  }
  const found = await listParked(deps, filter);
  const problems: string[] = [];
  for (const work of found) {
    const problem = await run(work);
    if (problem !== undefined) problems.push(`${work.tenantId} ${work.incidentId} ${work.what}: ${problem}`);
  }
  return { status: 202, body: { done: found.length - problems.length, problems } };
}

function wrong(...problems: readonly string[]): OperateAnswer {
  return { status: 400, body: { problems } };
}
