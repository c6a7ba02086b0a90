import type { TenantId } from "../../incident/incident.ts";
import { revisionFromMs } from "../../incident/revision.ts";
import type { Scope } from "../../incident/scope.ts";
import type { Clock } from "../ports/clock.ts";
import type { Refused, Source } from "../ports/source.ts";
import type { DoctorFinding } from "./diagnosis.ts";
import { examineExperts } from "./examine-experts.ts";
import { failed, look, well } from "./look.ts";

const MINUTE_MS = 60_000;
/** Claims and leases carry margins for clocks that differ; beyond this, figures of lateness mislead too. */
const SKEW_WARNED_MS = 10_000;
const SKEW_REFUSED_MS = 60_000;

const INCIDENTS_MEND =
  "grant the app role SecurityIncident.Read.All of Microsoft Graph with admin consent; a managed identity's token may take hours to carry it";
const ALERTS_MEND = "grant SecurityAlert.Read.All; until then tickets have no alerts and no evidence";
const TASKS_MEND =
  "the experts' managed response is in Graph's beta alone and may refuse an app; until it answers, tickets have no tasks";

/** One harmless call for each permission: the newest minute, one row. */
export async function examineSource(
  deps: {
    readonly clock: Clock;
    sourceOf(tenant: TenantId): Promise<Source>;
    scopeOf(tenant: TenantId): Promise<Scope>;
  },
  tenant: TenantId,
): Promise<readonly DoctorFinding[]> {
  const { clock } = deps;
  const graph = { area: "graph", about: tenant } as const;
  let source: Source;
  let scope: Scope;
  try {
    source = await deps.sourceOf(tenant);
    scope = await deps.scopeOf(tenant);
  } catch (error) {
    return [failed(graph, error, "mend the tenant's credential in the configuration")];
  }
  const window = { from: revisionFromMs(clock.now() - MINUTE_MS) };
  const incidents = await look(clock, graph, INCIDENTS_MEND, async (signal) => {
    const askedAt = clock.now();
    const page = await source.listPage({ ...window, top: 1 }, signal);
    return [well(graph, "incidents can be read"), ...clockFindings(tenant, page.servedAt, askedAt, clock.now())];
  });
  // Without the first right the others say nothing new.
  if (incidents.some(({ verdict }) => verdict === "error")) return incidents;
  const alerts = await look(clock, graph, ALERTS_MEND, async (signal) => [
    answered(graph, "alerts", await source.alertsPage(window, signal), ALERTS_MEND),
  ]);
  const tasks = await look(clock, graph, TASKS_MEND, async (signal) => [
    answered(graph, "the experts' tasks", await source.tasks(signal), TASKS_MEND),
  ]);
  const experts = scope.experts === "only" ? await examineExperts({ clock, source, scope }, tenant) : [];
  // What is read beside incidents is left out of tickets where it cannot be had, and keeps nothing back.
  return [...incidents, ...[...alerts, ...tasks, ...experts].map(asWarning)];
}

function answered(
  about: { readonly area: "graph"; readonly about: string },
  what: string,
  answer: object | Refused,
  mend: string,
): DoctorFinding {
  if (!("refused" in answer)) return well(about, `${what} can be read`);
  return { ...about, verdict: "warning", seen: `${what} are refused (${answer.refused})`, mend };
}

function asWarning(finding: DoctorFinding): DoctorFinding {
  return finding.verdict === "error" ? { ...finding, verdict: "warning" } : finding;
}

/** Graph's clock has whole seconds, and was read somewhere between asking and the answer. */
function clockFindings(
  tenant: TenantId,
  servedAt: number | undefined,
  askedAt: number,
  answeredAt: number,
): readonly DoctorFinding[] {
  const clock = { area: "clock", about: tenant } as const;
  if (servedAt === undefined) {
    return [
      { ...clock, verdict: "notLooked", seen: "Graph's answer had no date to compare this clock with", mend: "" },
    ];
  }
  const skewMs = Math.max(askedAt - (servedAt + 999), servedAt - answeredAt, 0);
  if (skewMs < SKEW_WARNED_MS) return [well(clock, "this clock agrees with Graph's")];
  return [
    {
      ...clock,
      verdict: skewMs < SKEW_REFUSED_MS ? "warning" : "error",
      seen: `this clock is ${Math.round(skewMs / 1_000)} s ${servedAt < askedAt ? "ahead of" : "behind"} Graph's`,
      mend: "let the machine's clock follow a time server",
    },
  ];
}
