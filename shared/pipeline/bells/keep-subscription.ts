import { createHash, randomBytes } from "node:crypto";
import { PermanentError, RetryableError } from "../../errors.ts";
import type { TenantId } from "../../incident/incident.ts";
import { closeGate, openGate, readGate } from "../graph-gate.ts";
import { SUBSCRIPTION_ROW } from "../keys.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import type { SubscriptionApi } from "../ports/subscriptions.ts";
import { ConflictError, type Tables } from "../ports/table.ts";
import {
  type SubscriptionChange,
  created,
  explained,
  failing,
  refused,
  removed,
  renewed,
} from "./subscription-changes.ts";
import {
  type HeldSubscription,
  type KeptSubscription,
  type SubscriptionState,
  changeSubscription,
  readSubscription,
} from "./subscription-state.ts";
import { type SubscriptionPlan, isAbout, nextStep } from "./subscription-step.ts";

export interface SubscriptionDeps {
  readonly tenantId: TenantId;
  readonly plan: SubscriptionPlan;
  readonly api: SubscriptionApi;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** A handler's time from delivery. */
  readonly deadlineMs: number;
  /** How long a claim lasts: the handler's time, and the margin for clocks that differ. */
  readonly claimMs: number;
}

/** "held": another invocation is at it. "paused": Graph asked this tenant's callers to wait. "lost": another took over meanwhile. */
export type SubscriptionOutcome =
  "nothing" | "explained" | "held" | "paused" | "created" | "renewed" | "removed" | "refused" | "failed" | "lost";

/** Far below what Graph grants (30 days): what a crash left behind is gone within a day. */
const LIFE_MS = 24 * 60 * 60_000;

/** What one look works with: the row as it was claimed, and by which name. */
interface Look {
  readonly deps: SubscriptionDeps;
  readonly claim: string;
  readonly state: SubscriptionState;
  readonly signal: AbortSignal;
}

/**
 * Looks after the subscription of one tenant: creates it, renews it at half of its life, creates it anew, gives it up. The row is claimed
 * under its ETag before Graph is called, so two invocations never create two; one that a crash left behind expires, and what it sends is
 * believed by nobody. Nothing depends on it: the timer reads everything anyway.
 */
export async function keepSubscription(deps: SubscriptionDeps, signal: AbortSignal): Promise<SubscriptionOutcome> {
  const { tenantId, plan, clock } = deps;
  const { control } = deps.tables;
  const held = await readSubscription(control, tenantId);
  const step = nextStep(held.state, plan, clock.now());
  if (step === "nothing") return "nothing";
  const gate = await readGate(control, tenantId);
  if (step !== "explain" && gate.notBefore > clock.now()) return "paused";
  const claim = await claimRow(deps, held);
  if (claim === undefined) return "held";
  const look: Look = { deps, claim, state: held.state, signal };
  if (step === "explain") return settle(look, "explained", explained(plan, clock.now()));
  try {
    const outcome = await take(step, look);
    await openGate(control, tenantId, gate);
    return outcome;
  } catch (error) {
    if (error instanceof RetryableError || error instanceof PermanentError) return await fail(look, error);
    throw error;
  }
}

async function claimRow(deps: SubscriptionDeps, { state, etag }: HeldSubscription): Promise<string | undefined> {
  const claim = { by: deps.random.uuid(), until: deps.clock.now() + deps.claimMs };
  try {
    const condition = etag === undefined ? "absent" : { etag };
    await deps.tables.control.put(deps.tenantId, SUBSCRIPTION_ROW, { ...state, claim }, condition);
    return claim.by;
  } catch (error) {
    if (error instanceof ConflictError) return undefined;
    throw error;
  }
}

async function take(step: "remove" | "create" | "renew", look: Look): Promise<SubscriptionOutcome> {
  const { deps, signal } = look;
  const { current } = look.state;
  if (step === "remove") return remove(look);
  if (step === "create" || current === undefined) return create(look, current);
  const now = deps.clock.now();
  const answer = await deps.api.renew(current.id, now + LIFE_MS, signal);
  if (answer === "gone") return create(look, undefined);
  return settle(look, "renewed", renewed(deps.plan, now, { ...current, ...answer, renewedAt: now }));
}

async function create(look: Look, replaced: KeptSubscription | undefined): Promise<SubscriptionOutcome> {
  const { deps } = look;
  const { plan, tenantId } = deps;
  const { resource, notificationUrl = "" } = plan;
  // Sent to Graph and forgotten: its digest is enough to know it again.
  const clientState = randomBytes(32).toString("base64url");
  const now = deps.clock.now();
  const answer = await deps.api.create({ resource, notificationUrl, clientState, until: now + LIFE_MS }, look.signal);
  if ("refused" in answer) return refuse(look, answer.refused);
  deps.log.info("a Graph subscription was created", { tenantId, subscriptionId: answer.id });
  const current: KeptSubscription = {
    ...answer,
    resource,
    notificationUrl,
    stateDigest: createHash("sha256").update(clientState).digest("hex"),
    createdAt: now,
    renewedAt: now,
  };
  return settle(look, "created", created(plan, now, current, replaced));
}

async function remove(look: Look): Promise<SubscriptionOutcome> {
  const { deps, state } = look;
  for (const kept of [state.current, state.previous]) {
    if (kept !== undefined && kept.expiresAt > deps.clock.now()) await deps.api.remove(kept.id, look.signal);
  }
  return settle(look, "removed", removed(deps.plan, deps.clock.now()));
}

/** Said once, not once a day. */
function refuse(look: Look, status: number): Promise<SubscriptionOutcome> {
  const { deps, state } = look;
  const { tenantId, plan } = deps;
  if (state.status !== "refused" || !isAbout(state, plan)) {
    const { resource } = plan;
    deps.log.warn("Graph refuses notifications; the timer reads everything", { tenantId, resource, status });
  }
  return settle(look, "refused", refused(plan, deps.clock.now(), status));
}

async function fail(look: Look, error: RetryableError | PermanentError): Promise<SubscriptionOutcome> {
  const { deps } = look;
  const { tenantId, plan, random } = deps;
  const { reason } = error;
  const now = deps.clock.now();
  const retryAfterMs = error instanceof RetryableError ? error.retryAfterMs : undefined;
  // A service that is away for subscriptions says nothing of reading.
  if (reason === "throttled") {
    await closeGate(deps.tables.control, tenantId, now, retryAfterMs, random);
  }
  deps.log.warn("a Graph subscription could not be kept; the timer reads everything", { tenantId, reason });
  return await settle(look, "failed", failing(plan, now, { reason, retryAfterMs, jitter: random.next() }));
}

/** Writes what came of it and lets go of the claim, over whatever events were noted meanwhile; nothing where another has taken over. */
async function settle(
  { deps, claim }: Look,
  outcome: SubscriptionOutcome,
  change: SubscriptionChange,
): Promise<SubscriptionOutcome> {
  const written = await changeSubscription(deps.tables.control, deps.tenantId, (fresh) =>
    fresh.claim?.by === claim ? { ...change(fresh), claim: undefined } : undefined,
  );
  if (written !== undefined) return outcome;
  deps.log.warn("the claim on a Graph subscription was lost", { tenantId: deps.tenantId });
  return "lost";
}
