import { PermanentError, RetryableError } from "../../errors.ts";
import type { TenantId } from "../../incident/incident.ts";
import { startDeadline } from "../deadline.ts";
import { type SubscriptionDeps, keepSubscription } from "./keep-subscription.ts";
import type { Log } from "../ports/log.ts";

interface Tenants {
  readonly log: Log;
  subscriptionDeps(tenantId: TenantId): Promise<SubscriptionDeps>;
}

/** One message that asks for a tenant's bell to be looked after. What fails is tried again by the timer, so nothing is sent again from here. */
export async function handleSubscriptionRequest(
  tenants: Tenants,
  tenantId: TenantId,
  deliveredAt: number,
): Promise<void> {
  try {
    const deps = await tenants.subscriptionDeps(tenantId);
    const deadline = startDeadline(deps.clock, deliveredAt + deps.deadlineMs);
    try {
      const outcome = await keepSubscription(deps, deadline.signal);
      tenants.log.info("a subscription was looked after", { tenantId, outcome });
    } finally {
      deadline.stop();
    }
  } catch (error) {
    const isExpected = error instanceof PermanentError || error instanceof RetryableError;
    tenants.log.error("a subscription could not be looked after", {
      tenantId,
      reason: isExpected ? error.reason : "an error that should not occur",
      stack: isExpected || !(error instanceof Error) ? "" : (error.stack ?? "").slice(0, 2_000),
    });
  }
}
