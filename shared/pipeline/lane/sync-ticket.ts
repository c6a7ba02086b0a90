import { assertNever } from "../../assert-never.ts";
import type { Ticket } from "../../connectors/connector.ts";
import { isClosed } from "../../incident/lifecycle.ts";
import { checkBreaker } from "./check-breaker.ts";
import { fold, isFoldable } from "./fold.ts";
import { type Link, withoutTrouble } from "../link.ts";
import { isToBeContinued, letGo } from "./continue-ticket.ts";
import {
  attach,
  detach,
  isTicketGone,
  isToBeAttached,
  mayRecreate,
  recreateLater,
  stayDetached,
} from "./lost-ticket.ts";
import { unpark } from "../park/park.ts";
import { type PassPlan, planPass } from "./plan-pass.ts";
import { putLink, saveLink } from "./save-link.ts";
import type { DeltaMessage } from "../schema.ts";
import { losersToTell, tellLosers } from "./survivor-ticket.ts";
import type { SyncDeps, SyncOutcome, SyncPass } from "./sync-deps.ts";
import { tellBeforeFolding, tellTool } from "./tell-tool.ts";
import { finishUnrouted, isUnrouted } from "./unrouted.ts";
import { heard } from "./watch-call.ts";
import { watchConnector } from "./watch-connector.ts";
import { logOutcome } from "./tell-pass.ts";
import { runLane } from "./run-lane.ts";
import { sendCopy, sendTimeOf } from "./wait.ts";
import { createTicket, firstUnwritten, updateTicket } from "./write-ticket.ts";

/** Sentinel's own connector takes up to ten minutes; after this an incident without a twin is recorded as absent. */
export const WAIT_FOR_TWIN_MS = 30 * 60_000;
/** By the usual rule the events of a closed incident raise nothing: what an earlier one raised is there soon, or never. */
const WAIT_WHEN_CLOSED_MS = 2 * 60_000;
const TWIN_FIRST_LOOK_MS = 2_000;
const TWIN_LOOK_CAP_MS = 60_000;
/** A difference from what the tool's own connector should write is looked at again, for it may only be slow. */
const DRIFT_LOOK_MS = 10 * 60_000;
const DRIFT_LOOKS = 3;

/** Makes one ticket match the newest snapshot of its incident. The delta says *that*, the snapshot says *what*. */
export async function syncTicket(given: SyncDeps, message: DeltaMessage, deliveredAt: number): Promise<SyncOutcome> {
  const deps = { ...given, connector: watchConnector(given.connector, given.breaker) };
  return runLane(deps, message, deliveredAt, async (pass) => {
    const change = firstUnwritten(pass);
    const outcome = await runPass(pass);
    logOutcome(pass, outcome, change);
    return outcome;
  });
}

/** One pass; a ticket that turns out to be deleted is dealt with as the configuration says. */
async function runPass(pass: SyncPass): Promise<SyncOutcome> {
  if (pass.link.detached !== undefined) {
    if (!isToBeAttached(pass)) return stayDetached(pass);
    await attach(pass);
  }
  try {
    return await runSteps(pass);
  } catch (error) {
    if (!(await isTicketGone(pass, error))) throw error;
    if (!mayRecreate(pass)) return detach(pass, error);
    await recreateLater(pass);
    return runSteps(pass);
  }
}

async function runSteps(pass: SyncPass): Promise<SyncOutcome> {
  const { deps } = pass;
  if (await isUnrouted(pass)) return finishUnrouted(pass);
  if (isFoldable(pass)) {
    await tellBeforeFolding(pass);
    return fold(pass);
  }
  if (pass.link.intent === undefined && isShown(pass)) return finishStale(pass);
  const admitted = await checkBreaker(pass);
  await deps.firstCheck?.run(pass.signal);
  await tellTool(pass);
  const outcome = await followPlan(pass, await planPass(pass));
  if (admitted === "probe") await heard(() => deps.breaker.giveBack());
  return outcome;
}

async function followPlan(pass: SyncPass, plan: PassPlan): Promise<SyncOutcome> {
  switch (plan.kind) {
    case "unrouted":
      return finishUnrouted(pass);
    case "wait":
      return waitUntil(pass, plan.until);
    case "letGo":
      await letGo(pass);
      return followPlan(pass, await planPass(pass));
    case "create":
      return createOrAbsent(pass, plan);
    case "update":
      return update(pass, plan);
    default:
      return assertNever(plan);
  }
}

async function createOrAbsent(
  pass: SyncPass,
  { wanted, notes, stage }: Extract<PassPlan, { kind: "create" }>,
): Promise<SyncOutcome> {
  const outcome = await createOrWait(pass, () => createTicket(pass, connectorCreate(pass), wanted, notes, stage));
  if (outcome === "created") await followUp(pass);
  return outcome;
}

async function update(
  pass: SyncPass,
  { wanted, write, stage, isAdopted }: Extract<PassPlan, { kind: "update" }>,
): Promise<SyncOutcome> {
  let outcome: SyncOutcome;
  try {
    outcome = await updateTicket(pass, wanted, write, stage, isAdopted);
  } catch (error) {
    if (!isToBeContinued(pass, stage, error)) throw error;
    await letGo(pass);
    return runSteps(pass);
  }
  await followUp(pass);
  await lookAtDriftLater(pass);
  return outcome;
}

/** What follows once the ticket shows the snapshot. Cut short, it is found to be missing by the next look at the link. */
async function followUp(pass: SyncPass): Promise<void> {
  const { deps, link } = pass;
  const toldTo = losersToTell(pass).at(-1);
  // What was parked before there was a link is known by its replay alone.
  const isParked = link.isParked || pass.message.cause === "replay";
  if (toldTo === undefined && !isParked) return;
  if (toldTo !== undefined) await tellLosers(pass);
  if (isParked) await unpark(deps, pass.tenantId, pass.incidentId, deps.connector.id);
  await putLink(pass, { ...link, isParked: false, ...(toldTo === undefined ? {} : { toldTo }) });
}

function isShown(pass: SyncPass): boolean {
  const { link, snapshot, deps, message } = pass;
  return (
    message.cause !== "verify" &&
    link.appliedSeq >= snapshot.seq &&
    link.mappingVersion === deps.connector.mappingVersion
  );
}

async function finishStale(pass: SyncPass): Promise<SyncOutcome> {
  await followUp(pass);
  if (pass.link.pending !== undefined) await putLink(pass, withoutTrouble(pass.link));
  return "stale";
}

async function waitUntil(pass: SyncPass, dueAt: number): Promise<SyncOutcome> {
  const copy: DeltaMessage = { ...pass.message, cause: "retry", n: pass.message.n + 1 };
  const sentFor = sendTimeOf(pass, dueAt);
  await sendCopy(pass.deps, copy, sentFor);
  const pending = { n: copy.n, dueAt, seq: pass.snapshot.seq, ...(sentFor === dueAt ? {} : { sentFor }) };
  await putLink(pass, { ...pass.link, pending });
  return "waiting";
}

/** No ticket was found. Creating one waits until a look-up can be believed; where we do not create, the twin is waited for. */
async function createOrWait(pass: SyncPass, create: () => Promise<SyncOutcome>): Promise<SyncOutcome> {
  const { deps, snapshot } = pass;
  const now = deps.clock.now();
  if (snapshot.delta.to === "redirected") {
    // Merged away before it had a ticket: the survivor's ticket tells the story.
    await saveAbsent(pass);
    return "absent";
  }
  if (deps.connector.create === undefined) return waitForTwin(pass, now);
  const believedAt = ((await deps.bornAt(pass.tenantId)) ?? snapshot.firstSeenAt) + deps.connector.settleMs;
  return now < believedAt ? waitUntil(pass, believedAt) : create();
}

async function waitForTwin(pass: SyncPass, now: number): Promise<SyncOutcome> {
  const { deps, snapshot, message, link } = pass;
  const since = Math.max(snapshot.firstSeenAt, link.told?.at ?? 0);
  const isOver = deps.connector.tell !== undefined && isClosed(snapshot.delta.to);
  if (now - since > (isOver ? WAIT_WHEN_CLOSED_MS : WAIT_FOR_TWIN_MS)) {
    await saveAbsent(pass);
    return "absent";
  }
  const n = message.cause === "retry" ? message.n : 0;
  return waitUntil(pass, now + Math.min(TWIN_LOOK_CAP_MS, TWIN_FIRST_LOOK_MS * 2 ** Math.min(n, 10)));
}

async function saveAbsent(pass: SyncPass): Promise<void> {
  const link: Link = {
    ...withoutTrouble(pass.link),
    appliedSeq: pass.snapshot.seq,
    mappingVersion: pass.deps.connector.mappingVersion,
    isAbsent: true,
  };
  await saveLink(pass, link, { outcome: "absent", fields: [], notes: 0 });
  await followUp(pass);
}

function connectorCreate(
  pass: SyncPass,
): (...args: Parameters<NonNullable<SyncDeps["connector"]["create"]>>) => Promise<Ticket> {
  const { connector } = pass.deps;
  return (fields, signal) => {
    if (connector.create === undefined) throw new Error("this connector does not create tickets");
    return connector.create(fields, signal);
  };
}

async function lookAtDriftLater(pass: SyncPass): Promise<void> {
  const { link, deps, message } = pass;
  const looks = message.cause === "verify" ? message.n : 0;
  if (link.drift.length === 0 || looks >= DRIFT_LOOKS || pass.deps.connector.create !== undefined) return;
  await sendCopy(
    deps,
    { ...message, seq: link.appliedSeq, cause: "verify", n: looks + 1 },
    deps.clock.now() + DRIFT_LOOK_MS,
  );
}
