import type { ConnectorId } from "../../connectors/connector.ts";
import type { TenantId } from "../../incident/incident.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import { startDeadline } from "../deadline.ts";
import type { DetectDeps } from "../detect/detect-deps.ts";
import { parseOrder } from "./parse-order.ts";
import { type ReconcileStep, reconcileStep } from "../repair/reconcile.ts";
import { type ReconcileOrder, ReconcileOrderSchema } from "../schema.ts";
import type { EventDeps, SyncDeps } from "../lane/sync-deps.ts";

interface Deps {
  readonly config: { readonly tenants: readonly { readonly id: TenantId }[] };
  detectDeps(tenantId: TenantId): Promise<DetectDeps>;
  laneDeps(connector: ConnectorId): Promise<SyncDeps | EventDeps>;
}

/** What of a handler's time a step may take, its last look-ups included. */
const DEADLINE_MS = 40_000;

let check: Promise<SchemaCheck<ReconcileOrder>> | undefined;

/** One step of a comparison that an operator follows: 200 with what was found and where it goes on. */
export async function operateReconcile(
  deps: Deps,
  text: string,
): Promise<{ readonly status: number; readonly body: ReconcileStep | { readonly problems: readonly string[] } }> {
  check ??= loadSchemaCheck(ReconcileOrderSchema);
  const checked = (await check)(parseOrder(text));
  if ("problems" in checked) return { status: 400, body: { problems: checked.problems } };
  const { tenant, since, repair, from } = checked.value;
  const sinceMs = Date.parse(since);
  const known = deps.config.tenants.find(({ id }) => id === tenant);
  if (known === undefined) return wrong(`tenant: there is no tenant "${tenant}" in the configuration`);
  if (Number.isNaN(sinceMs)) return wrong("since: must be a moment like 2026-01-01T00:00:00Z");
  const detect = await deps.detectDeps(known.id);
  const deadline = startDeadline(detect.clock, detect.clock.now() + DEADLINE_MS);
  try {
    const all = { ...detect, laneDeps: (connector: ConnectorId) => deps.laneDeps(connector) };
    const step = await reconcileStep(all, { since: sinceMs, isRepairing: repair === true, from }, deadline.signal);
    detect.log.info("tickets were compared", {
      tenantId: known.id,
      checked: step.checked,
      differences: step.differences.length,
      isRepairing: repair === true,
    });
    return { status: 200, body: step };
  } finally {
    deadline.stop();
  }
}

function wrong(problem: string): { status: number; body: { problems: readonly string[] } } {
  return { status: 400, body: { problems: [problem] } };
}
