import { PermanentError, RetryableError } from "../errors.ts";
import type { CorrelationKey } from "../incident/correlation-key.ts";
import type { LifecycleEvent } from "../incident/lifecycle-event.ts";
import type { Stage } from "../incident/lifecycle.ts";
import type { Projection } from "../incident/projection.ts";
import type { NotificationSection } from "./notification-sections.ts";

/** The name a user gave this connector in the configuration: one lane, one link per incident. */
export type ConnectorId = string & { readonly __connectorId: never };

/**
 * A tool whose tickets can be read back. Claims, links, stale and unchanged are the pipeline's; a connector only does what it is told, once.
 * Every call throws `RetryableError` or `PermanentError` (see `errors.ts`), and ends when the signal is aborted.
 */
export interface TicketConnector {
  readonly id: ConnectorId;
  readonly kind: string;
  /** Another one when the same projection gives other fields, by the code or by the configuration: then tickets are compared again. */
  readonly mappingVersion: number;
  /** How long a created ticket may stay invisible to `find`, milliseconds. */
  readonly settleMs: number;
  /** An incident's ticket has a name made of the incident, so there can be no second one: reopened, it goes on in this one however long it was closed. */
  readonly hasOneTicket?: true;
  /** Who wins where: every field that `wanted` may name, and those of others that people ask about. */
  readonly fields: readonly FieldRule[];
  /** Where a write is several calls: how far one that was cut short has come. */
  readonly steps?: {
    /** Fields of the call that makes a ticket. All others are written once it is made. */
    readonly withCreate: readonly string[];
    /** Of those others, in the order in which they are written: a long value of one that is there proves all before it. */
    readonly afterCreate: readonly string[];
    /** Fields of an update's last call: one of them that was not there before proves the whole, and nothing else does. */
    readonly last: readonly string[];
  };
  /** The fields this tool's ticket should have. Pure. */
  wanted(projection: Projection, context: MappingContext): WantedTicket;
  /** `except`: ids of tickets that others continue; where the tool's own connector makes the tickets there are none. */
  find(key: CorrelationKey, signal: AbortSignal, except?: ReadonlySet<string>): Promise<Ticket | undefined>;
  read(ref: TicketRef, signal: AbortSignal): Promise<Ticket | undefined>;
  /** Where the tool's rules make the ticket of our events (QRadar): each transition is told, at least once, before its ticket is looked for. */
  tell?(event: LifecycleEvent, signal: AbortSignal): Promise<void>;
  /** Ends what it keeps open, for this process ends. Answers the incidents whose events were told and may not have arrived: they are owed again. */
  close?(): Promise<readonly CorrelationKey[]>;
  /** Absent where the tool's own connector or rules make the ticket (Sentinel, QRadar): then it is adopted. */
  create?(fields: TicketFields, signal: AbortSignal): Promise<Ticket>;
  /** Only the fields named are written; tags as `{ add, remove }`. Answers the ticket as it is afterwards. */
  update(ref: TicketRef, changes: TicketChanges, signal: AbortSignal): Promise<Ticket>;
  /** Appends all of them, in order; in as few writes as the tool allows. A failure after the first write is one of `afterSomeNotes`. */
  appendNotes(ref: TicketRef, notes: readonly Note[], signal: AbortSignal): Promise<void>;
  /** Ids of our notes that the ticket already holds; undefined where this tool (or our rights in it) cannot tell. */
  readNotes?(ref: TicketRef, signal: AbortSignal): Promise<ReadonlySet<string> | undefined>;
  /** Puts a file on the ticket, unless one of that name is there already. */
  attach?(ref: TicketRef, file: Attachment, signal: AbortSignal): Promise<void>;
  /** Compares the configuration with what the tool has: states, close codes, transitions, required fields, rights. Reads only; empty where all fits. */
  check?(signal: AbortSignal, depth?: CheckDepth): Promise<readonly CheckFinding[]>;
  /** Makes in the tool what this connector needs there, each thing once; an operator asks for it. Throws where the tool cannot be spoken to at all. */
  setUp?(signal: AbortSignal): Promise<SetupReport>;
}

export interface CheckDepth {
  /** Also what costs many requests: for a person who asks, not before a ticket. */
  readonly thorough?: boolean;
}

export interface SetupReport {
  readonly done: readonly SetupStep[];
  /** What only a person can do in the tool, in its order. */
  readonly toDo: readonly string[];
}

export interface SetupStep {
  readonly what: string;
  readonly outcome: "made" | "was there" | "failed";
  /** Why it failed. */
  readonly detail?: string;
}

/** Something the configuration says that the tool does not have, or the tool demands and the configuration does not give. */
export interface CheckFinding {
  /** An error keeps tickets from being written, or from reaching whom they are for; a warning makes them other than meant. */
  readonly severity: "error" | "warning";
  /** Where in the connector's section: `mapping.closeCodes.truePositive`. */
  readonly place: string;
  readonly problem: string;
  /** What to change, and where: in the configuration or in the tool. */
  readonly mend: string;
}

/** Who wins a field of a ticket. */
export type FieldOwner =
  /** Ours outright: written back whenever the ticket is seen to differ. */
  | "ours"
  /** Ours on entering a stage; what a person sets afterwards stays until the next stage. */
  | "onStage"
  /** The last written wins: we write when Defender's value changes, and a person's later value stays until it does. */
  | "lastWritten"
  /** Added once, never changed or taken away. */
  | "added"
  /** A person's (or the tool's own): never written. */
  | "person"
  /** Compared at most, never written, whatever it holds. */
  | "never";

export interface FieldRule {
  /** The tool's own name; `tags` for labels. */
  readonly field: string;
  readonly wins: FieldOwner;
  /** What it is filled from, or why it is not. */
  readonly from: string;
  /** Where in the connector's section its values are set; `{stage}`, `{severity}` and `{classification}` stand for the incident's. */
  readonly place?: string;
  /** Where it is set for these stages instead. */
  readonly placeIn?: Partial<Record<Stage, string>>;
  /** Stages in which the mapping must give it a value. */
  readonly needed?: readonly Stage[];
}

/** Facts of other tickets that a mapping may need. */
export interface MappingContext {
  /** The ticket of the incident this one was merged into, when it is known. */
  readonly survivor: TicketRef | undefined;
  /** The ticket that this one continues: it was closed, for good or for long, when the incident was reopened. */
  readonly continued?: TicketRef | undefined;
}

export interface WantedTicket {
  readonly fields: TicketFields;
  /** Written again on entering a stage, whatever was last written: the tool's status and what goes with it. */
  readonly statusFields: readonly string[];
  /** Ours outright: written back whenever the ticket is seen to differ. */
  readonly ownFields: readonly string[];
  /** What the tool's own connector or rules should have written: only compared, never written. A name missing here is not compared. */
  readonly expected: Readonly<Record<string, string>>;
  /** Files that the ticket should have, each once: known by its name, never replaced. */
  readonly attachments?: readonly Attachment[];
  /** Remarks beside the incident's comments: what the fields cannot hold. */
  readonly notes?: readonly WantedNote[];
}

export interface Attachment {
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
}

/** A note that is known by what it is made of: the same is added once, whatever it is rendered to. */
export interface WantedNote extends Pick<Note, "author" | "createdAt" | "text" | "sections"> {
  readonly madeOf: readonly string[];
}

/** A tool's own field names. Tags are a set of which only ours are listed. */
export interface TicketFields {
  readonly values: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
}

export interface TicketChanges {
  readonly values: Readonly<Record<string, string>>;
  readonly tags: { readonly add: readonly string[]; readonly remove: readonly string[] };
}

export interface Ticket {
  readonly ref: TicketRef;
  /** The fields this connector writes, as they are now. A field missing here could not be read. */
  readonly values: Readonly<Record<string, string>>;
  /** All tags, other people's too. */
  readonly tags: readonly string[];
  /** True where the tool no longer takes changes of this record (ServiceNow: Closed). */
  readonly isFinal?: boolean;
  /** True where the tool says that there are no remarks on it at all: then none are looked for. */
  readonly hasNoNotes?: boolean;
  /** Labels of other records that a look-up found under the same key: somebody should merge them. */
  readonly duplicates?: readonly string[];
  /** What a create or an update could not write, while all else was written: notes still follow, then the work is parked with this. */
  readonly refused?: Refused;
}

export interface Refused {
  /** They do not count as written, so that the next attempt tries them again. */
  readonly fields: readonly string[];
  readonly error: PermanentError;
}

export interface TicketRef {
  /** The tool's own id (a ServiceNow `sys_id`, a Sentinel incident name). */
  readonly id: string;
  /** What people call it: `INC0010042`. */
  readonly label: string;
  /** For people to open. */
  readonly url: string;
}

/** A remark that is added once and never changed. */
export interface Note {
  /** Stable for the same remark, whoever makes it and however often: what "once" is checked by. `[A-Za-z0-9]{16}`. */
  readonly id: string;
  readonly author: string;
  /** ISO 8601, as the source wrote it. */
  readonly createdAt: string;
  /** Raw: the connector neutralises it. */
  readonly text: string;
  /** The same in sections, where it has some: then these are shown. */
  readonly sections?: readonly NotificationSection[] | undefined;
  /** True where it could not be seen whether an earlier attempt arrived. */
  readonly mayBeRepeated?: boolean;
}

/**
 * The failure of a call that some notes of which were accepted already, to be thrown: it may have happened, so that what is there is read
 * before anything is posted again. A refusal too: the next attempt meets it first, and ends with it. But where notes are posted again
 * because they cannot be read (`mayBeRepeated`), a refusal ends the work at once, or the notes before it would be added with each attempt.
 */
export function afterSomeNotes(error: unknown, notes: readonly Note[]): unknown {
  if (error instanceof RetryableError) {
    const { reason, message, retryAfterMs, mend, refusedFields, isOfWrites } = error;
    return new RetryableError(reason, message, {
      retryAfterMs,
      mayHaveHappened: true,
      mend,
      refusedFields,
      isOfWrites,
      cause: error,
    });
  }
  const canBeRead = notes.every((note) => note.mayBeRepeated !== true);
  if (!(error instanceof PermanentError) || !canBeRead) return error;
  return new RetryableError("refused", error.message, { mayHaveHappened: true, mend: error.mend, cause: error });
}
