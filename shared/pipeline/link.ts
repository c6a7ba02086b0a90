import type { Ticket, TicketRef } from "../connectors/connector.ts";
import { PermanentError } from "../errors.ts";
import type { IncidentId } from "../incident/incident.ts";
import type { EventTransition } from "../incident/lifecycle-event.ts";
import type { Stage } from "../incident/lifecycle.ts";

/** What ties an incident to one connector's ticket, and what is known of that ticket. One row per connector beside the snapshot. */
export interface Link {
  readonly v: 1;
  /** Undefined until there is a ticket. */
  readonly ticket?: TicketRef;
  /** Earlier tickets of this incident, oldest first: each was closed, for good or for long, when the incident was reopened. */
  readonly continued?: readonly TicketRef[];
  /** The ticket was deleted in the tool, and nothing is written until an operator replays the work. */
  readonly detached?: { readonly ticket: TicketRef; readonly at: number };
  /** A deleted ticket that an operator wants: it counts as there, whatever the route says by now, until it is found or made anew. */
  readonly sought?: { readonly ticket: TicketRef; readonly at: number };
  /** A deleted ticket that was made anew, which is done once. */
  readonly recreated?: { readonly ticket: TicketRef; readonly at: number };
  /** The newest snapshot that the ticket shows; 0 before the first. */
  readonly appliedSeq: number;
  readonly mappingVersion: number;
  /** The stage that the ticket shows. */
  readonly stage?: Stage;
  /** The one before, while the ticket shows a stage that this version does not know: it left the ticket's state alone. */
  readonly knownStage?: Stage;
  /** Last written, per field, and our tags on the ticket. */
  readonly written: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** Last seen, per field: what the tool answered. */
  readonly seen: Readonly<Record<string, string>>;
  readonly seenTags: readonly string[];
  /** Fields that a person (or the tool's own connector) has otherwise than we wrote or expect. Shown and counted, left alone. */
  readonly drift: readonly string[];
  readonly driftSince: number;
  /** Ids of the notes the ticket has from us. */
  readonly notes: readonly string[];
  /** Of those claimed, notes of which it could not be seen whether they arrived. */
  readonly doubtful?: readonly string[];
  /** Names of the files the ticket has from us; absent where there are none. */
  readonly attached?: readonly string[];
  /** The last of those merged into this incident that was told of its ticket. */
  readonly toldTo?: IncidentId;
  /** A write under way, or one that was cut short and must be verified before anything else. */
  readonly intent?: Intent;
  /** A copy that is scheduled; what comes meanwhile folds into it. */
  readonly pending?: Pending;
  /** With a route: an event was about to be sent. Whoever may have taken it, though no answer came, is told of the incident to its end. */
  readonly mayBeTold?: true;
  /** Up to this snapshot the connector's route did not want the incident, and there was no ticket. */
  readonly unroutedSeq?: number;
  /** There is no ticket to adopt: looked for again at the next delta. */
  readonly isAbsent: boolean;
  readonly lastError?: {
    readonly reason: string;
    readonly message: string;
    readonly mend?: string;
    readonly at: number;
    readonly since: number;
  };
  readonly isParked: boolean;
  /** Of a tool that takes events: the last one it took. Then `written` has a digest of each part that it was told of, and `notes` the comments. */
  readonly sent?: SentEvent;
  /** Beside the ticket: what a tool whose rules make it was told last, and when. */
  readonly told?: {
    readonly event: SentEvent;
    readonly parts: Readonly<Record<string, string>>;
    readonly comments: readonly string[];
    readonly at: number;
    /** A rebuild wants the last event sent once more, whichever message does it in the end. */
    readonly isAskedAgain?: true;
  };
  /** Parked work that somebody dropped: up to this seq nothing is owed to the ticket. */
  readonly dropped?: { readonly seq: number; readonly at: number; readonly reason: string };
  readonly createdAt: number;
  /** The last pass that wrote: when the source changed, when it was seen here, when the ticket had it. Milliseconds since 1970. */
  readonly lag?: { readonly changedAt: number; readonly seenAt: number; readonly writtenAt: number };
}

/** Every ticket write is claimed here first, under the link's ETag. */
export interface Intent {
  readonly invocation: string;
  readonly kind: "create" | "update";
  readonly seq: number;
  readonly stage: Stage;
  readonly values: Readonly<Record<string, string>>;
  readonly addTags: readonly string[];
  readonly removeTags: readonly string[];
  readonly notes: readonly string[];
  /** Until then another worker may still be writing: its deadline and the margin for clocks. */
  readonly until: number;
}

/** An event as it was sent: what makes it the same again, beside what the incident is. */
export interface SentEvent extends EventTransition {
  readonly seq: number;
  readonly at: number;
  readonly stage: Stage;
  /** When the stay in that stage began: it tells two stays apart. */
  readonly since: number;
  /** Ids of the comments in it. */
  readonly comments: readonly string[];
}

export interface Pending {
  readonly n: number;
  readonly dueAt: number;
  /** What the queue was told, where its clock runs ahead of ours; else it is `dueAt`. */
  readonly sentFor?: number;
  /** The newest snapshot that was folded in. */
  readonly seq: number;
}

/** No connector has it: the next pass compares every field. */
export const NO_MAPPING = 0;

/** A copy this long past its due time is taken to be lost. */
const LOST_COPY_MS = 2 * 60_000;

export function newLink(now: number): Link {
  return {
    v: 1,
    appliedSeq: 0,
    mappingVersion: 0,
    written: {},
    tags: [],
    seen: {},
    seenTags: [],
    drift: [],
    driftSince: 0,
    notes: [],
    isAbsent: false,
    isParked: false,
    createdAt: now,
  };
}

export function unpackLink(value: unknown): Link {
  const link = value as Link;
  if (typeof link !== "object" || link === null || link.v !== 1) {
    throw new PermanentError("malformed", "a link was written by another version of this product", {
      mend: "run the version that wrote it; deleting the row `link:…` makes the ticket be found anew by its correlation key, and every field of ours in it be written again",
    });
  }
  return link;
}

/** True where a copy is scheduled, and not so long past due that it is lost. */
export function isCopyDue({ pending }: Link, now: number): boolean {
  return pending !== undefined && now < pending.dueAt + LOST_COPY_MS;
}

/** The ticket as the tool just answered it. */
export function withSeen(link: Link, ticket: Ticket): Link {
  const { sought: _sought, ...rest } = link;
  return { ...rest, ticket: ticket.ref, seen: { ...link.seen, ...ticket.values }, seenTags: ticket.tags };
}

/** The link of a ticket that shows this stage. */
export function withStage(link: Link, stage: Stage): Link {
  const { knownStage: _before, ...rest } = link;
  const known = stage === "unrecognised" ? lastKnownStage(link) : undefined;
  return { ...rest, stage, ...(known === undefined ? {} : { knownStage: known }) };
}

/** Which stage the ticket's state is of, whatever came since that is not known. */
export function lastKnownStage({ stage, knownStage }: Link): Stage | undefined {
  return stage === "unrecognised" ? knownStage : stage;
}

export function withoutIntent(link: Link): Link {
  const { intent: _intent, ...rest } = link;
  return rest;
}

export function withoutPending(link: Link): Link {
  const { pending: _pending, ...rest } = link;
  return rest;
}

/** The link that is compared with its ticket anew, and whose last event is sent once more: no connector has this mapping. */
export function toBeRebuilt(link: Link): Link {
  const anew: Link = { ...link, mappingVersion: NO_MAPPING };
  return link.told === undefined ? anew : { ...anew, told: { ...link.told, isAskedAgain: true } };
}

/** That it was parked stays until the parked row is gone. */
export function withoutTrouble(link: Link): Link {
  const { pending: _pending, lastError: _lastError, doubtful: _doubtful, ...rest } = link;
  return rest;
}

/** A tool whose own connector makes tickets may make another one: it is looked for anew. */
export function withoutTicket(link: Link): Link {
  const {
    ticket: _ticket,
    intent: _intent,
    stage: _stage,
    knownStage: _known,
    lag: _lag,
    attached: _attached,
    ...rest
  } = link;
  return { ...rest, written: {}, tags: [], seen: {}, seenTags: [], notes: [], appliedSeq: 0 };
}
