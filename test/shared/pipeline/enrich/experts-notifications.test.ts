import { describe, expect, it } from "vitest";
import { isExpertsNotification } from "../../../../shared/incident/scope.ts";
import { type GraphTenant, startGraphTenant } from "../../../graph-tenant.ts";
import { pollFor } from "../../../poll-for.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TEXTS = {
  description: "An executive summary.",
  recommendedActions: "Reset the passwords.",
  recommendedHuntingQueries: ["DeviceEvents | take 1"],
};
const PART = {
  executiveSummary: "An executive summary.",
  recommendedActions: "Reset the passwords.",
  huntingQueries: ["DeviceEvents | take 1"],
};
const EXPERTS = { detectionSource: "microsoftThreatExperts" };
/** What makes an incident nobody's of the experts'. */
const PLAIN = { systemTags: [], displayName: "Anything" };

async function notificationOf(tenant: GraphTenant, id: string) {
  return (await tenant.snapshot(id))?.incident.notification;
}

function betaReads(tenant: GraphTenant): number {
  return tenant.graph.requests.read().byStatus["403"] ?? 0;
}

describe("a notification known by its title", () => {
  it("has its own part, read from beta, published as a change of its own, and read once", async () => {
    const tenant = await startGraphTenant({ withAlerts: true, experts: "only" });
    const { id } = tenant.graph.incidents.create({
      ...TEXTS,
      systemTags: [],
      displayName: "Defender Experts: hands on keyboard",
    });
    await tenant.poll();
    expect(await notificationOf(tenant, id)).toMatchObject({ foundBy: "title", ...PART });
    expect(
      tenant
        .deltas()
        .map((delta) => [...delta.changed].toSorted())
        .at(-1),
    ).toEqual(["alerts", "notification"]);
    const before = tenant.graph.requests.read().total;
    await pollFor(tenant, 4 * MINUTE + 30 * SECOND);
    expect(tenant.graph.requests.read().total - before).toBe(18);
  });

  it("is read again when it changes, and stays one when its title is edited away", async () => {
    const tenant = await startGraphTenant({ withAlerts: true, experts: "only" });
    const { incidents } = tenant.graph;
    const { id } = incidents.create({ ...TEXTS, ...PLAIN, displayName: "Defender Experts: hands on keyboard" });
    await tenant.poll();
    await tenant.clock.advance(6 * MINUTE);
    incidents.change(id, { displayName: "INC-4711 (ours)", recommendedActions: "Isolate pc-1." });
    await pollFor(tenant, 15 * SECOND);
    expect(await notificationOf(tenant, id)).toMatchObject({ foundBy: "title", recommendedActions: "Isolate pc-1." });
    const incident = (await tenant.snapshot(id))?.incident;
    expect(incident !== undefined && isExpertsNotification(incident)).toBe(true);
  });

  it("is one without its texts where beta refuses them: said once, and read a day later", async () => {
    const tenant = await startGraphTenant({ withAlerts: true });
    tenant.graph.behaviour.betaIncidents = "forbidden";
    const ids = ["Defender Experts: one", "Defender Experts: two"].map(
      (displayName) => tenant.graph.incidents.create({ ...TEXTS, displayName }).id,
    );
    await tenant.poll();
    await pollFor(tenant, 23 * HOUR, HOUR);
    expect(betaReads(tenant)).toBe(1);
    expect(tenant.log.of("warn").filter((line) => line.fields["capability"] === "notifications")).toHaveLength(1);
    for (const id of ids) {
      expect(await notificationOf(tenant, id)).toMatchObject({ foundBy: "title", executiveSummary: "" });
    }
    tenant.graph.behaviour.betaIncidents = "open";
    await tenant.clock.advance(2 * HOUR);
    for (const id of ids) tenant.graph.incidents.change(id, { status: "inProgress" });
    await pollFor(tenant, MINUTE);
    for (const id of ids) expect(await notificationOf(tenant, id)).toMatchObject(PART);
  });
});

describe("a notification known by an alert of the experts'", () => {
  it("is taken into scope though its title says nothing, and read from beta", async () => {
    const tenant = await startGraphTenant({ withAlerts: true, experts: "only" });
    const { incidents } = tenant.graph;
    const { id } = incidents.create({ ...TEXTS, ...PLAIN });
    const other = incidents.create(PLAIN).id;
    incidents.addAlert(id, EXPERTS);
    incidents.addAlert(other);
    await tenant.poll();
    await pollFor(tenant, 5 * MINUTE);
    expect(await notificationOf(tenant, id)).toMatchObject({ foundBy: "alert", ...PART });
    expect(tenant.deltas().map((delta) => delta.incidentId)).toContain(id);
    expect(await tenant.snapshot(other)).toBeUndefined();
    incidents.change(id, { status: "resolved" });
    await pollFor(tenant, 15 * SECOND);
    expect((await tenant.snapshot(id))?.incident.status).toBe("resolved");
  });

  it.each([0, 4, 9])("is found where the alert is listed %d minutes late, whenever that is", async (lateMinutes) => {
    for (let moment = 0; moment < 5; moment += 2) {
      const tenant = await startGraphTenant({ withAlerts: true, experts: "only" });
      const { incidents } = tenant.graph;
      const { id } = incidents.create({ ...TEXTS, ...PLAIN });
      await pollFor(tenant, (10 + moment) * MINUTE, MINUTE);
      incidents.addAlert(id, EXPERTS, { visibleAfterMs: lateMinutes * MINUTE, keepsStamp: true });
      for (let minute = 0; minute <= lateMinutes + 5; minute += 1) {
        incidents.addAlert(incidents.create(PLAIN).id);
        await pollFor(tenant, MINUTE, MINUTE);
      }
      expect(await notificationOf(tenant, id)).toMatchObject({ foundBy: "alert" });
    }
  });

  it("costs one look every five minutes, and is off where the list is refused", async () => {
    for (const alertsList of ["open", "forbidden"] as const) {
      const tenant = await startGraphTenant({ withAlerts: true });
      tenant.graph.behaviour.alertsList = alertsList;
      tenant.graph.incidents.create();
      const reports = [await tenant.poll(), ...(await pollFor(tenant, 30 * MINUTE))];
      expect(new Set(reports.map((report) => report.outcome))).toEqual(new Set(["polled"]));
      expect(tenant.graph.requests.of("list alerts")).toBe(alertsList === "open" ? 7 : 1);
    }
  });

  it("is found among 450 alerts, whatever their order", async () => {
    const tenant = await startGraphTenant({ withAlerts: true, experts: "only" });
    const { incidents } = tenant.graph;
    const ids = Array.from({ length: 3 }, () => incidents.create({ ...TEXTS, ...PLAIN }).id);
    const filler = incidents.create(PLAIN).id;
    for (let index = 0; index < 450; index += 1) {
      await tenant.clock.advance(100);
      const isExperts = index % 150 === 75;
      incidents.addAlert(isExperts ? (ids[Math.floor(index / 150)] ?? "") : filler, isExperts ? EXPERTS : {});
    }
    // The list comes by update, windows run by creation.
    for (const alert of incidents.alerts.of(filler).toReversed().slice(0, 100)) {
      incidents.changeAlert(alert.id, { status: "resolved" });
    }
    await tenant.poll();
    await pollFor(tenant, 6 * MINUTE);
    for (const id of ids) expect(await notificationOf(tenant, id)).toMatchObject({ foundBy: "alert" });
  });

  it("that cannot be read holds up none of the others', and is found when it can", async () => {
    const tenant = await startGraphTenant({ withAlerts: true, experts: "only" });
    const { incidents } = tenant.graph;
    const ids = Array.from({ length: 3 }, () => incidents.create({ ...TEXTS, ...PLAIN }).id);
    for (const id of ids) {
      await tenant.clock.advance(SECOND);
      incidents.addAlert(id, EXPERTS);
    }
    const bad = ids[2] ?? "";
    tenant.graph.faults.add({ match: `GET /v1.0/security/incidents/${bad}`, kind: "status", status: 500 });
    await tenant.poll();
    await pollFor(tenant, 10 * MINUTE);
    for (const id of ids.slice(0, 2)) expect(await notificationOf(tenant, id)).toMatchObject(PART);
    expect(await notificationOf(tenant, bad)).toBeUndefined();
    tenant.graph.faults.clear();
    // What is asked for again by name comes by the bus.
    for (const { body } of tenant.bus.take("poll-requests")) {
      await tenant.poll((body as { incidents?: readonly string[] }).incidents ?? []);
    }
    await pollFor(tenant, 10 * MINUTE);
    expect(await notificationOf(tenant, bad)).toMatchObject(PART);
  });
});
