import { DEFAULT_ASSIGNEE_NAMES } from "../incident/ball.ts";
import type { Incident, IncidentId, TenantId } from "../incident/incident.ts";
import { lifecycleOf } from "../incident/lifecycle.ts";
import { type Projection, projectionOf } from "../incident/projection.ts";
import { revisionFromMs } from "../incident/revision.ts";
import { CLASSIFICATIONS, DETERMINATIONS, SEVERITIES } from "../incident/verdict.ts";
import type { CheckFinding, FieldRule, TicketConnector, WantedTicket } from "./connector.ts";

/** What a member of tomorrow looks like: by its name, or, where the header that asks for it was lost, as this. */
const OF_TOMORROW = ["unknownFutureValue", "aValueOfTomorrow"];
/** As Graph spells them; `awaitingAction` comes only where the request has asked for members that the enum did not have at first. */
const STATUSES = ["active", "inProgress", "awaitingAction", "resolved", "redirected", ...OF_TOMORROW];
const SEVERITY_NAMES = [...SEVERITIES.filter((name) => name !== "unrecognised"), "", ...OF_TOMORROW];
const CLASSIFICATION_NAMES = [...CLASSIFICATIONS.filter((name) => name !== "unrecognised"), "", ...OF_TOMORROW];
const DETERMINATION_NAMES = [...DETERMINATIONS, "", ...OF_TOMORROW];

/**
 * The incidents that a mapping must have an answer for: each status and classification with each severity, and with each determination.
 * Severity and determination meet nowhere.
 */
export function* everyProjection(): IterableIterator<Projection> {
  for (const status of STATUSES)
    for (const classification of CLASSIFICATION_NAMES) {
      for (const severity of SEVERITY_NAMES)
        yield projectionFor({ status, severity, classification, determination: "" });
      for (const determination of DETERMINATION_NAMES)
        yield projectionFor({ status, severity: "medium", classification, determination });
    }
}

/** Where a mapping gives no value, or fails, for an incident that may come; one finding a place. */
export function totalityFindings(connector: TicketConnector): readonly CheckFinding[] {
  const found = new Map<string, CheckFinding>();
  for (const projection of everyProjection()) {
    for (const finding of findingsFor(connector, projection)) {
      if (!found.has(finding.place)) found.set(finding.place, finding);
    }
  }
  return [...found.values()];
}

function findingsFor(connector: TicketConnector, projection: Projection): readonly CheckFinding[] {
  let wanted: WantedTicket;
  try {
    wanted = connector.wanted(projection, { survivor: undefined });
  } catch (error) {
    const problem = `fails for ${wordsFor(projection)}: ${error instanceof Error ? error.message : String(error)}`;
    return [{ severity: "error", place: "mapping", problem, mend: "mend what it names" }];
  }
  const { stage } = projection.lifecycle;
  return connector.fields
    .filter((rule) => rule.needed?.includes(stage) === true && (wanted.fields.values[rule.field] ?? "") === "")
    .map((rule) => missing(rule, projection));
}

function missing(rule: FieldRule, { severity, classification, lifecycle }: Projection): CheckFinding {
  const { stage } = lifecycle;
  const named = rule.placeIn?.[stage] ?? rule.place ?? "mapping";
  const place = named
    .replace("{stage}", stage)
    .replace("{severity}", severity)
    .replace("{classification}", classification);
  const by = [
    `stage ${stage}`,
    ...(named.includes("{severity}") ? [`severity ${severity}`] : []),
    ...(named.includes("{classification}") ? [`classification ${classification}`] : []),
  ];
  return { severity: "error", place, problem: `there is no ${rule.field} for ${by.join(", ")}`, mend: `set ${place}` };
}

function wordsFor({ lifecycle, severity, classification }: Projection): string {
  return `stage ${lifecycle.stage}, severity ${severity}, classification ${classification}`;
}

type Verdict = Pick<Incident, "status" | "severity" | "classification" | "determination">;

function projectionFor(verdict: Verdict): Projection {
  const incident: Incident = { ...NOTHING_ELSE, ...verdict };
  const stays = [{ stage: lifecycleOf(incident).stage, since: 0, assignedTo: "" }];
  const moments = { stageSince: 0, firstSeenAt: 0, seenAt: 0, changedAt: 0 };
  const snapshot = { incident, seq: 1, stages: stays, changes: [], mergedFrom: [], ...moments };
  return projectionOf(snapshot, DEFAULT_ASSIGNEE_NAMES);
}

/** Of no consequence for what is looked at. */
const NOTHING_ELSE: Incident = {
  tenantId: "00000000-0000-0000-0000-000000000000" as TenantId,
  id: "1" as IncidentId,
  revision: revisionFromMs(0),
  updatedAt: "1970-01-01T00:00:00Z",
  createdAt: "1970-01-01T00:00:00Z",
  title: "An incident",
  description: "",
  summary: "",
  resolvingComment: "",
  status: "",
  severity: "",
  classification: "",
  determination: "",
  assignedTo: "",
  customTags: [],
  systemTags: ["Defender Experts"],
  comments: [],
  redirectIncidentId: "",
  url: "",
  lastModifiedBy: "",
  priorityScore: null,
};
