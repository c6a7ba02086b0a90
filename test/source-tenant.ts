import { createMemoryTables } from "../local/store/memory-tables.ts";
import type { ConnectorId } from "../shared/connectors/connector.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../shared/incident/ball.ts";
import type { Incident, IncidentId } from "../shared/incident/incident.ts";
import { revisionFromMs, revisionOf } from "../shared/incident/revision.ts";
import type { DetectDeps } from "../shared/pipeline/detect/detect-deps.ts";
import { type PollReport, detectChanges } from "../shared/pipeline/detect/detect-changes.ts";
import type { LogFields } from "../shared/pipeline/ports/log.ts";
import type { Source, SourcePage, Window } from "../shared/pipeline/ports/source.ts";
import type { DeltaMessage } from "../shared/pipeline/schema.ts";
import { unpackSnapshot } from "../shared/pipeline/stored-snapshot.ts";
import { NO_METRICS } from "../shared/pipeline/ports/metrics.ts";
import { TENANT, anIncident } from "./build.ts";
import { createRecordingBus } from "./recording-bus.ts";
import { createVirtualClock } from "./virtual-clock.ts";

export const LANES = ["itsm", "sentinel"] as ConnectorId[];
const PC = { kind: "device", name: "pc-1" } as const;

/** What a test may set of the source beside its rows. */
export interface SourceParts {
  details?: Source["details"];
  tasks?: Source["tasks"];
  notification?: Source["notification"];
  alertsPage?: Source["alertsPage"];
  listPage?: Source["listPage"];
}

export type SourceTenant = ReturnType<typeof createTenant>;

/** One tenant in memory: a source whose rows a test changes, and that can be told to fail. */
export function createTenant(
  overrides: { requestsPerMinute?: number; experts?: "only" | "all"; createdAfter?: string; overlapMs?: number } = {},
) {
  const clock = createVirtualClock();
  const tables = createMemoryTables();
  const bus = createRecordingBus();
  const rows = new Map<string, Incident>();
  const failures: Error[] = [];
  const requests = { list: 0, get: 0, alerts: 0 };
  const parts: SourceParts = {};
  const logged: { readonly message: string; readonly fields: LogFields }[] = [];
  const note = (message: string, fields: LogFields = {}): void => void logged.push({ message, fields });
  const malformed: string[] = [];
  let isPartial = false;

  function failIfTold(): void {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  }

  const deps: DetectDeps = {
    tenant: {
      id: TENANT,
      scope: {
        experts: overrides.experts ?? "all",
        minimumSeverity: "informational",
        createdAfter: overrides.createdAfter ?? "2026-01-01T00:00:00Z",
        assignees: DEFAULT_ASSIGNEE_NAMES,
      },
      assignees: DEFAULT_ASSIGNEE_NAMES,
      lanes: LANES,
      overlapMs: overrides.overlapMs ?? 120_000,
      requestsPerMinute: overrides.requestsPerMinute ?? 1_000,
    },
    source: {
      async listPage(page, abort): Promise<SourcePage> {
        requests.list += 1;
        await Promise.resolve();
        failIfTold();
        if (parts.listPage !== undefined) return parts.listPage(page, abort);
        const { window, offset } =
          "next" in page
            ? (JSON.parse(page.next, reviveTicks) as { window: Window; offset: number })
            : { window: page, offset: 0 };
        const matching = [...rows.values()]
          .filter((row) => isIn(window, row))
          .toSorted((a, b) => Number(b.revision - a.revision));
        const next = JSON.stringify({ window, offset: offset + 50 }, (_key, value: unknown) =>
          typeof value === "bigint" ? `ticks:${value}` : value,
        );
        return {
          rows: [
            ...matching.slice(offset, offset + 50).map((incident) => ({ kind: "incident" as const, incident })),
            ...(offset === 0 ? malformed : []).map((id) => ({
              kind: "malformed" as const,
              id,
              problem: "no status",
              body: { id },
            })),
          ],
          ...(offset + 50 < matching.length ? { next } : {}),
          servedAt: Math.floor(clock.now() / 1_000) * 1_000,
          isPartial,
        };
      },
      async get(id) {
        requests.get += 1;
        await Promise.resolve();
        const incident = rows.get(id);
        return incident === undefined ? undefined : { kind: "incident", incident };
      },
      async details(...args) {
        requests.alerts += 1;
        await Promise.resolve();
        if (parts.details !== undefined) return parts.details(...args);
        const alerts = { readAt: clock.now(), count: 1, rows: [], assets: [PC], evidence: [] };
        return { incident: undefined, alerts, requests: 1 };
      },
      tasks: (...args) => parts.tasks?.(...args) ?? Promise.resolve({ refused: 404 }),
      notification: (...args) => parts.notification?.(...args) ?? Promise.resolve({ refused: 404 }),
      alertsPage: (...args) => parts.alertsPage?.(...args) ?? Promise.resolve({ refused: 404 }),
    },
    tables,
    bus,
    clock,
    random: { next: () => 0.5, uuid: () => "uuid" },
    log: { info: note, warn: note, error: note },
    metrics: NO_METRICS,
    deadlineMs: 45_000,
    leaseMs: 17_000,
  };

  return {
    clock,
    tables,
    bus,
    deps,
    rows,
    failures,
    requests,
    malformed,
    parts,
    logged,
    partial: (value: boolean) => {
      isPartial = value;
    },
    change(id: string, fields: Partial<Incident> = {}): void {
      const revision = fields.revision ?? revisionFromMs(clock.now());
      rows.set(id, anIncident({ ...rows.get(id), id: id as IncidentId, ...fields, revision }));
    },
    poll: (ids: readonly string[] = []): Promise<PollReport> => detectChanges(deps, ids, new AbortController().signal),
    deltas: (lane = "itsm"): DeltaMessage[] =>
      bus.take(`incident-deltas-${lane}`).map((message) => message.body as DeltaMessage),
    async snapshot(id: string) {
      const row = await tables.incident.get(`${TENANT}:${id}`, "snapshot");
      return row === undefined ? undefined : unpackSnapshot(row.value);
    },
  };
}

function isIn({ from, to, created }: Window, row: Incident): boolean {
  if (row.revision < from || (to !== undefined && row.revision > to)) return false;
  const createdAt = revisionOf(row.createdAt) ?? 0n;
  return created === undefined || (createdAt >= created.from && createdAt <= created.to);
}

function reviveTicks(_key: string, value: unknown): unknown {
  return typeof value === "string" && value.startsWith("ticks:") ? BigInt(value.slice(6)) : value;
}
