import { describe, expect, it } from "vitest";
import type { Evidence } from "../../../../local/simulators/graph/alert-record.ts";
import { INVESTIGATION_STATES } from "../../../../local/simulators/graph/enums.ts";
import { createManualClock, graphCall, PREFER, useTenant } from "../with-tenant.ts";

const tenantFor = useTenant();

const EVIDENCE: ReadonlyArray<readonly [Evidence, object]> = [
  [
    { kind: "device", name: "ws-1.contoso.example", os: "Windows10" },
    { "@odata.type": "#microsoft.graph.security.deviceEvidence", deviceDnsName: "ws-1.contoso.example" },
  ],
  [
    { kind: "user", upn: "m.okafor@contoso.example" },
    { "@odata.type": "#microsoft.graph.security.userEvidence", userAccount: { accountName: "m.okafor" } },
  ],
  [
    { kind: "file", name: "run.exe", sha1: "a".repeat(40), sha256: "b".repeat(64) },
    {
      "@odata.type": "#microsoft.graph.security.fileEvidence",
      fileDetails: { fileName: "run.exe", sha1: "a".repeat(40), sha256: "b".repeat(64) },
    },
  ],
  [
    { kind: "mail", subject: "Invoice", recipient: "m@contoso.example" },
    { "@odata.type": "#microsoft.graph.security.analyzedMessageEvidence", recipientEmailAddress: "m@contoso.example" },
  ],
  [
    { kind: "mailbox", address: "m@contoso.example" },
    { "@odata.type": "#microsoft.graph.security.mailboxEvidence", primaryAddress: "m@contoso.example" },
  ],
  [
    { kind: "ip", address: "198.51.100.7" },
    { "@odata.type": "#microsoft.graph.security.ipEvidence", ipAddress: "198.51.100.7" },
  ],
  [
    { kind: "url", url: "https://x.example" },
    { "@odata.type": "#microsoft.graph.security.urlEvidence", url: "https://x.example" },
  ],
  [
    { kind: "process", name: "cmd.exe", commandLine: "cmd /c x" },
    { "@odata.type": "#microsoft.graph.security.processEvidence", processCommandLine: "cmd /c x" },
  ],
];

describe("what an alert shows", () => {
  it.each(EVIDENCE)("shows %j, with its verdict and remediation", async (evidence, expected) => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create();
    const state = { verdict: "malicious", remediation: "prevented", remediationDetails: "Blocked at the gateway." };
    const alert = tenant.graph.incidents.addAlert(id, { evidence: [evidence, { ...evidence, ...state }] });
    const shown = (await graphCall(tenant, `v1.0/security/alerts_v2/${alert.id}`)).json();
    expect(shown.evidence).toMatchObject([
      { ...expected, verdict: "suspicious", remediationStatus: "none", remediationStatusDetails: null },
      {
        ...expected,
        verdict: "malicious",
        remediationStatus: "prevented",
        remediationStatusDetails: "Blocked at the gateway.",
      },
    ]);
  });

  it("gives a file a SHA-256 where none is set", async () => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create();
    const alert = tenant.graph.incidents.addAlert(id, { evidence: [{ kind: "file", name: "run.exe" }] });
    const shown = (await graphCall(tenant, `v1.0/security/alerts_v2/${alert.id}`)).json();
    expect(shown.evidence[0].fileDetails.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("shows every investigation state without being asked for unknown members, and unknown by itself", async () => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create();
    tenant.graph.incidents.addAlert(id);
    for (const investigationState of INVESTIGATION_STATES) tenant.graph.incidents.addAlert(id, { investigationState });
    const shown = (await graphCall(tenant, `v1.0/security/incidents/${id}/alerts`)).json().value;
    expect(shown.map((alert: { investigationState: string }) => alert.investigationState)).toEqual([
      "unknown",
      ...INVESTIGATION_STATES,
    ]);
  });
});

describe("an alert that goes on", () => {
  const PENDING = { kind: "mail", subject: "Invoice", recipient: "m@contoso.example" } as const;

  it("changes its evidence by itself; only a request that prefers unknown members sees how", async () => {
    const tenant = await tenantFor();
    const { incidents } = tenant.graph;
    const { id } = incidents.create();
    const alert = incidents.addAlert(id, {
      investigationState: "pendingApproval",
      evidence: [{ ...PENDING, remediation: "pendingApproval" }],
    });
    const before = incidents.get(id)?.updatedTicks;
    const evidence = [{ ...PENDING, remediation: "running" }];
    const changed = incidents.changeAlert(alert.id, { investigationState: "running", evidence }, { keepsStamp: true });
    expect(changed.updatedTicks).toBeGreaterThan(alert.updatedTicks);
    expect(incidents.get(id)?.updatedTicks).toBe(before);
    const path = `v1.0/security/incidents/${id}/alerts`;
    const [shown] = (await graphCall(tenant, path, { headers: PREFER })).json().value;
    expect(shown).toMatchObject({ id: alert.id, investigationState: "running", title: alert.title });
    expect(shown.evidence[0].remediationStatus).toBe("running");
    const [hidden] = (await graphCall(tenant, path)).json().value;
    expect(hidden.evidence[0].remediationStatus).toBe("unknownFutureValue");
    expect(() => incidents.changeAlert("none", {})).toThrow("no alert none");
  });

  it("moves the incident's stamp as a new alert does, by the switch", async () => {
    const tenant = await tenantFor();
    const { incidents, behaviour } = tenant.graph;
    const { id } = incidents.create();
    const alert = incidents.addAlert(id);
    const first = incidents.get(id)?.updatedTicks ?? 0n;
    incidents.changeAlert(alert.id, { status: "resolved" });
    const second = incidents.get(id)?.updatedTicks ?? 0n;
    expect(second).toBeGreaterThan(first);
    behaviour.alertsMoveStamp = false;
    incidents.changeAlert(alert.id, { severity: "high" });
    expect(incidents.get(id)).toMatchObject({ updatedTicks: second, severity: "high" });
  });

  it("is listed in alerts_v2 late, when told to; read by id at once", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock });
    const { incidents } = tenant.graph;
    const { id } = incidents.create();
    const late = incidents.addAlert(id, {}, { visibleAfterMs: 60_000 });
    clock.advance(1_000);
    const early = incidents.addAlert(id);
    incidents.changeAlert(early.id, { status: "resolved" }, { visibleAfterMs: 60_000 });
    const listed = async () =>
      (await graphCall(tenant, "v1.0/security/alerts_v2"))
        .json()
        .value.map((row: { id: string; status: string }) => [row.id, row.status]);
    expect(await listed()).toEqual([[early.id, "new"]]);
    expect((await graphCall(tenant, `v1.0/security/alerts_v2/${late.id}`)).status).toBe(200);
    clock.advance(60_000);
    expect(await listed()).toEqual([
      [early.id, "resolved"],
      [late.id, "new"],
    ]);
  });
});
