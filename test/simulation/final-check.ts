import { expectedOf, isClosedStage, serviceNowFields, stageOf } from "./expected.ts";
import { checkNotes } from "./check-notes.ts";
import { checkIssue } from "./final-check-jira.ts";
import { type JiraWorkflowKind, isFinal } from "./jira-workflow.ts";
import { type Oracle, type Place, isSame, lastWritten } from "./oracle.ts";
import { isForgotten, scopeOf } from "./scope.ts";
import { type SourceIncident, newestOf } from "./source-record.ts";
import type { TicketRecord } from "./ticket-record.ts";

export interface FinalEvidence {
  readonly tenant: string;
  readonly incidents: ReadonlyMap<string, SourceIncident>;
  /** Undefined where the tenant has no such lane. */
  readonly records: readonly TicketRecord[] | undefined;
  readonly issues: { readonly records: readonly TicketRecord[]; readonly workflow: JiraWorkflowKind } | undefined;
  readonly twins: ReadonlyMap<string, TicketRecord> | undefined;
  readonly experts: "only" | "all";
  /** What the source answers a merged incident's id with. */
  readonly mergedAs: "itself" | "survivor";
  readonly onHold: boolean;
  readonly isJournalReadable: boolean;
  /** Something may have come between a claim and its write. */
  readonly wereClaimsCutShort: boolean;
  keyOf(incidentId: string): string;
  /** Somebody decided that this ticket stays as it is. */
  isLetBe(place: Place, incident: SourceIncident): boolean;
  /** When everything that was known was last lost. */
  readonly stateLostAt: number | undefined;
}

const CLOSED = "7";

/** Once everything is quiet: each incident in scope has one living ticket, which shows the newest state and each remark once. */
export function checkAtTheEnd(oracle: Oracle, evidence: FinalEvidence): void {
  const { must, may } = scopeOf(evidence.incidents, evidence.experts);
  for (const incident of evidence.incidents.values()) {
    for (const tool of ["servicenow", "jira"] as const) {
      const records = recordsOf(evidence, tool, incident.id);
      if (records === undefined) continue;
      const place: Place = { tenant: evidence.tenant, tool };
      if (!may.has(incident.id) && records.length > 0)
        oracle.report("not wanted", place, incident.id, "is not in scope");
      const isToBeRight = must.has(incident.id) || records.length > 0;
      if (!isToBeRight || evidence.isLetBe(place, incident)) continue;
      if (isForgotten(evidence, incident, records)) continue;
      if (tool === "servicenow") checkServiceNow(oracle, evidence, incident, records);
      else checkJira(oracle, evidence, incident, records);
    }
    const twin = evidence.twins?.get(incident.id);
    const isTwinLetBe = evidence.isLetBe({ tenant: evidence.tenant, tool: "sentinel" }, incident);
    if (twin === undefined || !must.has(incident.id) || isTwinLetBe) continue;
    if (!isForgotten(evidence, incident, [twin])) checkTwin(oracle, evidence, incident, twin);
  }
}

function recordsOf(
  evidence: FinalEvidence,
  tool: "servicenow" | "jira",
  incidentId: string,
): readonly TicketRecord[] | undefined {
  const key = evidence.keyOf(incidentId);
  const all = tool === "jira" ? evidence.issues?.records : evidence.records;
  return all?.filter((record) => record.values["correlation_id"] === key);
}

function checkJira(
  oracle: Oracle,
  evidence: FinalEvidence,
  incident: SourceIncident,
  records: readonly TicketRecord[],
): void {
  const workflow = evidence.issues?.workflow ?? "simple";
  checkIssue(oracle, {
    place: { tenant: evidence.tenant, tool: "jira" },
    incident,
    records,
    key: evidence.keyOf(incident.id),
    workflow,
    // One that a person closed for good is parked, and whoever was merged into it is told of it by a replay.
    survivors: survivorRecords(evidence, "jira", incident)
      .filter(({ values }) => !isFinal(workflow, values["status"]))
      .map(({ number }) => number),
    wereClaimsCutShort: evidence.wereClaimsCutShort,
  });
}

function checkServiceNow(
  oracle: Oracle,
  evidence: FinalEvidence,
  incident: SourceIncident,
  records: readonly TicketRecord[],
): void {
  const place: Place = { tenant: evidence.tenant, tool: "servicenow" };
  const { stage, version } = expectedOf(incident);
  const newest = records.at(-1);
  if (newest === undefined) {
    // Merged away before it had a ticket: its survivor's tells the story.
    if (stage !== "redirected") oracle.report("lost", place, incident.id, `no ticket for rev-${version.n}`);
    return;
  }
  for (const record of records) {
    const isMissed = record === newest && newest.values["state"] !== CLOSED;
    checkNotes(oracle, place, incident, record, { isReadable: evidence.isJournalReadable, isMissed });
  }
  if (newest.values["state"] === CLOSED) {
    const closed = newest.writes.findLast((write) => write.values["state"] === CLOSED);
    // What the instance closed after a resolution is continued when the incident is open again; what a person closed stays closed.
    const resolved = newest.writes.findLast((write) => write.values["state"] === "6");
    // Where the state was lost since, it is not known whether the incident was reopened: no second ticket is made on a guess (ADR 10).
    const isForgotten = closed !== undefined && closed.at <= (evidence.stateLostAt ?? 0);
    if (closed?.writer === "tool" && resolved?.writer === "product" && isOpenStage(stage) && !isForgotten)
      oracle.report("lost", place, incident.id, `${newest.number} is closed, and the incident is ${stage}`);
    return;
  }
  const survivors = survivorRecords(evidence, "servicenow", incident).map((record) => record.id);
  const fields = serviceNowFields(incident, {
    onHold: evidence.onHold,
    wasResolvedThere: wasResolvedByUs(newest, evidence.stateLostAt ?? 0),
    survivors,
  });
  for (const [name, fits] of fields) {
    const value = newest.values[name] ?? "";
    if (fits(value)) continue;
    const last = newest.writes.findLast((write) => write.values[name] !== undefined);
    const ours = lastWritten(newest, name, "product");
    const isPersons = last?.writer === "person" && ours !== undefined && fits(ours);
    if (isPersons && name !== "correlation_display") continue;
    if (isPersons && isUnseen(newest, name)) continue;
    // An ended claim whose field holds neither what was claimed nor what was before counts as drift (ARCHITECTURE.md, invariant 4), written or not.
    if (last?.writer === "person" && evidence.wereClaimsCutShort) continue;
    const what = `${newest.number} ${name} is "${value}", the source has rev-${version.n} ${stage}`;
    const edits = newest.writes
      .filter((write) => write.writer === "person")
      .flatMap((write) => Object.keys(write.values));
    const hints = edits.map((field) => `person set ${field}`);
    oracle.report("lost", place, incident.id, what, hints);
  }
}

/** It is seen in what the next write of ours is answered, and put back with the one after it. */
function isUnseen(record: TicketRecord, field: string): boolean {
  const edited = record.writes.findLastIndex((write) => write.values[field] !== undefined);
  return (
    record.writes
      .slice(edited)
      .filter((write) => write.writer === "product" && write.values["work_notes"] === undefined).length < 2
  );
}

/** Of a stage that is not known to this version, the ticket's state is left as it is. */
function isOpenStage(stage: string): boolean {
  return !isClosedStage(stage) && stage !== "unrecognised";
}

/** As far as it is still known. */
function wasResolvedByUs(record: TicketRecord, since: number): boolean {
  return record.writes.some(
    (write) => write.writer === "product" && write.at >= since && write.values["state"] === "6",
  );
}

/** The tickets of the incident that this one ended up in. */
function survivorRecords(
  evidence: FinalEvidence,
  tool: "servicenow" | "jira",
  incident: SourceIncident,
): readonly TicketRecord[] {
  let into = newestOf(incident).redirectIncidentId;
  for (let hop = 0; into !== null && hop < 5; hop += 1) {
    const survivor = evidence.incidents.get(into);
    if (survivor === undefined) return [];
    if (stageOf(newestOf(survivor)) !== "redirected") return recordsOf(evidence, tool, into) ?? [];
    into = newestOf(survivor).redirectIncidentId;
  }
  return [];
}

function checkTwin(oracle: Oracle, evidence: FinalEvidence, incident: SourceIncident, twin: TicketRecord): void {
  const place: Place = { tenant: evidence.tenant, tool: "sentinel" };
  const { stage, tags, isExpertsNow, wasExperts, version } = expectedOf(incident);
  const labels = (twin.values["labels"] ?? "").split("|");
  const ours = labels.filter((label) => label.startsWith("dex:"));
  // Merged before its twin was there: nobody looks for that twin again.
  if (stage === "redirected" && ours.length === 0) return;
  const plain = ours.filter((label) => label !== "dex:experts");
  if (!isSame(tags, plain)) {
    oracle.report(
      "lost",
      place,
      incident.id,
      `labels are "${ours.join(" ")}", the source has rev-${version.n} ${stage}`,
    );
  }
  const hasExperts = ours.includes("dex:experts");
  if ((isExpertsNow && !hasExperts) || (!wasExperts && hasExperts)) {
    oracle.report("lost", place, incident.id, `dex:experts is ${hasExperts ? "there" : "missing"}`);
  }
  for (const { text } of version.comments) {
    const times = twin.notes.filter((note) => note.writer === "product" && note.text.includes(text)).length;
    if (times > 1) oracle.report("comment twice", place, incident.id, `"${text}" is there ${times} times`);
    if (times === 0) oracle.report("comment missing", place, incident.id, `"${text}" is missing`);
  }
}
