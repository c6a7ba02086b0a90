import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isUsableSecret } from "../../shared/http/verify-signature.ts";
import { aConfig, azureRig } from "./azure-rig.ts";

const EXECUTES = { inbound: { tasks: "execute" } };

function rolesIn(rig: ReturnType<typeof azureRig>): readonly string[] {
  return rig.state().assignments.map(({ appRoleId }) => appRoleId.replace("id of ", ""));
}

describe("after the resources are there", () => {
  it.each([
    ["reads only by default", {}, ["SecurityIncident.Read.All", "SecurityAlert.Read.All"]],
    [
      "writes where comments go back",
      { inbound: { comments: true, tasks: "off" } },
      ["SecurityIncident.ReadWrite.All", "SecurityAlert.Read.All"],
    ],
    [
      "acts on machines where actions are executed",
      EXECUTES,
      [
        "SecurityIncident.ReadWrite.All",
        "SecurityAlert.Read.All",
        "Machine.Isolate",
        "Machine.RestrictExecution",
        "Machine.StopAndQuarantine",
        "Machine.CollectForensics",
        "Machine.Scan",
      ],
    ],
  ])("%s, and a second run changes nothing", (_what, overrides, roles) => {
    const rig = azureRig(aConfig(overrides), { secrets: { "servicenow-password": "kept" } });
    expect(rig.run("postprovision.mjs")).toMatchObject({ status: 0 });
    expect(rolesIn(rig)).toEqual(roles);
    const first = rig.state();
    const { output } = rig.run("postprovision.mjs");
    expect(rig.state()).toEqual(first);
    expect(output).toContain("all is set");
  });

  it("takes back what an earlier configuration asked for, and nothing that somebody else granted", () => {
    const rig = azureRig(aConfig(EXECUTES));
    rig.run("postprovision.mjs");
    rig.change((state) => {
      state.assignments.push({ appRoleId: "id of Mail.Read", resourceId: "another", principalId: "principal" });
    });
    rig.configure(aConfig());
    expect(rig.run("postprovision.mjs").output).toContain("Machine.Isolate: taken back");
    expect([...rolesIn(rig)].sort()).toEqual(["Mail.Read", "SecurityAlert.Read.All", "SecurityIncident.Read.All"]);
  });

  it("a tenant with a credential of its own gets no role of this identity", () => {
    const credential = { kind: "clientSecret", clientId: "app", secret: "GRAPH_SECRET" };
    const rig = azureRig(aConfig({ tenants: [{ id: "other-tenant", credential }] }));
    expect(rig.run("postprovision.mjs").output).toContain("tenant other-tenant signs in by a credential of its own");
    expect(rolesIn(rig)).toEqual([]);
  });

  it("makes a doorbell secret that the doorbell takes, and takes others from the environment, never by an argument", () => {
    const rig = azureRig(aConfig());
    rig.run("postprovision.mjs", { SERVICENOW_PASSWORD: "hunter2-hunter2" });
    const { secrets } = rig.state();
    expect(isUsableSecret(secrets["doorbell-secret"] ?? "")).toBe(true);
    expect(secrets["servicenow-password"]).toBe("hunter2-hunter2");
    expect(rig.calls()).toContain("configreferences/appsettings/refresh");
    expect(rig.calls()).not.toContain("hunter2");
    expect(rig.calls()).not.toContain("whsec_");
  });

  it("leaves a secret that is there as it is, and names what is missing with its command", () => {
    const rig = azureRig(aConfig(), { secrets: { "doorbell-secret": "rotated" } });
    const { output, status } = rig.run("postprovision.mjs");
    expect(rig.state().secrets).toEqual({ "doorbell-secret": "rotated" });
    expect(output).toContain("npm run azure:secret -- SERVICENOW_PASSWORD");
    expect(status).toBe(0);
  });

  it("waits for a directory that does not know the new identity yet", () => {
    const rig = azureRig(aConfig(), { unknownFor: 3 });
    rig.run("postprovision.mjs");
    expect(rolesIn(rig)).toHaveLength(2);
  });

  it("without the right to grant roles it does the rest, and says who can", () => {
    const rig = azureRig(aConfig(), { isDenied: true });
    const { output, status } = rig.run("postprovision.mjs");
    expect(output).toContain("Privileged Role Administrator: azd hooks run postprovision");
    expect(rig.state().secrets).toHaveProperty("doorbell-secret");
    expect(status).toBe(0);
  });

  it("a tenant without Defender for Endpoint is named", () => {
    const rig = azureRig(aConfig(EXECUTES), { absentServices: ["fc780465-2017-40d4-a0c5-307022471b92"] });
    expect(rig.run("postprovision.mjs").output).toContain("Defender for Endpoint is not in this tenant");
  });

  it("drops the empty queue of a connector that is gone; one with work stays", () => {
    const queue = (name: string, messageCount: number) => ({ name, properties: { messageCount } });
    const queues = [
      queue("poll-requests", 0),
      queue("incident-deltas-itsm", 0),
      queue("incident-deltas-old", 0),
      queue("incident-deltas-late", 3),
    ];
    const rig = azureRig(aConfig(), { queues });
    const { output } = rig.run("postprovision.mjs");
    expect(rig.state().queues.map(({ name }) => name)).toEqual([
      "poll-requests",
      "incident-deltas-itsm",
      "incident-deltas-late",
    ]);
    expect(output).toContain("holds 3 messages");
  });
});

describe("after a deployment", () => {
  it("the intake gets the same package, where there is one", () => {
    mkdirSync(".package", { recursive: true });
    const rig = azureRig(aConfig());
    expect(rig.run("deploy-intake.mjs")).toEqual({ status: 0, output: "" });
    expect(rig.calls()).toBe("");
    expect(rig.run("deploy-intake.mjs", { INTAKE_FUNCTION_NAME: "func-in-test" }).status).toBe(0);
    expect(rig.calls()).toContain(
      '["func","azure","functionapp","publish","func-in-test","--javascript","--no-build"]',
    );
    rig.change((state) => {
      state.publishes = false;
    });
    const { status, output } = rig.run("deploy-intake.mjs", { INTAKE_FUNCTION_NAME: "func-in-test" });
    expect([status, output.includes("func-in-test runs what it ran before")]).toEqual([1, true]);
  });
});

describe("commands of an operator", () => {
  it("a secret comes from standard input into the vault", () => {
    const rig = azureRig(aConfig());
    const { status } = rig.run("azure-secret.mjs", {}, ["JIRA_TOKEN"], "abc123\n");
    expect(status).toBe(0);
    expect(rig.state().secrets).toEqual({ "jira-token": "abc123" });
    expect(rig.calls()).not.toContain("abc123");
    expect(rig.run("azure-secret.mjs", {}, ["JIRA_TOKEN"], "\n").status).toBe(1);
    expect(rig.run("azure-secret.mjs", {}, ["abc"], "x\n").status).toBe(2);
    expect(rig.state().secrets).toEqual({ "jira-token": "abc123" });
  });

  it("takes back the subscription, while the app still has the right to, then every role", () => {
    const rig = azureRig(aConfig());
    rig.run("postprovision.mjs");
    const { output } = rig.run("azure-take-back.mjs");
    expect(output).toContain("2 application role(s) taken back");
    expect(rolesIn(rig)).toEqual([]);
    const calls = rig.calls();
    expect(calls).toContain("DEX_SYNC_SUBSCRIBE=off");
    expect(calls.indexOf("DEX_SYNC_SUBSCRIBE=off")).toBeLessThan(calls.indexOf('"delete"'));
  });
});
