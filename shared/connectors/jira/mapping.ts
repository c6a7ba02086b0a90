import { assertNever } from "../../assert-never.ts";
import type { Projection } from "../../incident/projection.ts";
import type { MappingContext, Ticket, WantedTicket } from "../connector.ts";
import { cutText, portalLink, visibleLine } from "../neutralise.ts";
import { adfText } from "../neutralise-jira.ts";
import { RICH_TEXT_MAX, type RichText } from "./blocks.ts";
import { linkValue } from "./bodies.ts";
import { propertyKey } from "./choose-issue.ts";
import { descriptionBlocks } from "./description-blocks.ts";
import { keyLabel, toLabel } from "./label.ts";
import type { FullMapping } from "./mapping-options.ts";
import type { WireIssue } from "./schema.ts";
import { statusValue } from "./status.ts";

/** Longest summary Jira takes, characters. */
const SUMMARY_MAX = 255;
/** How long each text of others may be: the first with which the whole fits. */
const TEXT_BUDGETS = [8_000, 4_000, 2_000, 1_000, 400, 100];

/**
 * Beside Jira's own fields there are `key`, which an issue property holds; `link`, the remote link to the portal; and `duplicateOf`, the
 * issue that the incident was merged into. `resolution` goes with a transition.
 */
export interface JiraMappingOptions {
  readonly mapping: FullMapping;
  readonly richText: RichText;
  readonly portalHosts: readonly string[];
}

export function toWanted(projection: Projection, context: MappingContext, options: JiraMappingOptions): WantedTicket {
  const { mapping } = options;
  const status = toStatus(projection, mapping);
  const priority = mapping.priorities[projection.severity];
  const link = portalLink(projection.url, options.portalHosts);
  const { survivor } = context;
  const isMerged = projection.lifecycle.stage === "redirected" && survivor !== undefined;
  return {
    fields: {
      values: {
        key: projection.key,
        summary: toSummary(projection),
        description: toDescription(projection, context, options),
        ...(priority === "" ? {} : { priority }),
        ...status,
        ...(link === undefined ? {} : { link: linkValue(projection.key, link) }),
        ...(isMerged && mapping.duplicateLink !== "" ? { duplicateOf: survivor.label } : {}),
      },
      tags: [...new Set([keyLabel(projection.key), ...projection.tags.map(toLabel), ...mapping.labels])],
    },
    statusFields: Object.keys(status),
    ownFields: ["key"],
    expected: {},
  };
}

/** The status and what goes with it; nothing for a status of tomorrow, and where the mapping leaves a stage alone. */
function toStatus(projection: Projection, mapping: FullMapping): Readonly<Record<string, string>> {
  const { lifecycle } = projection;
  const { statuses } = mapping;
  switch (lifecycle.stage) {
    case "active":
      // An issue that was resolved goes back to work, not back to its beginning.
      return written({ status: statuses[projection.isReopened ? "inProgress" : "active"] });
    case "inProgress":
      return written({ status: statuses.inProgress });
    case "awaitingCustomerAction":
      return written({ status: statuses.awaitingCustomerAction });
    case "resolved":
      return written({ status: statuses.resolved, resolution: mapping.resolutions[projection.classification] });
    case "redirected":
      return written({ status: statuses.redirected, resolution: mapping.duplicateResolution });
    case "unrecognised":
      return {};
    default:
      return assertNever(lifecycle);
  }
}

function written(values: { readonly status: string; readonly resolution?: string }): Readonly<Record<string, string>> {
  const { status, resolution = "" } = values;
  if (status === "") return {};
  return { status, ...(resolution === "" ? {} : { resolution }) };
}

function toSummary(projection: Projection): string {
  const title = cutText(adfText(visibleLine(projection.title, SUMMARY_MAX)), SUMMARY_MAX);
  return title === "" ? `Microsoft Defender XDR incident ${projection.incidentId}` : title;
}

function toDescription(projection: Projection, context: MappingContext, options: JiraMappingOptions): string {
  const rendered = (textMax: number): string =>
    options.richText.render(descriptionBlocks(projection, context, options.portalHosts, textMax));
  for (const textMax of TEXT_BUDGETS) {
    const whole = rendered(textMax);
    if (whole.length <= RICH_TEXT_MAX) return whole;
  }
  return rendered(0);
}

/** What is not read back (`link`, `resolution`, `duplicateOf`) is missing: it is never compared. */
export function toTicket(issue: WireIssue, siteUrl: string, options: JiraMappingOptions): Ticket {
  const { fields } = issue;
  const wantedIds = new Set(Object.values(options.mapping.priorities));
  const { id = "", name = "" } = fields.priority ?? {};
  // Where the answer has no properties at all, this one could not be read.
  const key = issue.properties === undefined ? {} : { key: propertyKey(issue) ?? "" };
  return {
    ref: { id: issue.id, label: issue.key, url: `${siteUrl}/browse/${encodeURIComponent(issue.key)}` },
    values: {
      ...key,
      summary: fields.summary ?? "",
      description: options.richText.fromWire(fields.description),
      priority: wantedIds.has(id) ? id : name,
      status: statusValue(fields.status, options.mapping.statuses),
    },
    tags: fields.labels ?? [],
  };
}
