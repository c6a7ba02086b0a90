import type { OperationsRecord } from "./operations-record.ts";
import { createJiraWatch } from "./oracle-jira.ts";
import type { SourceIncident } from "./source-record.ts";
import type { TicketRecord, TicketWrite } from "./ticket-record.ts";
import type { ToolRules } from "./tool-rules.ts";
import type { Violation, ViolationKind } from "./verdict.ts";

/** Where something was written. */
export interface TicketPlace {
  readonly tenant: string;
  readonly tool: "servicenow" | "jira" | "sentinel";
}

/** Where something is wrong. */
export interface Place {
  readonly tenant: string;
  readonly tool: TicketPlace["tool"] | "webhook";
}

export interface Oracle {
  /** Looks at a write before it is done. */
  see(place: TicketPlace, record: TicketRecord, write: TicketWrite): void;
  report(kind: ViolationKind, place: Place, incidentId: string, what: string, hints?: readonly string[]): void;
  readonly violations: readonly Violation[];
}

/** Watches every write of the tools. What it knows is the source's own record and what was written before. */
export function createOracle(options: {
  incidents(tenant: string): ReadonlyMap<string, SourceIncident>;
  records(place: TicketPlace): Iterable<TicketRecord>;
  rules(place: TicketPlace): ToolRules;
  twins(tenant: string): Iterable<readonly [string, TicketRecord]>;
  keyOf(tenant: string, incidentId: string): string;
  now(): number;
  note(text: string): void;
  hints(): readonly string[];
  /** Something may have come between a claim and its write. */
  wereClaimsCutShort(): boolean;
  readonly operations: OperationsRecord;
}): Oracle {
  const violations: Violation[] = [];
  /** Of each twin, the earliest version that its labels can still be of. */
  const shown = new Map<TicketRecord, number>();

  const seeJira = createJiraWatch(report);

  return { see, report, violations };

  function report(
    kind: ViolationKind,
    { tenant, tool }: Place,
    incidentId: string,
    what: string,
    hints: readonly string[] = [],
  ): void {
    const all = [...options.hints(), ...hints];
    violations.push({ kind, tenant, tool, incidentId, what, hints: all, at: options.now() });
    options.note(`VIOLATION ${kind} ${tool}-${tenant} ${incidentId}: ${what}`);
  }

  function see(place: TicketPlace, record: TicketRecord, write: TicketWrite): void {
    if (write.writer !== "product") return;
    const incidentId = incidentOf(place, record, write);
    seeTenant(place, incidentId, write);
    if (place.tool === "sentinel") return seeLabels(place, record, incidentId, write);
    if (write.isCreate) seeCreate(place, record, incidentId);
    seeRevision(place, record, incidentId, write);
    seePerson(place, record, incidentId, write);
    if (place.tool === "jira") {
      seeJira(place, record, incidentId, write);
      seeLabels(place, record, incidentId, write);
    }
  }

  function incidentOf({ tenant, tool }: Place, record: TicketRecord, write: TicketWrite): string {
    if (tool === "sentinel") return [...options.twins(tenant)].find(([, twin]) => twin === record)?.[0] ?? "";
    // An issue without its key is of the incident that its label names, whoever made it.
    const label = /\bmdx_\S+?(?=\||$)/.exec(write.values["labels"] ?? record.values["labels"] ?? "")?.[0] ?? "";
    const key = write.values["correlation_id"] ?? record.values["correlation_id"] ?? label.replaceAll("_", ":");
    return [...options.incidents(tenant).keys()].find((id) => options.keyOf(tenant, id) === key) ?? key;
  }

  function seeTenant(place: Place, incidentId: string, write: TicketWrite): void {
    const other = place.tenant === "a" ? "b" : "a";
    const isForeign = Object.values(write.values).some((value) => value.includes(`tenant-${other}`));
    if (isForeign) report("cross-tenant", place, incidentId, "text of another tenant's incident");
    if (!options.incidents(place.tenant).has(incidentId)) {
      report("cross-tenant", place, incidentId, "a ticket of no incident of this tenant");
    }
  }

  function seeCreate(place: TicketPlace, record: TicketRecord, incidentId: string): void {
    const key = options.keyOf(place.tenant, incidentId);
    const living = [...options.records(place)].filter(
      (other) => other !== record && other.values["correlation_id"] === key && !options.rules(place).isFinal(other),
    );
    if (living.length > 0) report("duplicate", place, incidentId, `${record.number} beside ${living[0]?.number ?? ""}`);
  }

  /** The source numbers its versions, and tickets show the number. */
  function seeRevision(place: TicketPlace, record: TicketRecord, incidentId: string, write: TicketWrite): void {
    const now = revisionIn(write.values["description"]);
    const key = options.keyOf(place.tenant, incidentId);
    const before = [...options.records(place)]
      .filter((other) => other === record || other.values["correlation_id"] === key)
      .flatMap((other) => other.writes)
      .filter((earlier) => earlier.writer === "product")
      .reduce((most, earlier) => Math.max(most, revisionIn(earlier.values["description"]) ?? 0), 0);
    if (now !== undefined && now < before) {
      report("regressed", place, incidentId, `${record.number} shows rev-${now} after rev-${before}`);
    }
  }

  function seePerson(place: TicketPlace, record: TicketRecord, incidentId: string, write: TicketWrite): void {
    const { aside, statusFields } = options.rules(place);
    const lastOfOurs = lastWritten(record, "description", "product");
    const isEntering = stageLine(write.values["description"] ?? lastOfOurs) !== stageLine(lastOfOurs);
    for (const [name, value] of Object.entries(write.values)) {
      if (aside.includes(name) || record.values[name] === value) continue;
      const last = record.writes.findLast((earlier) => earlier.values[name] !== undefined);
      if (last?.writer !== "person" || lastWritten(record, name, "product") !== value) continue;
      if (isForgotten(record, last)) continue;
      if (isEntering && statusFields.includes(name)) continue;
      if (isTakenForOurs(place, record, incidentId, name, write.at)) continue;
      const was = record.values[name] ?? "";
      report("person overwritten", place, incidentId, `${record.number} ${name}: "${was}" by "${value}"`.slice(0, 300));
    }
  }

  /** After a loss of the state a ticket is found anew, and whoever changed it before that is not known any more. */
  function isForgotten(record: TicketRecord, edit: TicketWrite): boolean {
    const lostAt = options.operations.stateLostAt.at(-1);
    if (lostAt === undefined) return false;
    const foundAnew = record.writes.find(({ at, writer }) => writer === "product" && at >= lostAt);
    return foundAnew === undefined || edit.at <= foundAnew.at;
  }

  /**
   * Where a person sets just what a write of ours was to set that never arrived, its claim finds the value there and takes it for its own
   * (ARCHITECTURE.md, invariant 4): nobody can tell the two apart, and with the answer it would be ours as well.
   */
  function isTakenForOurs(
    place: TicketPlace,
    record: TicketRecord,
    incidentId: string,
    name: string,
    now: number,
  ): boolean {
    if (!options.wereClaimsCutShort()) return false;
    const since = record.writes.findLast((write) => write.writer === "product" && write.values[name] !== undefined)?.at;
    const incident = options.incidents(place.tenant).get(incidentId);
    if (since === undefined || incident === undefined) return false;
    return incident.versions.some((version, index) => {
      const isOver = incident.versions.slice(index + 1).some((later) => later.visibleAt <= since);
      const until = { ...incident, versions: incident.versions.slice(0, index + 1) };
      const isWanted = options.rules(place).isWanted?.(until, name, record.values[name] ?? "") === true;
      return version.visibleAt <= now && !isOver && isWanted;
    });
  }

  /** Labels have no number: there must be a way through the versions, never backwards, that shows what was written in its order. */
  function seeLabels(place: TicketPlace, twin: TicketRecord, incidentId: string, write: TicketWrite): void {
    const incident = options.incidents(place.tenant).get(incidentId);
    const written = write.values["labels"];
    if (incident === undefined || written === undefined) return;
    const labels = written.split("|").filter((label) => label !== "");
    const { isOurLabel, tagsOf } = options.rules(place);
    const ours = labels.filter((label) => isOurLabel(label) && label !== "dex:experts");
    const from = shown.get(twin) ?? 0;
    const index = incident.versions.findIndex((version, at) => at >= from && isSame(tagsOf(version), ours));
    if (index === -1) report("regressed", place, incidentId, `${ours.join(" ")} after version ${from}`);
    else shown.set(twin, index);
    const others = (twin.values["labels"] ?? "").split("|").filter((label) => label !== "" && !isOurLabel(label));
    const gone = others.find((label) => !labels.includes(label));
    if (gone !== undefined) report("person overwritten", place, incidentId, `label ${gone} is gone`);
  }
}

export function lastWritten(record: TicketRecord, field: string, writer: string): string | undefined {
  return record.writes.findLast((write) => write.writer === writer && write.values[field] !== undefined)?.values[field];
}

export function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}

function revisionIn(description: string | undefined): number | undefined {
  const match = /\brev-(\d+)\b/.exec(description ?? "");
  return match === null ? undefined : Number(match[1]);
}

function stageLine(description: string | undefined): string {
  return /^Stage: .*$/m.exec(description ?? "")?.[0] ?? "";
}
