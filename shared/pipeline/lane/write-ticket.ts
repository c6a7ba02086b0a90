import type {
  Note,
  Refused,
  Ticket,
  TicketChanges,
  TicketConnector,
  WantedTicket,
} from "../../connectors/connector.ts";
import { RetryableError } from "../../errors.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import type { SourceChange } from "../../incident/snapshot.ts";
import { type Intent, type Link, withSeen, withStage, withoutIntent, withoutTrouble } from "../link.ts";
import { type WritePlan, driftOf, hasChanges, missingAttachments, withWritten } from "./plan-write.ts";
import { putLink, saveLink } from "./save-link.ts";
import type { SyncOutcome, SyncPass } from "./sync-deps.ts";

/** Claims, creates the ticket with all it should have, and saves. The caller has made sure that there is none. */
export async function createTicket(
  pass: SyncPass,
  create: NonNullable<TicketConnector["create"]>,
  wanted: WantedTicket,
  notes: readonly Note[],
  stage: Stage,
): Promise<SyncOutcome> {
  const changes = { values: wanted.fields.values, tags: { add: wanted.fields.tags, remove: [] } };
  const plan: WritePlan = { changes, notes, attachments: missingAttachments(pass.link, wanted) };
  await claim(pass, "create", plan, stage);
  const ticket = await written(pass, () => create(wanted.fields, pass.signal));
  pass.link = afterWrite(pass.link, ticket, changes, wanted, stage);
  return finishWrite(pass, wanted, plan, Object.keys(wanted.fields.values), "created", ticket.refused);
}

/** Claims, writes what differs, and saves; with nothing to write, only says that the ticket shows this snapshot. */
export async function updateTicket(
  pass: SyncPass,
  wanted: WantedTicket,
  plan: WritePlan,
  stage: Stage,
  isAdopted: boolean,
): Promise<SyncOutcome> {
  const ref = pass.link.ticket;
  if (ref === undefined) throw new Error("a ticket is updated before it is known");
  const { connector } = pass.deps;
  const isWriting = hasChanges(plan.changes) || plan.notes.length > 0 || plan.attachments.length > 0;
  if (!isWriting) return saveUnchanged(pass, wanted, stage, isAdopted);
  await claim(pass, "update", plan, stage);
  let refused: Refused | undefined;
  if (hasChanges(plan.changes)) {
    const ticket = await written(pass, () => connector.update(ref, plan.changes, pass.signal));
    pass.link = afterWrite(pass.link, ticket, plan.changes, wanted, stage);
    ({ refused } = ticket);
  }
  const fields = [
    ...Object.keys(plan.changes.values),
    ...(plan.changes.tags.add.length + plan.changes.tags.remove.length > 0 ? ["tags"] : []),
  ];
  return finishWrite(pass, wanted, plan, fields, isAdopted ? "adopted" : "updated", refused);
}

/** What a write that was cut short was refused before is claimed no longer. */
async function written(pass: SyncPass, write: () => Promise<Ticket>): Promise<Ticket> {
  try {
    return await write();
  } catch (error) {
    const { intent } = pass.link;
    if (error instanceof RetryableError && error.refusedFields.length > 0 && intent !== undefined) {
      const values = Object.entries(intent.values).filter(([name]) => !error.refusedFields.includes(name));
      pass.link = { ...pass.link, intent: { ...intent, values: Object.fromEntries(values) } };
    }
    throw error;
  }
}

/** What was refused is not written; and where the stage's own fields were, the ticket does not show the stage yet. */
function afterWrite(link: Link, ticket: Ticket, changes: TicketChanges, wanted: WantedTicket, stage: Stage): Link {
  const refused = ticket.refused?.fields ?? [];
  const values = Object.entries(changes.values).filter(([name]) => !refused.includes(name));
  const written = withWritten(withSeen(link, ticket), { ...changes, values: Object.fromEntries(values) });
  return refused.some((name) => wanted.statusFields.includes(name)) ? written : withStage(written, stage);
}

async function finishWrite(
  pass: SyncPass,
  wanted: WantedTicket,
  { notes, attachments }: Pick<WritePlan, "notes" | "attachments">,
  fields: readonly string[],
  outcome: SyncOutcome,
  refused: Refused | undefined,
): Promise<SyncOutcome> {
  const { connector, clock } = pass.deps;
  const ref = pass.link.ticket;
  // The fields are on the ticket; from here only notes and files can be in doubt.
  if (notes.length + attachments.length > 0 && pass.link.intent !== undefined) {
    pass.link = { ...pass.link, intent: { ...pass.link.intent, values: {}, addTags: [], removeTags: [] } };
  }
  if (notes.length > 0 && ref !== undefined) {
    const marked = notes.map((note) => (pass.doubtful.has(note.id) ? { ...note, mayBeRepeated: true } : note));
    await connector.appendNotes(ref, marked, pass.signal);
    pass.link = { ...pass.link, notes: [...new Set([...pass.link.notes, ...notes.map((note) => note.id)])] };
  }
  for (const file of attachments) {
    if (ref === undefined) break;
    await connector.attach?.(ref, file, pass.signal);
    pass.link = { ...pass.link, attached: [...(pass.link.attached ?? []), file.name] };
  }
  if (refused !== undefined) throw refused.error;
  const change = firstUnwritten(pass);
  const link: Link = {
    ...shown(pass, wanted),
    ...(change === undefined
      ? {}
      : { lag: { changedAt: change.changedAt, seenAt: change.seenAt, writtenAt: clock.now() } }),
  };
  await saveLink(pass, link, { outcome, fields, notes: notes.length });
  return outcome;
}

/** The oldest change of the incident that the ticket did not show before; undefined where only parts of it, or our mapping, changed. */
export function firstUnwritten({ link, snapshot }: Pick<SyncPass, "link" | "snapshot">): SourceChange | undefined {
  return snapshot.changes.find((change) => change.seq > link.appliedSeq);
}

async function saveUnchanged(
  pass: SyncPass,
  wanted: WantedTicket,
  stage: Stage,
  isAdopted: boolean,
): Promise<SyncOutcome> {
  const { connector } = pass.deps;
  const mustLook = Object.keys(wanted.expected).length > 0 && pass.link.ticket !== undefined && !isAdopted;
  const ticket = mustLook && pass.link.ticket ? await connector.read(pass.link.ticket, pass.signal) : undefined;
  if (ticket !== undefined) pass.link = withSeen(pass.link, ticket);
  const link = shown({ ...pass, link: withStage(pass.link, stage) }, wanted);
  if (isAdopted) await saveLink(pass, link, { outcome: "adopted", fields: [], notes: 0 });
  else await putLink(pass, link);
  return isAdopted ? "adopted" : "unchanged";
}

/** The link of a ticket that shows this pass's snapshot. */
function shown(pass: SyncPass, wanted: WantedTicket): Link {
  const drift = driftOf(pass.link, wanted);
  return {
    ...withoutTrouble(withoutIntent(pass.link)),
    appliedSeq: pass.snapshot.seq,
    mappingVersion: pass.deps.connector.mappingVersion,
    isAbsent: false,
    drift,
    driftSince: drift.length === 0 ? 0 : pass.link.driftSince || pass.deps.clock.now(),
  };
}

async function claim(pass: SyncPass, kind: Intent["kind"], plan: WritePlan, stage: Stage): Promise<void> {
  const intent: Intent = {
    invocation: pass.deps.random.uuid(),
    kind,
    seq: pass.snapshot.seq,
    stage,
    values: plan.changes.values,
    addTags: plan.changes.tags.add,
    removeTags: plan.changes.tags.remove,
    notes: plan.notes.map((note) => note.id),
    until: pass.deadlineAt + pass.deps.marginMs,
  };
  await putLink(pass, { ...pass.link, intent });
  pass.hasClaimed = true;
}
