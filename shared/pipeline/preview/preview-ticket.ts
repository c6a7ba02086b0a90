import { assertNever } from "../../assert-never.ts";
import type { Ticket, WantedTicket } from "../../connectors/connector.ts";
import { PermanentError, RetryableError } from "../../errors.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import { withoutClosedTicket } from "../lane/continue-ticket.ts";
import { deltaMessageOf } from "../delta-message.ts";
import { incidentPartition, linkRow } from "../keys.ts";
import { type Link, newLink } from "../link.ts";
import { isToBeAttached, toBeRecreated } from "../lane/lost-ticket.ts";
import { type PassPlan, planPass } from "../lane/plan-pass.ts";
import { driftOf, hasChanges, missingAttachments, whyWritten } from "../lane/plan-write.ts";
import { heldBecause, nothingPreviewed } from "./preview-held.ts";
import type { PreviewedField, PreviewedTicket } from "./previewed.ts";
import type { StoredSnapshot } from "../stored-snapshot.ts";
import type { SyncDeps, SyncPass } from "../lane/sync-deps.ts";
import { WAIT_FOR_TWIN_MS } from "../lane/sync-ticket.ts";

/** What the lane's next pass would do with this incident. `deps` must not be able to write. */
export async function previewTicket(
  deps: SyncDeps,
  snapshot: StoredSnapshot,
  link: Link | undefined,
  signal: AbortSignal,
): Promise<PreviewedTicket> {
  const pass = passOf(deps, snapshot, link, signal);
  if (pass.link.detached !== undefined) {
    if (!isToBeAttached(pass)) {
      const reason = "its ticket was deleted; detached until this work is replayed";
      return { ...nothing(pass), action: "absent", reason };
    }
    pass.link = toBeRecreated(pass.link, deps.clock.now());
  }
  try {
    return await toPreview(pass, await planPass(pass));
  } catch (error) {
    if (!(error instanceof RetryableError) && !(error instanceof PermanentError)) throw error;
    const mend = error.mend === "" ? "" : `; ${error.mend}`;
    return { ...nothing(pass), action: "unknown", reason: `${error.reason}: ${error.message}${mend}` };
  }
}

function passOf(deps: SyncDeps, snapshot: StoredSnapshot, link: Link | undefined, signal: AbortSignal): SyncPass {
  const { tenantId, id } = snapshot.incident;
  return {
    deps,
    message: deltaMessageOf(snapshot),
    tenantId,
    incidentId: id,
    partition: incidentPartition(tenantId, id),
    row: linkRow(deps.connector.id),
    snapshot,
    signal,
    deadlineAt: deps.clock.now() + deps.deadlineMs,
    link: link ?? newLink(deps.clock.now()),
    etag: undefined,
    hasClaimed: false,
    doubtful: new Set(link?.doubtful),
  };
}

async function toPreview(pass: SyncPass, plan: PassPlan): Promise<PreviewedTicket> {
  switch (plan.kind) {
    case "unrouted":
      return { ...nothing(pass), action: "unrouted", reason: unroutedBecause(pass) };
    case "wait": {
      const until = new Date(plan.until).toISOString();
      return {
        ...nothing(pass),
        action: "wait",
        reason: `a write is under way, or was cut short; looked at again at ${until}`,
      };
    }
    case "letGo":
      pass.link = withoutClosedTicket(pass.link);
      return toPreview(pass, await planPass(pass));
    case "create":
      return toCreated(pass, plan);
    case "update": {
      const { wanted, write, stage, isAdopted } = plan;
      const isWriting = hasChanges(write.changes) || write.notes.length > 0 || write.attachments.length > 0;
      const unchanged = isAdopted ? "adopt" : "none";
      const seen = await seenNow(pass, wanted, isWriting || isAdopted);
      return {
        ...nothing(pass),
        action: isWriting && !isAdopted ? "update" : unchanged,
        fields: fieldsOf(pass, wanted, stage, Object.keys(write.changes.values)),
        tags: write.changes.tags,
        notes: write.notes.length,
        files: write.attachments.map(({ name }) => name),
        drift: driftOf(seen, wanted).filter((field) => !Object.hasOwn(write.changes.values, field)),
        reason: heldBecause(pass.link),
      };
    }
    default:
      return assertNever(plan);
  }
}

function toCreated(pass: SyncPass, { wanted, notes, stage }: Extract<PassPlan, { kind: "create" }>): PreviewedTicket {
  const { deps, snapshot } = pass;
  if (snapshot.delta.to === "redirected") {
    return { ...nothing(pass), action: "absent", reason: "merged away before it had a ticket" };
  }
  if (deps.connector.create === undefined) {
    const isLate = deps.clock.now() - snapshot.firstSeenAt > WAIT_FOR_TWIN_MS;
    return isLate
      ? { ...nothing(pass), action: "absent", reason: "the tool has none, and makes its tickets itself" }
      : { ...nothing(pass), action: "wait", reason: "the tool makes its tickets itself; it is looked for again" };
  }
  return {
    ...nothing(pass),
    action: "create",
    fields: fieldsOf(pass, wanted, stage, Object.keys(wanted.fields.values)),
    tags: { add: wanted.fields.tags, remove: [] },
    notes: notes.length,
    files: missingAttachments(pass.link, wanted).map(({ name }) => name),
    reason: heldBecause(pass.link),
  };
}

function fieldsOf(
  pass: SyncPass,
  wanted: WantedTicket,
  stage: Stage,
  names: readonly string[],
): readonly PreviewedField[] {
  const { link } = pass;
  return names.map((field) => {
    const why = whyWritten(link, wanted, stage, field) ?? "first";
    return {
      field,
      from: link.seen[field] ?? link.written[field] ?? null,
      to: wanted.fields.values[field] ?? "",
      why: why === "changed" && isShown(pass) ? "mapping" : why,
    };
  });
}

/** What a pass that has nothing to write looks at, it looks at. */
async function seenNow(pass: SyncPass, wanted: WantedTicket, isKnown: boolean): Promise<Link> {
  const { link, deps, signal } = pass;
  if (isKnown || link.ticket === undefined || Object.keys(wanted.expected).length === 0) return link;
  const ticket: Ticket | undefined = await deps.connector.read(link.ticket, signal);
  return ticket === undefined ? link : { ...link, seen: { ...link.seen, ...ticket.values } };
}

function isShown({ link, snapshot }: SyncPass): boolean {
  return link.appliedSeq >= snapshot.seq;
}

function unroutedBecause({ deps, snapshot }: SyncPass): string {
  const isBlind = deps.route?.categories !== undefined && snapshot.incident.alerts === undefined;
  return isBlind ? "its alerts were not read yet, so its categories are not known" : "";
}

function nothing({ deps, snapshot, link }: SyncPass): PreviewedTicket {
  return nothingPreviewed(deps.connector, snapshot, link);
}
