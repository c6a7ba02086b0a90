import { checkNotes } from "./check-notes.ts";
import { expectedOf, isClosedStage } from "./expected.ts";
import {
  fitsResolution,
  isOurLabel,
  jiraFields,
  jiraLabelOf,
  jiraTagsOf,
  showsClosed,
  showsStage,
} from "./expected-jira.ts";
import { labelsOf } from "./jira-issue.ts";
import { type JiraWorkflowKind, WORKFLOWS, WAITING, isFinal } from "./jira-workflow.ts";
import { type Oracle, type Place, isSame, lastWritten } from "./oracle.ts";
import type { SourceIncident } from "./source-record.ts";
import type { TicketRecord } from "./ticket-record.ts";

export interface IssueEvidence {
  readonly place: Place;
  readonly incident: SourceIncident;
  /** All that have the incident's key, the oldest first. */
  readonly records: readonly TicketRecord[];
  readonly key: string;
  readonly workflow: JiraWorkflowKind;
  readonly survivors: readonly string[];
  readonly wereClaimsCutShort: boolean;
}

/** The status is written before the fields that show it: who moves an issue in between comes after us, by the time of the fields. */
const BETWEEN_MS = 2 * 60_000;

export function checkIssue(oracle: Oracle, evidence: IssueEvidence): void {
  const { place, incident, records, workflow } = evidence;
  const { stage, version } = expectedOf(incident);
  const newest = records.at(-1);
  if (newest === undefined) {
    // Merged away before it had a ticket: its survivor's tells the story.
    if (stage !== "redirected") oracle.report("lost", place, incident.id, `no issue for rev-${version.n}`);
    return;
  }
  const isClosed = isFinal(workflow, newest.values["status"]) && !isClosedStage(stage) && stage !== "unrecognised";
  for (const record of records) {
    checkNotes(oracle, place, incident, record, { isReadable: true, isMissed: record === newest && !isClosed });
  }
  if (isClosed) {
    // What we closed is continued when the incident is open again; what a person closed while it was open stays closed.
    if (showsClosed(lastWritten(newest, "description", "product") ?? ""))
      oracle.report("lost", place, incident.id, `${newest.number} is closed, and the incident is ${stage}`);
    return;
  }
  checkFields(oracle, evidence, newest);
  checkLabels(oracle, evidence, newest);
}

function checkFields(oracle: Oracle, evidence: IssueEvidence, newest: TicketRecord): void {
  const { place, incident, records, workflow } = evidence;
  const { stage, version } = expectedOf(incident);
  const fields = jiraFields(incident, {
    key: evidence.key,
    hasWaiting: WORKFLOWS[workflow].statuses.some(({ name }) => name === WAITING),
    wasShownClosed: records.some((record) =>
      record.writes.some((write) => isOurs(write) && showsClosed(write.values["description"] ?? "")),
    ),
    survivors: evidence.survivors,
  });
  for (const [name, fits] of fields) {
    const value = newest.values[name] ?? "";
    if (fits(value) || isLaterPersons(evidence, newest, name, fits)) continue;
    const edits = newest.writes
      .filter(({ writer }) => writer === "person")
      .flatMap((write) => Object.keys(write.values));
    const what = `${newest.number} ${name} is "${value}", the source has rev-${version.n} ${stage}`;
    oracle.report(
      "lost",
      place,
      incident.id,
      what,
      edits.map((field) => `person set ${field}`),
    );
  }
  const lastMove = newest.writes.findLast((write) => write.values["status"] !== undefined);
  const isOnScreen = workflow !== "simple" && isClosedStage(stage) && lastMove?.writer === "product";
  const resolution = newest.values["resolution"] ?? "";
  if (isOnScreen && !fitsResolution(incident, resolution))
    oracle.report(
      "lost",
      place,
      incident.id,
      `${newest.number} resolution is "${resolution}", the incident is ${stage}`,
    );
}

function isLaterPersons(
  { incident, wereClaimsCutShort }: IssueEvidence,
  record: TicketRecord,
  name: string,
  fits: (value: string) => boolean,
): boolean {
  const last = record.writes.findLast((write) => write.values[name] !== undefined);
  if (last?.writer !== "person") return false;
  const ours = lastWritten(record, name, "product");
  if (ours !== undefined && fits(ours)) return true;
  // An ended claim whose field holds neither what was claimed nor what was before counts as drift (ARCHITECTURE.md, invariant 4), written or not.
  if (wereClaimsCutShort) return true;
  if (name !== "status") return false;
  // Where the issue had the status already, there is no write of it to be seen.
  const { stage } = expectedOf(incident);
  const shown = record.writes.filter((write) => isOurs(write) && write.values["description"] !== undefined);
  const before = shown.findLastIndex((write) => !showsStage(write.values["description"] ?? "", stage));
  const enteredAt = shown[before + 1]?.at;
  return enteredAt !== undefined && last.at >= enteredAt - BETWEEN_MS;
}

function checkLabels(oracle: Oracle, { place, incident, key }: IssueEvidence, record: TicketRecord): void {
  const { version, stage, isExpertsNow, wasExperts } = expectedOf(incident);
  const labels = labelsOf(record);
  const ours = labels.filter(isOurLabel);
  const plain = ours.filter((label) => label !== "dex:experts");
  const hasExperts = ours.includes("dex:experts");
  const report = (what: string): void => oracle.report("lost", place, incident.id, `${record.number} ${what}`);
  if (!isSame(jiraTagsOf(version), plain))
    report(`labels are "${ours.join(" ")}", the source has rev-${version.n} ${stage}`);
  if ((isExpertsNow && !hasExperts) || (!wasExperts && hasExperts))
    report(`dex:experts is ${hasExperts ? "there" : "missing"}`);
  if (!labels.includes(jiraLabelOf(key))) report("has no label to be found by");
}

function isOurs({ writer }: TicketRecord["writes"][number]): boolean {
  return writer === "product";
}
