import { describe, expect, it } from "vitest";
import type { AlertFields } from "../../../local/simulators/graph/alert-record.ts";
import type { GraphSimulator } from "../../../local/simulators/graph/start-graph.ts";
import type { IncidentId } from "../../../shared/incident/incident.ts";
import { pendingApprovals } from "../../../shared/incident/pending.ts";
import { given, signal, useSource } from "./start-source.ts";

const KILL_CHAIN: AlertFields = {
  title: "Suspicious PowerShell download",
  severity: "high",
  status: "inProgress",
  category: "Execution",
  serviceSource: "microsoftDefenderForEndpoint",
  detectionSource: "antivirus",
  mitreTechniques: ["T1566.001", "T1059.001"],
  assignedTo: "Defender Experts",
  classification: "truePositive",
  determination: "malware",
  investigationState: "pendingApproval",
  evidence: [
    { kind: "device", name: "fin-ws-042.contoso.com", os: "Windows11", remediation: "active", verdict: "malicious" },
    { kind: "user", upn: "lena@contoso.com", name: "Lena Fischer" },
    { kind: "mailbox", address: "lena@contoso.com" },
    { kind: "mail", subject: "Invoice", recipient: "lena@contoso.com", sender: "evil@example.net" },
    { kind: "file", name: "run.ps1", path: "C:\\Temp", sha1: "a".repeat(40), sha256: "b".repeat(64) },
    {
      kind: "process",
      name: "powershell.exe",
      commandLine: "powershell -enc AAAA",
      remediation: "pendingApproval",
      remediationDetails: "waits for you",
    },
    { kind: "url", url: "https://evil.example/payload", remediation: "blocked" },
    { kind: "ip", address: "203.0.113.7" },
  ],
};

function incidentWith(graph: GraphSimulator, ...alerts: readonly AlertFields[]): IncidentId {
  const { id } = graph.incidents.create({ displayName: "Multi-stage" });
  for (const alert of alerts) graph.incidents.addAlert(id, alert);
  return id as IncidentId;
}

const rig = useSource();

describe("an incident and its alerts", () => {
  it("come in one request, with all that experts point at", async () => {
    const { graph, source } = rig();
    const id = incidentWith(graph, KILL_CHAIN);
    const { incident, alerts, requests } = given(await source.details(id, signal));
    expect(requests).toBe(1);
    expect(graph.requests.read().total).toBe(1);
    expect(incident).toMatchObject({ id, title: "Multi-stage" });
    expect(alerts.rows).toMatchObject([
      {
        title: "Suspicious PowerShell download",
        severity: "high",
        status: "inProgress",
        category: "Execution",
        serviceSource: "microsoftDefenderForEndpoint",
        detectionSource: "antivirus",
        mitreTechniques: ["T1059.001", "T1566.001"],
        investigationState: "pendingApproval",
        assignedTo: "Defender Experts",
        classification: "truePositive",
        determination: "malware",
      },
    ]);
    const byKind = new Map(alerts.evidence.map((item) => [item.kind, item]));
    expect(byKind.get("device")).toMatchObject({
      name: "fin-ws-042.contoso.com",
      detail: "Windows11",
      verdict: "malicious",
    });
    expect(byKind.get("device")?.actionId).toMatch(/^[0-9a-f]{40}$/);
    expect(byKind.get("user")).toMatchObject({ name: "lena@contoso.com", detail: "Lena Fischer" });
    expect(byKind.get("user")?.actionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(byKind.get("mailbox")).toMatchObject({ name: "lena@contoso.com" });
    expect(byKind.get("mail")).toMatchObject({ name: "Invoice", detail: "evil@example.net to lena@contoso.com" });
    expect(byKind.get("mail")?.actionId).not.toBe("");
    expect(byKind.get("file")).toMatchObject({
      name: "run.ps1",
      detail: `C:\\Temp ${"b".repeat(64)}`,
      actionId: "a".repeat(40),
    });
    expect(byKind.get("process")).toMatchObject({
      name: "powershell.exe",
      detail: "powershell -enc AAAA",
      remediation: "pendingApproval",
      remediationDetails: "waits for you",
    });
    expect(byKind.get("url")).toMatchObject({ name: "https://evil.example/payload", remediation: "blocked" });
    expect(byKind.get("ip")).toMatchObject({ name: "203.0.113.7" });
    // What waits for somebody comes first.
    expect(alerts.evidence.map((item) => item.remediation).slice(0, 2)).toEqual(["pendingApproval", "active"]);
    expect(alerts.assets).toEqual([
      { kind: "device", name: "fin-ws-042.contoso.com" },
      { kind: "mailbox", name: "lena@contoso.com" },
      { kind: "user", name: "lena@contoso.com" },
    ]);
  });

  it("hide approvals from a request that does not ask for unknown members, so every one does", async () => {
    const { graph, source, blind } = rig();
    const unseen = given(await blind.details(incidentWith(graph, KILL_CHAIN), signal));
    expect(pendingApprovals({ alerts: unseen.alerts })).toHaveLength(0);
    expect(unseen.alerts.evidence.map((item) => item.remediation)).toContain("unknownFutureValue");
    for (const isPoisoned of [false, true]) {
      const id = incidentWith(graph, KILL_CHAIN);
      if (isPoisoned) graph.poisoned.add(id);
      const { alerts } = given(await source.details(id, signal));
      expect(pendingApprovals({ alerts })).toHaveLength(1);
    }
  });

  it("name a thing once, as it stands worst, and the same whatever the order of alerts", async () => {
    const { graph, source } = rig();
    const at = (remediation: string): AlertFields => ({ evidence: [{ kind: "device", name: "pc-1", remediation }] });
    const id = incidentWith(graph, at("remediated"), at("pendingApproval"), at("active"));
    const { alerts } = given(await source.details(id, signal));
    expect(alerts).toMatchObject({ count: 3, evidence: [{ name: "pc-1", remediation: "pendingApproval" }] });
  });

  it("are cut to what a row can hold, and say how many there are", async () => {
    const { graph, source } = rig();
    const many = Array.from({ length: 120 }, (_unused, index) => ({
      evidence: Array.from({ length: 3 }, (_none, piece) => ({
        kind: "ip" as const,
        address: `10.0.${index}.${piece}`,
      })),
    }));
    const { alerts } = given(await source.details(incidentWith(graph, ...many), signal));
    expect(alerts.count).toBe(120);
    expect(alerts.rows).toHaveLength(50);
    expect(alerts.evidence).toHaveLength(100);
  });

  it("are none where there are none, which is not the same as not read", async () => {
    const { graph, source } = rig();
    const { alerts } = given(await source.details(incidentWith(graph), signal));
    expect(alerts).toMatchObject({ count: 0, rows: [], assets: [], evidence: [] });
  });
});

describe("where incident and alerts cannot be had together", () => {
  it.each([
    ["500", { kind: "status", status: 500 }],
    ["400", { kind: "status", status: 400 }],
    ["403", { kind: "status", status: 403 }],
    ["half an answer", { kind: "malformed" }],
  ] as const)("(%s) the alerts are read by themselves", async (_name, fault) => {
    const { graph, source } = rig();
    const id = incidentWith(graph, KILL_CHAIN);
    graph.faults.add({ ...fault, match: `GET /v1.0/security/incidents/${id}`, times: 1 });
    const { incident, alerts, requests } = given(await source.details(id, signal));
    expect({ incident, requests, count: alerts.count }).toEqual({ incident: undefined, requests: 2, count: 1 });
    expect(alerts.evidence).toHaveLength(8);
  });

  it("for good (elastic/integrations#18144), nothing else of the incident is given up", async () => {
    const { graph, source } = rig();
    const id = incidentWith(graph, KILL_CHAIN);
    graph.poisoned.add(id);
    expect(given(await source.details(id, signal)).alerts.count).toBe(1);
    graph.alertless.add(id);
    await expect(source.details(id, signal)).rejects.toMatchObject({ name: "RetryableError", reason: "unavailable" });
    expect(await source.get(id, signal)).toMatchObject({ kind: "incident" });
  });

  it("for want of a permission, says so; for want of the incident, too", async () => {
    const { graph, source } = rig();
    const id = incidentWith(graph, KILL_CHAIN);
    graph.faults.add({ match: "GET /v1.0/security/incidents/", kind: "status", status: 403 });
    expect(await source.details(id, signal)).toEqual({ refused: 403, requests: 2 });
    graph.faults.clear();
    await expect(source.details("4711" as IncidentId, signal)).rejects.toMatchObject({ reason: "notFound" });
  });

  it.each([
    ["429", { kind: "status", status: 429, retryAfter: 7 }, { reason: "throttled", retryAfterMs: 7_000 }],
    ["401 again and again", { kind: "status", status: 401 }, { reason: "unauthorized" }],
  ] as const)("(%s) no second way is tried", async (_name, fault, error) => {
    const { graph, source } = rig();
    const id = incidentWith(graph, KILL_CHAIN);
    graph.faults.add({ ...fault, match: "GET /v1.0/security/incidents/" });
    await expect(source.details(id, signal)).rejects.toMatchObject(error);
    expect(graph.requests.of("alerts of incident")).toBe(0);
  });
});
