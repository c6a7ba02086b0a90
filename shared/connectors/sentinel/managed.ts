import type { AssigneeNames } from "../../incident/ball.ts";
import type { Projection } from "../../incident/projection.ts";
import type { Severity } from "../../incident/verdict.ts";
import type { MappingContext } from "../connector.ts";
import { BALL_TEXT, CLOSED_BY_TEXT, STAGE_TEXT } from "../description-words.ts";
import { commentText, plainLine } from "../neutralise-sentinel.ts";
import { cutText, portalLink, visibleLine } from "../neutralise.ts";
import { incidentNameOf } from "./names.ts";
import { STATUS, ownerName, toVerdict } from "./states.ts";

/** What mode `manage` writes: properties of the incident by their names; `owner` is the assignee's name. */
export const MANAGED = [
  "title",
  "description",
  "severity",
  "status",
  "owner",
  "classification",
  "classificationReason",
  "classificationComment",
] as const;
export type Managed = (typeof MANAGED)[number];

/** The tool's status and what goes with it. */
export const MANAGED_STATUS: readonly Managed[] = [
  "status",
  "classification",
  "classificationReason",
  "classificationComment",
];

const TITLE_MAX = 256;
/** Longest description Sentinel takes, characters. */
const DESCRIPTION_MAX = 5_000;
const COMMENT_MAX = 500;
const NAME_MAX = 100;

const SEVERITY = {
  high: "High",
  medium: "Medium",
  low: "Low",
  informational: "Informational",
  unknown: "Medium",
  unrecognised: "Medium",
} satisfies Record<Severity, string>;

/** All that Sentinel's own connector would write, for a workspace where it is off; and the name that the incident is made under. */
export function managedValues(
  projection: Projection,
  { survivor }: MappingContext,
  assignees: AssigneeNames,
  portalHosts: readonly string[],
): Readonly<Record<string, string>> {
  const { stage } = projection.lifecycle;
  const status = STATUS[stage];
  const title = plainLine(projection.title, TITLE_MAX);
  const isClosed = status === "Closed";
  const verdict = isClosed ? (toVerdict(projection) ?? UNDETERMINED) : NONE;
  const values: Partial<Record<Managed, string>> = {
    title: title === "" ? `Microsoft Defender XDR incident ${projection.incidentId}` : title,
    description: description(projection, portalHosts),
    severity: SEVERITY[projection.severity],
    owner: ownerName(projection.assignedTo, assignees) ?? plainLine(projection.assignedTo, NAME_MAX),
    ...(status === undefined ? {} : { status, ...verdict }),
    ...(status === undefined ? {} : { classificationComment: isClosed ? closing(projection, survivor?.label) : "" }),
  };
  return { name: incidentNameOf(projection.key), ...values };
}

const UNDETERMINED = { classification: "Undetermined", classificationReason: "" };
const NONE = { classification: "", classificationReason: "" };

/** It has no times, so that nothing but a change of the incident changes it. */
function description(projection: Projection, portalHosts: readonly string[]): string {
  const { lifecycle, alerts } = projection;
  const url = portalLink(projection.url, portalHosts);
  const lines = [
    `Microsoft Defender XDR incident ${projection.incidentId}${url === undefined ? "" : `: ${url}`}`,
    `Stage: ${STAGE_TEXT[lifecycle.stage]}`,
    `Whose turn: ${BALL_TEXT[projection.ball]}`,
    ...(alerts === undefined ? [] : [`Alerts: ${alerts.count}${alerts.isCut === true ? " or more" : ""}`]),
    ...[projection.summary, projection.description]
      .filter((text) => text !== "")
      .map((text) => `\n${commentText(text)}`),
  ];
  return cutText(lines.join("\n"), DESCRIPTION_MAX);
}

function closing(projection: Projection, survivor: string | undefined): string {
  if (projection.lifecycle.stage === "redirected")
    return survivor === undefined ? "Merged into another incident" : `Merged into incident ${survivor}`;
  const determination = plainLine(projection.determination, NAME_MAX);
  const by = CLOSED_BY_TEXT[projection.closedBy ?? "unknown"];
  const said = commentText(visibleLine(projection.resolvingComment, COMMENT_MAX));
  const parts = [
    ...(determination === "" || determination === "unknown" ? [] : [`Defender determination: ${determination}`]),
    ...(by === "" ? [] : [`closed by ${by}`]),
    ...(said === "" ? [] : [said]),
  ];
  return cutText(parts.join("; "), COMMENT_MAX);
}
