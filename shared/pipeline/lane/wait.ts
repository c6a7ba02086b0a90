import { ConflictError } from "../ports/table.ts";
import type { ConnectorId } from "../../connectors/connector.ts";
import { PermanentError, RetryableError } from "../../errors.ts";
import type { TenantId } from "../../incident/incident.ts";
import { lifecycleOf } from "../../incident/lifecycle.ts";
import { copyOf } from "../delta-message.ts";
import { type Link, unpackLink, withoutIntent, withoutPending, withoutTicket } from "../link.ts";
import { goneMend } from "./check-breaker.ts";
import { laneQueue } from "../keys.ts";
import { type ParkedWork, park } from "../park/park.ts";
import { type LedgerEntry, putLink, saveLink } from "./save-link.ts";
import { withoutToolWords } from "../tool-words.ts";
import type { DeltaMessage } from "../schema.ts";
import type { LaneDeps, SyncOutcome, LanePass } from "./sync-deps.ts";

const FIRST_DELAY_MS = 1_000;
const HANDOVER_CAP_MS = 2 * 60_000;
/** A tool that is there again but short of quota: the customer's turn comes before the others' backlog. */
const THROTTLED_HANDOVER_CAP_MS = 10_000;
const OTHER_CAP_MS = 10 * 60_000;
const PARKED_AFTER_MS = 7 * 24 * 60 * 60_000;
const BUG_PARKED_AFTER_MS = 24 * 60 * 60_000;
/** A credential that is refused is not tried at full speed. */
const UNAUTHORIZED_DELAY_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const RECORD_ATTEMPTS = 5;
/** How long what cannot even be read is held on to before its delivery is given back. */
const UNREAD_PATIENCE_MS = 20_000;

/** After a failure: a copy of the message is scheduled and the original completed, or the work is parked. Only a dying process spends delivery counts. */
export async function waitOrPark(pass: LanePass, error: unknown): Promise<SyncOutcome> {
  const { deps, message } = pass;
  const now = deps.clock.now();
  const since = message.since ?? now;
  if (error instanceof PermanentError && !isOfTheConnector(pass, error)) {
    return parkPass(pass, error);
  }
  const isKnown = error instanceof RetryableError || error instanceof PermanentError;
  const text = error instanceof Error ? error.message : String(error);
  const mend: { readonly mend?: string } = isKnown && error.mend !== "" ? { mend: error.mend } : {};
  if (!isKnown) {
    deps.log.error("a lane met an error that should not occur", {
      tenantId: pass.tenantId,
      incidentId: pass.incidentId,
      connector: deps.connector.id,
      error: text,
      stack: error instanceof Error ? (error.stack ?? "").slice(0, 2_000) : "",
    });
  }
  if (now - since > (isKnown ? PARKED_AFTER_MS : BUG_PARKED_AFTER_MS)) {
    const unknown = "mend the cause, then replay this work";
    return parkPass(pass, { reason: isKnown ? error.reason : "bug", message: text, mend: mend.mend ?? unknown });
  }
  const mayHaveHappened = error instanceof RetryableError ? error.mayHaveHappened : !isKnown;
  const delayMs = delayOf(pass, isKnown ? error : undefined);
  const claimEnd = (mayHaveHappened || !pass.hasClaimed) && pass.link.intent !== undefined ? pass.link.intent.until : 0;
  const dueAt = Math.max(now + delayMs, claimEnd);
  const copy: DeltaMessage = { ...message, cause: "retry", n: message.n + 1, since };
  const sentFor = sendTimeOf(pass, dueAt);
  await persistently(deps, pass.deadlineAt, () => sendCopy(deps, copy, sentFor));
  const link: Link = {
    // A claim of an earlier pass stays until it is verified: a failed look at the ticket says nothing of it.
    ...(mayHaveHappened || !pass.hasClaimed ? pass.link : withoutIntent(pass.link)),
    pending: { n: copy.n, dueAt, seq: pass.snapshot.seq, ...(sentFor === dueAt ? {} : { sentFor }) },
    ...(pass.doubtful.size === 0 ? {} : { doubtful: [...pass.doubtful] }),
    lastError: { reason: isKnown ? error.reason : "bug", message: text.slice(0, 500), ...mend, at: now, since },
  };
  // Of a row of failures the ledger has the first.
  const isFirst = pass.link.lastError === undefined;
  await recordTrouble(pass, link, isFirst ? { outcome: "waiting", fields: [], notes: 0 } : undefined);
  measureCopy(deps, message, isKnown ? error.reason : "bug");
  deps.log.warn("a copy is scheduled", {
    tenantId: pass.tenantId,
    incidentId: pass.incidentId,
    connector: deps.connector.id,
    reason: isKnown ? error.reason : "bug",
    error: withoutToolWords(text),
    ...mend,
    n: copy.n,
    dueInMs: dueAt - now,
  });
  return "waiting";
}

/**
 * What to tell the queue of a copy that is due then. A copy that came before its time shows that the queue's clock runs ahead of ours, by so
 * much at least: the next one would come at once as well, and again.
 */
export function sendTimeOf({ link, message, deps }: LanePass, dueAt: number): number {
  const { pending } = link;
  if (pending === undefined || pending.n !== message.n) return dueAt;
  const earlyMs = Math.max(0, (pending.sentFor ?? pending.dueAt) - deps.clock.now());
  return dueAt + 2 * earlyMs;
}

/**
 * A setting that is wrong, or a right that is missing before there is any ticket, is not this incident's: every other meets it too, and it
 * is mended for all at once. So the work waits, and says why, instead of being parked one by one.
 */
function isOfTheConnector(pass: LanePass, error: PermanentError): boolean {
  if (error.reason === "misconfigured") return true;
  return error.reason === "unauthorized" && pass.link.ticket === undefined;
}

/**
 * The state could not be read (or the connector not be made), so nothing can be recorded beside it: the copy alone keeps the work. A
 * snapshot that is not one is parked.
 */
export async function waitUnread(
  deps: Pick<LaneDeps, "tables" | "bus" | "clock" | "random" | "log" | "metrics"> & {
    readonly connector: { readonly id: ConnectorId };
  },
  message: DeltaMessage,
  error: unknown,
): Promise<SyncOutcome> {
  const now = deps.clock.now();
  const since = message.since ?? now;
  const text = error instanceof Error ? error.message : String(error);
  const ids = { tenantId: message.tenantId, incidentId: message.incidentId, connector: deps.connector.id };
  const isHopeless = now - since > PARKED_AFTER_MS || (error instanceof PermanentError && error.reason === "malformed");
  const until = now + UNREAD_PATIENCE_MS;
  if (isHopeless) {
    const work: ParkedWork = {
      incidentId: message.incidentId,
      what: deps.connector.id,
      reason: error instanceof PermanentError || error instanceof RetryableError ? error.reason : "bug",
      message: text,
      mend: error instanceof PermanentError ? error.mend : "mend the cause, then replay this work",
      parkedAt: now,
      body: message,
    };
    await persistently(deps, until, () => park(deps, message.tenantId as TenantId, work));
    return "parked";
  }
  const delayMs =
    Math.min(OTHER_CAP_MS, FIRST_DELAY_MS * 2 ** Math.min(message.n, 20)) * (0.5 + deps.random.next() / 2);
  const copy: DeltaMessage = { ...message, cause: "retry", n: message.n + 1, since };
  await persistently(deps, until, () => sendCopy(deps, copy, now + delayMs));
  measureCopy(deps, message, error instanceof RetryableError ? error.reason : "bug");
  const fields = { ...ids, error: text, n: message.n + 1, dueInMs: Math.round(delayMs) };
  if (error instanceof RetryableError) deps.log.warn("a copy is scheduled; the state could not be read", fields);
  else deps.log.error("a copy is scheduled; the work could not begin", fields);
  return "waiting";
}

function measureCopy(
  { metrics, connector }: Pick<LaneDeps, "metrics"> & { readonly connector: { readonly id: ConnectorId } },
  { tenantId }: DeltaMessage,
  reason: string,
): void {
  metrics.add("dexsync.copies", 1, { tenant: tenantId, connector: connector.id, reason });
}

/** Only a dying process spends delivery counts: a bus or state that is away for a moment is waited for while the handler's time lasts. */
async function persistently(deps: Pick<LaneDeps, "clock">, until: number, work: () => Promise<void>): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof RetryableError) || deps.clock.now() + pauseMs > until) throw error;
    }
    await deps.clock.sleep(pauseMs);
  }
}

export async function sendCopy(
  deps: Pick<LaneDeps, "bus" | "random"> & { readonly connector: { readonly id: ConnectorId } },
  copy: DeltaMessage,
  dueAt: number,
): Promise<void> {
  await deps.bus.send(laneQueue(deps.connector.id), [copyOf(copy, dueAt, deps.random.uuid())]);
}

/** The tool's own Retry-After is honoured even beyond our caps; otherwise exponential with jitter. */
function delayOf(pass: LanePass, error: RetryableError | PermanentError | undefined): number {
  const { message, deps, snapshot } = pass;
  const isHandover = lifecycleOf(snapshot.incident).stage === "awaitingCustomerAction";
  const handoverCap = error?.reason === "throttled" ? THROTTLED_HANDOVER_CAP_MS : HANDOVER_CAP_MS;
  const cap = isHandover ? handoverCap : OTHER_CAP_MS;
  const isRefused = error?.reason === "unauthorized" || error?.reason === "misconfigured";
  const least = isRefused ? UNAUTHORIZED_DELAY_MS : 0;
  const askedMs = error instanceof RetryableError ? (error.retryAfterMs ?? 0) : 0;
  const exponential = Math.min(cap, FIRST_DELAY_MS * 2 ** Math.min(message.n, 20));
  const jittered = exponential * (0.5 + deps.random.next() / 2);
  return Math.max(askedMs, least, jittered);
}

/** No repetition mends it: kept for a person. `change`: what else is to be said on the link. */
export async function parkPass(
  pass: LanePass,
  why: Pick<ParkedWork, "reason" | "message" | "mend">,
  change: (link: Link) => Link = (link) => link,
): Promise<SyncOutcome> {
  const { deps } = pass;
  const { reason, message } = why;
  const mend = reason === "gone" && why.mend === "" ? goneMend(deps.connector.id) : why.mend;
  const now = deps.clock.now();
  const work: ParkedWork = {
    incidentId: pass.incidentId,
    what: deps.connector.id,
    reason,
    message,
    mend,
    parkedAt: now,
    body: pass.message,
    seq: pass.snapshot.seq,
  };
  await persistently(deps, pass.deadlineAt, () => park(deps, pass.tenantId, work));
  const since = pass.link.lastError?.since ?? now;
  // A twin that is gone may come back under another name.
  const isGone = reason === "notFound" && "find" in deps.connector && deps.connector.create === undefined;
  const known = pass.hasClaimed ? withoutIntent(pass.link) : pass.link;
  const link: Link = {
    ...withoutPending(change(isGone ? withoutTicket(known) : known)),
    ...(pass.doubtful.size === 0 ? {} : { doubtful: [...pass.doubtful] }),
    isParked: true,
    lastError: { reason, message: message.slice(0, 500), at: now, since },
  };
  await recordTrouble(pass, link, { outcome: "parked", fields: [], notes: 0 });
  return "parked";
}

/** The copy is sent or the row parked already, so the work is safe; what cannot be written on the link now is only shown later. */
async function recordTrouble(pass: LanePass, link: Link, entry: LedgerEntry | undefined): Promise<void> {
  try {
    await saveWhileOurs(pass, link, entry);
  } catch (error) {
    if (!(error instanceof RetryableError) && !(error instanceof ConflictError)) throw error;
    pass.deps.log.warn("a link could not be written", { tenantId: pass.tenantId, incidentId: pass.incidentId });
  }
}

/** Where others write the link meanwhile, it is ours to change only while the claim on it is. */
async function saveWhileOurs(pass: LanePass, link: Link, entry: LedgerEntry | undefined): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await save(pass, link, entry);
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === RECORD_ATTEMPTS) throw error;
    }
    const row = await pass.deps.tables.incident.get(pass.partition, pass.row);
    const claim = row === undefined ? undefined : unpackLink(row.value).intent;
    if (row === undefined || claim === undefined || claim.invocation !== pass.link.intent?.invocation) return;
    pass.etag = row.etag;
  }
}

function save(pass: LanePass, link: Link, entry: LedgerEntry | undefined): Promise<void> {
  return entry === undefined ? putLink(pass, link) : saveLink(pass, link, entry);
}
