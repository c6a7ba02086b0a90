import { PermanentError } from "../../errors.ts";
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
import { linkValue, toCreate, toInternalComment } from "./bodies.ts";
import { afterFirstWrite, createIssueChange, explained } from "./change-issue.ts";
import { checkJira } from "./check.ts";
import { chooseIssue } from "./choose-issue.ts";
import { type JiraFlavor, createJiraClient } from "./client.ts";
import { noteIdsIn, toComments } from "./comments.ts";
import { fieldRules } from "./field-rules.ts";
import { keyLabel } from "./label.ts";
import { toTicket, toWanted } from "./mapping.ts";
import { type JiraMapping, fullMapping } from "./mapping-options.ts";
import { createRequestTypeFields } from "./request-type.ts";
import type { WireIssue } from "./schema.ts";
import { WIKI } from "./wiki.ts";

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
  /** Given to each new issue of a service project: Cloud name or id, Data Center `portal/type`; "" gives none. */
  readonly requestType: string;
  readonly auth: JiraAuth;
  readonly mapping: JiraMapping;
  readonly http: Http;
  /** Hosts whose links stay links: the Defender portal's. */
  readonly portalHosts: readonly string[];
  /** Default 60 s. */
  readonly settleMs?: number;
}

const GIVEN_WITH_CREATE: readonly string[] = ["key", "summary", "description", "priority"];

/** Search lags behind writes; for how long is documented nowhere. */
const SETTLE_MS = 60_000;

/** Issues of one Jira project, and those of them that people moved to another one. */
export function createJiraConnector(options: JiraOptions): TicketConnector {
  const url = options.url.replace(/\/+$/, "");
  const mapping = fullMapping(options.mapping);
  const richText = options.flavor === "cloud" ? ADF : WIKI;
  const mapped = { ...options, mapping, richText };
  const client = createJiraClient({ ...options, url, authorization: authorizationOf(options.auth) });
  const changeIssue = createIssueChange({ client, body: mapped, url });
  const requestType = createRequestTypeFields(client, options);
  let isLeaking = false;

  return {
    id: options.id,
    kind: "jira",
    mappingVersion: 2,
    settleMs: options.settleMs ?? SETTLE_MS,
    steps: {
      withCreate: GIVEN_WITH_CREATE,
      afterCreate: ["status", "resolution", "link", "duplicateOf"],
      last: ["summary", "description", "priority"],
    },
    fields: fieldRules(mapping),
    wanted: (projection, context) => toWanted(projection, context, mapped),
    async find(key, signal, except) {
      const chosen = chooseIssue(await client.findByLabel(keyLabel(key), signal), key, options.project, except);
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
      const { id, key } = await client.create(toCreate(fields, mapped, await requestType(signal)), signal);
      const ref: TicketRef = { id, label: key, url };
      // Its fields are there already.
      const rest = Object.fromEntries(
        Object.entries(fields.values).filter(([name]) => !GIVEN_WITH_CREATE.includes(name)),
      );
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
    check: (signal, depth) => checkJira(client, { ...mapped, ...depth }, signal),
  };

  async function change(ref: TicketRef, changes: TicketChanges, signal: AbortSignal): Promise<Ticket> {
    const { issue, refused } = await changeIssue(ref, changes, signal);
    return { ...ticketOf(issue), ...(refused === undefined ? {} : { refused }) };
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

  function ticketOf(issue: WireIssue): Ticket {
    return toTicket(issue, url, mapped);
  }
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
