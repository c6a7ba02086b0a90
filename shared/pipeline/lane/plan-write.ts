import type { Attachment, Note, TicketChanges, WantedTicket } from "../../connectors/connector.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import type { Link } from "../link.ts";

/** What one pass has to do at the tool. */
export interface WritePlan {
  readonly changes: TicketChanges;
  readonly notes: readonly Note[];
  readonly attachments: readonly Attachment[];
}

/**
 * A field is written only where *wanted* differs from *last written*; entering a stage writes that stage's status fields whatever was
 * last written; fields ours outright are written back where the ticket was last seen to differ. Anything else a person changed stays.
 */
export function planWrite(link: Link, wanted: WantedTicket, stage: Stage, notes: readonly Note[]): WritePlan {
  const values = Object.entries(wanted.fields.values).filter(
    ([name]) => whyWritten(link, wanted, stage, name) !== undefined,
  );
  const ours = new Set(link.tags);
  const seen = new Set(link.seenTags);
  const posted = new Set(link.notes);
  return {
    changes: {
      values: Object.fromEntries(values),
      tags: {
        add: wanted.fields.tags.filter((tag) => !ours.has(tag) || (link.ticket !== undefined && !seen.has(tag))),
        remove: link.tags.filter((tag) => !wanted.fields.tags.includes(tag)),
      },
    },
    notes: notes.filter((note) => !posted.has(note.id)),
    attachments: missingAttachments(link, wanted),
  };
}

/** Why a field is written: it never was, the value wanted is another, the stage is entered, or it is ours outright and was changed. */
export type WriteReason = "first" | "changed" | "entering" | "ours";

/** Undefined where the field is left as it is. */
export function whyWritten(link: Link, wanted: WantedTicket, stage: Stage, name: string): WriteReason | undefined {
  const value = wanted.fields.values[name];
  if (value === undefined) return undefined;
  if (link.stage !== stage && wanted.statusFields.includes(name)) return "entering";
  const written = link.written[name];
  if (written === undefined) return "first";
  if (written !== value) return "changed";
  const seen = link.seen[name];
  return wanted.ownFields.includes(name) && seen !== undefined && seen !== value ? "ours" : undefined;
}

/** A file of a name is attached once; what it says is not looked at again. */
export function missingAttachments(link: Link, { attachments = [] }: WantedTicket): readonly Attachment[] {
  return attachments.filter(({ name }) => link.attached?.includes(name) !== true);
}

export function hasChanges(changes: TicketChanges): boolean {
  return Object.keys(changes.values).length > 0 || changes.tags.add.length > 0 || changes.tags.remove.length > 0;
}

/** The link once these changes are on the ticket. */
export function withWritten(link: Link, changes: TicketChanges): Link {
  const removed = new Set(changes.tags.remove);
  return {
    ...link,
    written: { ...link.written, ...changes.values },
    tags: [...new Set([...link.tags.filter((tag) => !removed.has(tag)), ...changes.tags.add])],
  };
}

/** Names of fields whose ticket value is neither what we last wrote nor what the tool's own connector should have written. */
export function driftOf(link: Link, wanted: WantedTicket): readonly string[] {
  const compared = { ...link.written, ...wanted.expected };
  return Object.entries(compared)
    .filter(([name, value]) => link.seen[name] !== undefined && link.seen[name] !== value)
    .map(([name]) => name)
    .toSorted();
}
