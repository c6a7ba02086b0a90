import type { Diagnosis } from "../../shared/pipeline/doctor/diagnosis.ts";
import { createPrometheusMetrics } from "../../shared/telemetry/prometheus.ts";
import { CONTOSO, FABRIKAM } from "../page/overview-fixture.ts";
import { createVirtualClock } from "../virtual-clock.ts";

const TENANTS = [CONTOSO, FABRIKAM];
const CONNECTORS = ["itsm", "jira", "sentinel"];
const OUTCOMES = ["created", "updated", "unchanged", "stale", "waiting", "folded"];

/** What the product's own exporter writes after a busy morning; the reason of a copy is anybody's. */
export async function someFigures(reason: string): Promise<string> {
  const { metrics, text } = createPrometheusMetrics(createVirtualClock());
  TENANTS.forEach((tenant, t) => {
    metrics.add("dexsync.deltas", 412, { tenant, stage: "inProgress" });
    metrics.add("dexsync.deltas", 61, { tenant, stage: "awaitingCustomerAction" });
    metrics.add("dexsync.deltas", 207, { tenant, stage: "resolved" });
    metrics.add("dexsync.polls", 1_140, { tenant, cause: "timer", outcome: "polled" });
    metrics.add("dexsync.polls", 4, { tenant, cause: "bell", outcome: "failed" });
    metrics.add("dexsync.graph.requests", 1_140, { tenant, stream: "list" });
    metrics.add("dexsync.graph.requests", 310, { tenant, stream: "expertsAlerts" });
    for (let n = 0; n < 60; n += 1) metrics.record("dexsync.lag.seen", (n * n) / 150, { tenant });
    CONNECTORS.forEach((connector, c) => {
      OUTCOMES.forEach((outcome, o) => {
        metrics.add("dexsync.passes", Math.round(640 / (o + 1 + c)) + t, { tenant, connector, outcome });
      });
      for (let n = 0; n < 80; n += 1) {
        metrics.record("dexsync.lag.queued", (n * n) / 200, { tenant, connector });
        metrics.record("dexsync.lag.written", (n * n * (c + 1)) / 40, { tenant, connector });
      }
    });
    metrics.add("dexsync.passes", 2, { tenant, connector: "itsm", outcome: "parked" });
  });
  metrics.add("dexsync.copies", 7, { tenant: CONTOSO, connector: "itsm", reason });
  const each = (value: number) => CONNECTORS.map((connector) => ({ value, dimensions: { connector } }));
  metrics.set("dexsync.parked", [...each(0), { value: 3, dimensions: { connector: "source" } }]);
  metrics.set("dexsync.paused", each(0));
  metrics.set("dexsync.tickets.drifted", each(0));
  metrics.set("dexsync.breaker.open", [...each(0).slice(1), { value: 1, dimensions: { connector: "itsm" } }]);
  metrics.set("dexsync.tickets.behind", [{ value: 5, dimensions: { connector: "jira", state: "waiting" } }]);
  metrics.set("dexsync.incidents.open", [
    { value: 9, dimensions: { tenant: CONTOSO, stage: "active" } },
    { value: 14, dimensions: { tenant: CONTOSO, stage: "inProgress" } },
    { value: 4, dimensions: { tenant: FABRIKAM, stage: "awaitingCustomerAction" } },
  ]);
  metrics.set("dexsync.handovers", [
    { value: 3, dimensions: { tenant: FABRIKAM, state: "open" } },
    { value: 1, dimensions: { tenant: FABRIKAM, state: "overdue" } },
  ]);
  metrics.set("dexsync.watermark.age", [
    { value: 8.2, dimensions: { tenant: CONTOSO } },
    { value: 410, dimensions: { tenant: FABRIKAM } },
  ]);
  metrics.set("dexsync.quota.used", [
    { value: 12, dimensions: { tenant: CONTOSO, budget: "lists" } },
    { value: 40, dimensions: { tenant: CONTOSO, budget: "enrichment" } },
    { value: 30, dimensions: { tenant: FABRIKAM, budget: "lists" } },
  ]);
  return await text();
}

/** Something of every verdict; what was seen is anybody's. */
export function aDiagnosis(text: string): Diagnosis {
  const fine = { verdict: "ok", mend: "" } as const;
  return {
    at: 0,
    status: "error",
    findings: [
      { ...fine, area: "configuration", about: "", seen: "the file is complete" },
      {
        area: "secrets",
        about: "connectors.0.auth.secret",
        verdict: "error",
        seen: "SERVICENOW_PASSWORD is a Key Vault reference that does not resolve",
        mend: "check the secret's name in the vault, Key Vault Secrets User for the identity, and keyVaultReferenceIdentity of the app",
      },
      { ...fine, area: "graph", about: CONTOSO, seen: "incidents can be read" },
      { ...fine, area: "connector", about: "jira", seen: "tickets can be looked up" },
      { area: "connector", about: "itsm", verdict: "warning", seen: text, mend: text },
      { area: "bus", about: "", verdict: "notLooked", seen: "the product's own are examined where it runs", mend: "" },
      { ...fine, area: "clock", about: "", seen: "0.2 s from Graph's" },
    ],
  };
}
