import type { TicketChanges, TicketFields } from "../connector.ts";
import type { RichText } from "./blocks.ts";
import { PROPERTY } from "./label.ts";
import type { FullMapping } from "./mapping-options.ts";

/** What is sent for an issue, as REST 3 and REST 2 both take it. */
export interface BodyOptions {
  readonly project: string;
  readonly issueType: string;
  readonly mapping: FullMapping;
  readonly richText: RichText;
}

/** Correlation and labels are in the same call: no issue of ours is ever without them. */
export function toCreate(
  { values, tags }: TicketFields,
  options: BodyOptions,
  requestType: Readonly<Record<string, unknown>> = {},
): unknown {
  return {
    fields: {
      ...options.mapping.fields,
      ...requestType,
      ...toFields(values, options),
      project: { key: options.project },
      issuetype: NUMBER.test(options.issueType) ? { id: options.issueType } : { name: options.issueType },
      labels: tags,
    },
    properties: [{ key: PROPERTY, value: toProperty(values["key"] ?? "") }],
  };
}

/** Labels one by one, so that nobody else's is touched; undefined where nothing of this call is to be written. */
export function toEdit({ values, tags }: TicketChanges, options: BodyOptions): unknown {
  const fields = toFields(values, options);
  const labels = [...tags.add.map((add) => ({ add })), ...tags.remove.map((remove) => ({ remove }))];
  if (Object.keys(fields).length === 0 && labels.length === 0) return undefined;
  return {
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    ...(labels.length === 0 ? {} : { update: { labels } }),
  };
}

const NUMBER = /^\d+$/;

function toFields(values: TicketFields["values"], { richText }: BodyOptions): Readonly<Record<string, unknown>> {
  const { summary, description, priority } = values;
  return {
    ...(summary === undefined ? {} : { summary }),
    ...(description === undefined ? {} : { description: richText.toWire(description) }),
    ...(priority === undefined ? {} : { priority: NUMBER.test(priority) ? { id: priority } : { name: priority } }),
  };
}

export function toProperty(key: string): { readonly key: string } {
  return { key };
}

/** The correlation key and the portal's address in one value; see `toRemoteLink`. */
export function linkValue(key: string, url: string): string {
  return `${key} ${url}`;
}

/** Written over the one of the same `globalId`. What is left out becomes empty, so all of it is sent. */
export function toRemoteLink(value: string): unknown {
  const [globalId = "", url = ""] = value.split(" ");
  return {
    globalId,
    application: { type: "com.microsoft.defender.xdr", name: "Microsoft Defender XDR" },
    relationship: "Defender incident",
    object: { url, title: `Microsoft Defender XDR incident ${globalId.slice(globalId.lastIndexOf(":") + 1)}` },
  };
}

/** Read as "inward duplicates outward". */
export function toIssueLink(loser: string, survivor: string, type: string): unknown {
  return { type: { name: type }, inwardIssue: { key: loser }, outwardIssue: { key: survivor } };
}

/** In a service project a comment is shown to the portal's customers unless this property says otherwise; elsewhere it means nothing. */
export function toInternalComment(comment: string, richText: RichText): unknown {
  return {
    body: richText.toWire(comment),
    properties: [{ key: "sd.public.comment", value: { internal: true } }],
  };
}
