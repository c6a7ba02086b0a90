import { assertNever } from "../../assert-never.ts";
import type { Projection } from "../../incident/projection.ts";
import type { MappingContext, Ticket, WantedTicket } from "../connector.ts";
import { cutText, portalLink, visibleLine } from "../neutralise.ts";
import { adfText } from "../neutralise-jira.ts";
import { notificationNotes } from "../notification-note.ts";
import { taskValues } from "../task-values.ts";
import { RICH_TEXT_MAX, type RichText } from "./blocks.ts";
import { linkValue } from "./bodies.ts";
import { propertyKey } from "./choose-issue.ts";
import { type DescriptionBudget, descriptionBlocks, showsWholeNotification } from "./description-blocks.ts";
import { keyLabel, toLabel } from "./label.ts";
import { type FullMapping, SUBTASK_PREFIX } from "./mapping-options.ts";
import type { WireIssue } from "./schema.ts";
import { spelled, statusValue } from "./status.ts";

/** Longest summary Jira takes, characters. */
const SUMMARY_MAX = 255;
/** The first with which the whole fits; the last fits whatever there is. */
const BUDGETS: readonly DescriptionBudget[] = [
  ...[8_000, 4_000, 2_000, 1_000, 400, 100].map((textMax) => ({ textMax, rowsMax: 10 })),
  { textMax: 100, rowsMax: 5 },
  { textMax: 0, rowsMax: 3 },
];

/**
 * Beside Jira's own fields there are `key`, which an issue property holds; `link`, the remote link to the portal; and `duplicateOf`, the
 * issue that the incident was merged into; `subtask:<task>`, where sub-tasks are asked for. `resolution` goes with a transition.
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
  const description = toDescription(projection, context, options);
  const { survivor } = context;
  const isMerged = projection.lifecycle.stage === "redirected" && survivor !== undefined;
  return {
    fields: {
      values: {
        key: projection.key,
        summary: toSummary(projection),
        description: description.text,
        ...(priority === "" ? {} : { priority }),
        ...status,
        ...(link === undefined ? {} : { link: linkValue(projection.key, link) }),
        ...(mapping.subtaskType === "" ? {} : taskValues(projection, SUBTASK_PREFIX)),
        ...(isMerged && mapping.duplicateLink !== "" ? { duplicateOf: survivor.label } : {}),
      },
      tags: [...new Set([keyLabel(projection.key), ...projection.tags.map(toLabel), ...mapping.labels])],
    },
    statusFields: Object.keys(status),
    ownFields: ["key"],
    expected: {},
    notes: description.hasWholeNotification ? [] : notificationNotes(projection),
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

interface Description {
  readonly text: string;
  /** False where a Defender Experts Notification did not fit whole: then a note has it. */
  readonly hasWholeNotification: boolean;
}

function toDescription(projection: Projection, context: MappingContext, options: JiraMappingOptions): Description {
  let fitting: Description = { text: "", hasWholeNotification: false };
  for (const budget of BUDGETS) {
    fitting = {
      text: options.richText.render(descriptionBlocks(projection, context, options.portalHosts, budget)),
      hasWholeNotification: showsWholeNotification(projection, budget.textMax),
    };
    if (fitting.text.length <= RICH_TEXT_MAX) break;
  }
  return fitting;
}

/**
 * What is not read back (`link`, `duplicateOf`, sub-tasks) is missing: it is never compared. A resolution is, where the issue has one: it is
 * written with a transition only, so that one which is wanted later shows as drift.
 */
export function toTicket(issue: WireIssue, siteUrl: string, options: JiraMappingOptions): Ticket {
  const { fields } = issue;
  const { priorities, resolutions, duplicateResolution } = options.mapping;
  const wantedIds = new Set(Object.values(priorities));
  const { id = "", name = "" } = fields.priority ?? {};
  const { name: resolution = "" } = fields.resolution ?? {};
  // Where the answer has no properties at all, this one could not be read.
  const key = issue.properties === undefined ? {} : { key: propertyKey(issue) ?? "" };
  return {
    ref: { id: issue.id, label: issue.key, url: `${siteUrl}/browse/${encodeURIComponent(issue.key)}` },
    values: {
      ...key,
      summary: fields.summary ?? "",
      description: options.richText.fromWire(fields.description),
      priority: wantedIds.has(id) ? id : spelled(name, Object.values(priorities)),
      status: statusValue(fields.status, options.mapping.statuses),
      ...(resolution === ""
        ? {}
        : { resolution: spelled(resolution, [...Object.values(resolutions), duplicateResolution]) }),
    },
    tags: fields.labels ?? [],
  };
}
