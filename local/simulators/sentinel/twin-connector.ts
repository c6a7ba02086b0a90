import type { SimulatorClock } from "../clock.ts";
import type { IncidentRecord } from "../graph/incident-record.ts";
import { TICKS_PER_MS } from "../graph/ticks.ts";
import type { GraphSimulator } from "../graph/start-graph.ts";
import type { SentinelBehaviour } from "./sentinel-behaviour.ts";
import { NO_OWNER, type SentinelFields, type SentinelIncident, type SentinelLabel } from "./sentinel-record.ts";
import { DEFENDER_PROVIDER, type SentinelStore } from "./sentinel-store.ts";

export const AWAITING_LABEL = "Awaiting Customer Action";
export const REDIRECTED_LABEL = "redirected";

/** Sentinel's own Defender XDR connector: makes the twin of each incident and keeps it in step. Works when looked at, so it needs no timer. */
export interface TwinConnector {
  /** Does what has come due. */
  catchUp(): void;
  stop(): void;
}

const MOST_ALERTS = 150;

export function createTwinConnector(
  graph: GraphSimulator,
  store: SentinelStore,
  clock: SimulatorClock,
  behaviour: SentinelBehaviour,
): TwinConnector {
  /** Both in the order they come due. */
  const births = new Map<string, number>();
  const updates = new Map<string, number>();
  for (const record of graph.incidents.all()) births.set(record.id, clock.now() + behaviour.twinDelayMs);

  const stop = graph.incidents.log.listen(({ incidentId, kind, at }) => {
    if (!behaviour.connectorOn) return;
    if (kind === "create") births.set(incidentId, at + behaviour.twinDelayMs);
    else if (!births.has(incidentId) && !updates.has(incidentId)) updates.set(incidentId, at + behaviour.updateDelayMs);
    // Keeps what is waiting small where nobody ever looks.
    if (kind === "drop") catchUp();
  });

  function catchUp(): void {
    const now = clock.now();
    takeDue(births, now, (id, due) => {
      const record = graph.incidents.get(id);
      if (record === undefined || store.twinOf(id) !== undefined) return;
      const changedMs = Math.min(now, Number(record.updatedTicks / TICKS_PER_MS));
      store.add(twinFrom(record, graph), undefined, due, Math.max(due, changedMs));
    });
    takeDue(updates, now, (id, due) => {
      const twin = store.twinOf(id);
      const record = graph.incidents.get(id);
      if (twin !== undefined && record === undefined) store.drop(twin.name);
      if (twin === undefined || record === undefined) return;
      const changes = changesOf(twin, twinFrom(record, graph), behaviour);
      if (changes !== undefined) store.change(twin.name, changes, Math.max(due, twin.modifiedMs));
    });
  }

  return {
    catchUp,
    stop() {
      stop();
    },
  };
}

function takeDue(waiting: Map<string, number>, now: number, act: (id: string, due: number) => void): void {
  for (const [id, due] of waiting) {
    if (due > now) return;
    waiting.delete(id);
    act(id, due);
  }
}

type TwinFields = Omit<SentinelIncident, "name" | "number" | "etag" | "createdMs" | "modifiedMs">;

function twinFrom(record: IncidentRecord, graph: GraphSimulator): TwinFields {
  const alerts = graph.incidents.alerts.of(record.id);
  return {
    title: record.displayName,
    description: record.description ?? "",
    severity: severityOf(record.severity),
    status: statusOf(record.status) ?? "New",
    ...verdictOf(record),
    labels: labelsOf(record),
    owner: record.assignedTo === null ? NO_OWNER : { ...NO_OWNER, assignedTo: record.assignedTo },
    providerName: DEFENDER_PROVIDER,
    providerIncidentId: record.id,
    providerIncidentUrl: graph.portalUrlOf(record.id),
    alertsCount: Math.min(alerts.length, MOST_ALERTS),
    alertProductNames: ["Microsoft Defender XDR"],
    tactics: [...new Set(alerts.map(({ category }) => category))],
  };
}

/** What the connector sets on a twin that exists; labels of others stay as they are. Undefined where nothing differs. */
function changesOf(twin: SentinelIncident, wanted: TwinFields, behaviour: SentinelBehaviour): TwinFields | undefined {
  const own = [AWAITING_LABEL, REDIRECTED_LABEL];
  const keeps = (label: SentinelLabel): boolean =>
    !own.includes(label.labelName) || (label.labelName === AWAITING_LABEL && !behaviour.awaitingTagRemoved);
  const kept = twin.labels.filter(keeps);
  const added = wanted.labels.filter(({ labelName }) => !kept.some((label) => label.labelName === labelName));
  const next = { ...wanted, labels: [...kept, ...added] };
  const names = Object.keys(next) as Array<keyof TwinFields>;
  return names.some((name) => JSON.stringify(next[name]) !== JSON.stringify(twin[name])) ? next : undefined;
}

function labelsOf(record: IncidentRecord): readonly SentinelLabel[] {
  if (record.status === "awaitingAction") return [{ labelName: AWAITING_LABEL, labelType: "AutoAssigned" }];
  if (record.status === "redirected") return [{ labelName: REDIRECTED_LABEL, labelType: "AutoAssigned" }];
  return [];
}

/** There is no status for Awaiting Customer Action: it is a label. */
function statusOf(status: string): string | undefined {
  const statuses: Readonly<Record<string, string>> = {
    active: "New",
    inProgress: "Active",
    awaitingAction: "Active",
    resolved: "Closed",
    redirected: "Closed",
  };
  return statuses[status];
}

function severityOf(severity: string): string {
  const known = ["high", "medium", "low"];
  return known.includes(severity) ? severity.charAt(0).toUpperCase() + severity.slice(1) : "Informational";
}

function verdictOf(
  record: IncidentRecord,
): Pick<SentinelFields, "classification" | "classificationReason" | "classificationComment"> {
  const nothing = { classification: undefined, classificationReason: undefined, classificationComment: undefined };
  if (statusOf(record.status) !== "Closed") return nothing;
  const classificationComment = record.resolvingComment ?? "";
  switch (record.classification ?? "unknown") {
    case "truePositive":
      return { classification: "TruePositive", classificationReason: "SuspiciousActivity", classificationComment };
    case "informationalExpectedActivity":
      return { classification: "BenignPositive", classificationReason: "SuspiciousButExpected", classificationComment };
    case "falsePositive": {
      const isThin = record.determination === "notEnoughDataToValidate";
      const classificationReason = isThin ? "InaccurateData" : "IncorrectAlertLogic";
      return { classification: "FalsePositive", classificationReason, classificationComment };
    }
    default:
      return { ...nothing, classification: "Undetermined", classificationComment };
  }
}
