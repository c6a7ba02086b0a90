import type { TenantId } from "../../incident/incident.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import { forgetStep } from "./forget-tenant.ts";
import { type OperateAnswer, type OperateDeps, keepOrder } from "./operate.ts";
import { parseOrder } from "./parse-order.ts";
import { type ForgetOrder, ForgetOrderSchema } from "../schema.ts";

let check: Promise<SchemaCheck<ForgetOrder>> | undefined;

/**
 * One step of forgetting a tenant that has left: 200 with what is done and where it goes on. A tenant that is still configured is refused,
 * for it would be read anew the next moment.
 */
export async function operateForget(deps: OperateDeps, text: string): Promise<OperateAnswer> {
  check ??= loadSchemaCheck(ForgetOrderSchema);
  const checked = (await check)(parseOrder(text));
  if ("problems" in checked) return { status: 400, body: { problems: checked.problems } };
  const { tenant, from } = checked.value;
  if (deps.config.tenants.some(({ id }) => id === tenant)) {
    const problem = `tenant: "${tenant}" is still in the configuration; take it out, deploy, and let its queues run empty first`;
    return { status: 400, body: { problems: [problem] } };
  }
  const step = await forgetStep(deps, tenant as TenantId, from ?? 0);
  if (from === undefined || step.next === undefined) await keepOrder(deps, "forget", checked.value, 200);
  return { status: 200, body: step };
}
