import { PermanentError, RetryableError } from "../../errors.ts";
import type { Http } from "../../http/request.ts";
import {
  type ConnectorId,
  type Ticket,
  type TicketChanges,
  type TicketConnector,
  type TicketRef,
  afterSomeNotes,
} from "../connector.ts";
import { ADF } from "./adf.ts";
import { linkValue, toCreate, toEdit, toInternalComment, toIssueLink, toProperty, toRemoteLink } from "./bodies.ts";
import { checkJira } from "./check.ts";
import { chooseIssue } from "./choose-issue.ts";
import { type JiraFlavor, createJiraClient } from "./client.ts";
import { noteIdsIn, toComments } from "./comments.ts";
import { keyLabel } from "./label.ts";
import { toTicket, toWanted } from "./mapping.ts";
import { type JiraMapping, fullMapping } from "./mapping-options.ts";
import type { WireIssue, WireTransition } from "./schema.ts";
import { WIKI } from "./wiki.ts";
import { createWorkflow } from "./workflow.ts";

export type JiraAuth =
  | { readonly kind: "basic"; readonly username: string; readonly token: string }
  | { readonly kind: "pat"; readonly token: string };

export interface JiraOptions {
  readonly id: ConnectorId;
  /** `https://contoso.atlassian.net`, or a Data Center's own address, its context path included. */
  readonly url: string;
  readonly flavor: JiraFlavor;
  /** Its key: `SEC`. */
  readonly project: string;
  /** Name or id. */
  readonly issueType: string;
  /** The project is one of Jira Service Management: that no comment is shown to customers is checked with every answer. */
  readonly serviceManagement: boolean;
  readonly auth: JiraAuth;
  readonly mapping: JiraMapping;
  readonly http: Http;
  /** Hosts whose links stay links: the Defender portal's. */
  readonly portalHosts: readonly string[];
  /** Default 60 s. */
  readonly settleMs?: number;
}

/** Search lags behind writes; for how long is documented nowhere. */
const SETTLE_MS = 60_000;

/** Not in the call that makes an issue, but after it, in this order. */
const AFTER_CREATE = ["status", "resolution", "link", "duplicateOf"];

/** Issues of one Jira project. */
export function createJiraConnector(options: JiraOptions): TicketConnector {
  const url = options.url.replace(/\/+$/, "");
  const mapping = fullMapping(options.mapping);
  const richText = options.flavor === "cloud" ? ADF : WIKI;
  const mapped = { ...options, mapping, richText };
  const client = createJiraClient({ ...options, url, authorization: authorizationOf(options.auth) });
  const workflow = createWorkflow(mapping);
  let isLeaking = false;

  return {
    id: options.id,
    kind: "jira",
    mappingVersion: 1,
    settleMs: options.settleMs ?? SETTLE_MS,
    steps: { afterCreate: AFTER_CREATE, last: ["summary", "description", "priority"] },
    wanted: (projection, context) => toWanted(projection, context, mapped),
    async find(key, signal, except) {
      const chosen = chooseIssue(await client.findByLabel(keyLabel(key), signal), key, except);
      if (chosen === undefined) return undefined;
      const { issue, duplicates } = chosen;
      const linked = await client.remoteLinkUrl(issue.id, key, signal);
      const ticket = ticketOf(issue);
      return {
        ...ticket,
        ...(linked === undefined ? {} : { values: { ...ticket.values, link: linkValue(key, linked) } }),
        ...(duplicates.length === 0 ? {} : { duplicates }),
      };
    },
    async read(ref, signal) {
      const issue = await client.get(ref.id, signal);
      return issue === undefined ? undefined : ticketOf(issue);
    },
    async create(fields, signal) {
      const { id, key } = await client.create(toCreate(fields, mapped), signal);
      const ref: TicketRef = { id, label: key, url };
      const rest = Object.fromEntries(Object.entries(fields.values).filter(([name]) => AFTER_CREATE.includes(name)));
      try {
        return await change(ref, { values: rest, tags: { add: [], remove: [] } }, signal);
      } catch (error) {
        throw afterFirstWrite(error);
      }
    },
    update: change,
    async appendNotes(ref, notes, signal) {
      for (const [index, comment] of toComments(notes, richText).entries()) {
        try {
          await addComment(ref, comment, signal);
        } catch (error) {
          throw index === 0 ? error : afterSomeNotes(error, notes);
        }
      }
    },
    async readNotes(ref, signal) {
      const bodies = await client.comments(ref.id, signal);
      return bodies === undefined ? undefined : noteIdsIn(bodies.map((body) => richText.fromWire(body)));
    },
    check: (signal) => checkJira(client, mapped, signal),
  };

  /** The fields last: they are what a write that was cut short is known by, so that all before them was done where they are there. */
  async function change(ref: TicketRef, changes: TicketChanges, signal: AbortSignal): Promise<Ticket> {
    const { status, resolution, link, duplicateOf, key } = changes.values;
    const edit = toEdit(changes, mapped);
    let writes = 0;
    const write = async (call: () => Promise<void>): Promise<void> => {
      await call();
      writes += 1;
    };
    try {
      if (status !== undefined) await move(ref, status, resolution, write, signal);
      if (link !== undefined) await write(() => client.putRemoteLink(ref.id, toRemoteLink(link), signal));
      if (duplicateOf !== undefined) await linkTo(ref, duplicateOf, write, signal);
      if (key !== undefined) await write(() => client.putProperty(ref.id, toProperty(key), signal));
      if (edit !== undefined) await write(() => client.edit(ref.id, edit, signal));
      return ticketOf(await present(ref, signal));
    } catch (error) {
      throw explained(writes === 0 ? error : afterFirstWrite(error), ref);
    }
  }

  type Write = (call: () => Promise<void>) => Promise<void>;

  async function move(
    ref: TicketRef,
    target: string,
    resolution: string | undefined,
    write: Write,
    signal: AbortSignal,
  ): Promise<void> {
    const { fields } = await present(ref, signal);
    let at = fields.status.id;
    await workflow.walk({
      label: ref.label,
      from: fields.status,
      target,
      resolution,
      present: async () => (await present(ref, signal)).fields.status,
      offered: () => client.transitions(ref.id, signal),
      async take(transition, screen) {
        await write(() => transit(ref, at, transition, screen, signal));
        at = transition.to.id;
      },
      mayTransition: () => client.mayTransition(ref.id, signal),
    });
  }

  /** A refusal is looked into: where somebody else moved the issue meanwhile, the way is looked for anew. */
  async function transit(
    ref: TicketRef,
    from: string,
    transition: WireTransition,
    screen: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<void> {
    const fields = Object.keys(screen).length === 0 ? {} : { fields: screen };
    try {
      await client.transition(ref.id, { transition: { id: transition.id }, ...fields }, signal);
    } catch (error) {
      if (!(error instanceof PermanentError) || error.reason !== "rejected") throw error;
      const { status } = (await present(ref, signal)).fields;
      if (status.id === from) throw error;
      throw new RetryableError("conflict", `${ref.label} was moved to "${status.name}" meanwhile`, { cause: error });
    }
  }

  async function linkTo(ref: TicketRef, survivor: string, write: Write, signal: AbortSignal): Promise<void> {
    const { fields } = await present(ref, signal);
    if (fields.issuelinks?.some(({ outwardIssue }) => outwardIssue?.key === survivor) === true) return;
    await write(() => client.linkIssues(toIssueLink(ref.label, survivor, mapping.duplicateLink), signal));
  }

  async function addComment(ref: TicketRef, comment: string, signal: AbortSignal): Promise<void> {
    if (isLeaking) throw madePublic(ref);
    let added: Awaited<ReturnType<typeof client.comment>>;
    try {
      added = await client.comment(ref.id, toInternalComment(comment, richText), signal);
    } catch (error) {
      throw explained(error, ref);
    }
    if (!options.serviceManagement || added.jsdPublic !== true) return;
    isLeaking = true;
    await client.deleteComment(ref.id, added.id, signal);
    throw madePublic(ref);
  }

  async function present(ref: TicketRef, signal: AbortSignal): Promise<WireIssue> {
    const issue = await client.get(ref.id, signal);
    if (issue !== undefined) return issue;
    throw new PermanentError("notFound", "it is not there");
  }

  /** The issue stays linked, for one that cannot be seen may be there: only a person can tell that a new one is wanted. */
  function explained(error: unknown, ref: TicketRef): unknown {
    if (!(error instanceof PermanentError) || error.reason !== "notFound") return error;
    return new PermanentError("notFound", `${ref.label} is not there any more (deleted, or hidden from this account)`, {
      mend: `restore it or its visibility in Jira; or, for a new issue, delete the row link:${options.id} of the incident in the table "incident" of dex-sync; then replay this work`,
      cause: error,
    });
  }

  function ticketOf(issue: WireIssue): Ticket {
    return toTicket(issue, url, mapped);
  }
}

/** What was written before is there: it is looked at before anything is written again. A refusal too: the next attempt meets it first. */
function afterFirstWrite(error: unknown): unknown {
  return afterSomeNotes(error, []);
}

function madePublic(ref: TicketRef): PermanentError {
  return new PermanentError(
    "misconfigured",
    `${ref.label}: Jira showed a comment to customers although it was marked as internal; it was deleted again, and no more are written`,
    {
      mend: "check in the service project that agents may add internal comments, and that the account is an agent; then start dex-sync again",
    },
  );
}

function authorizationOf(auth: JiraAuth): string {
  if (auth.kind === "pat") return `Bearer ${auth.token}`;
  return `Basic ${Buffer.from(`${auth.username}:${auth.token}`).toString("base64")}`;
}
