import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { doctorDeps } from "../../shared/compose-doctor.ts";
import type { ConnectorId } from "../../shared/connectors/connector.ts";
import type { IncidentId, TenantId } from "../../shared/incident/incident.ts";
import { examine } from "../../shared/pipeline/doctor/examine.ts";
import { healthOf } from "../../shared/pipeline/overview/health.ts";
import { incidentPartition, linkRow } from "../../shared/pipeline/keys.ts";
import { operateReconcile } from "../../shared/pipeline/operate/operate-reconcile.ts";
import { operateRebuild } from "../../shared/pipeline/operate/operate-rebuild.ts";
import { operate } from "../../shared/pipeline/operate/operate.ts";
import type { Bus } from "../../shared/pipeline/ports/bus.ts";
import { preview } from "../../shared/pipeline/preview/preview.ts";
import { readOverview } from "../../shared/pipeline/overview/read-overview.ts";
import { rebuildStep } from "../../shared/pipeline/repair/rebuild-step.ts";
import { walkLinks } from "../../shared/pipeline/repair/walk-links.ts";
import { type InProcess, configOf, startInProcess, webhookConfigOf } from "../in-process.ts";

const SOAR = "soar" as ConnectorId;
/** What is on its way is given so long before a walk asks after it. */
const LATER_MS = 10 * 60_000;

let product: InProcess;
beforeEach(async () => {
  product = await startInProcess((tenant) => ({
    connectors: [...(configOf(tenant)["connectors"] as readonly object[]), webhookConfigOf(tenant)],
  }));
});
afterEach(() => product.close());

function graph() {
  return product.tenant.graph.incidents;
}

/** Types of the events of an incident, in the order they came. */
function typesOf(incidentId: string): readonly string[] {
  return eventsOf(incidentId).map(({ type }) => type.replace("dexsync.incident.", ""));
}

function eventsOf(incidentId: string) {
  return product.tenant.webhook.deliveries.filter(({ subject }) => subject.endsWith(`:${incidentId}`));
}

function tenantId(): TenantId {
  return product.tenant.graph.tenantId as TenantId;
}

async function walkLater(): Promise<void> {
  const deps = await product.composition.detectDeps(tenantId());
  const send: Bus["send"] = (queue, messages) =>
    product.bus.send(
      queue,
      messages.map(({ scheduledAt: _later, ...message }) => message),
    );
  await walkLinks({ ...deps, bus: { send }, clock: { ...deps.clock, now: () => Date.now() + LATER_MS } });
  await product.bus.idle(1_500);
}

describe("signed events", { timeout: 60_000 }, () => {
  it("tell a whole life, beside the tickets", async () => {
    const { id } = graph().create({ severity: "high" });
    await product.poll();
    graph().change(id, { status: "inProgress", assignedTo: "Defender Experts" });
    await product.poll();
    graph().comment(id, "Defender Experts", "we look into it");
    await product.poll();
    graph().change(id, { status: "awaitingAction", assignedTo: "Customer" });
    await product.poll();
    graph().change(id, { status: "resolved", classification: "truePositive", determination: "malware" });
    await product.poll();
    graph().change(id, { status: "active" });
    await product.poll();
    expect(typesOf(id)).toStrictEqual([
      "opened",
      "inProgress",
      "updated",
      "awaitingCustomerAction",
      "resolved",
      "reopened",
    ]);
    expect(new Set(eventsOf(id).map((event) => event.id)).size).toBe(6);
    expect(product.records(id)).toHaveLength(1);
    expect(product.tenant.webhook.unexpected).toEqual([]);
  });

  it("tell a merge on both sides", async () => {
    const [survivor, loser] = [graph().create(), graph().create()];
    await product.poll();
    graph().merge(loser.id, survivor.id);
    await product.poll();
    expect(eventsOf(loser.id).at(-1)?.event).toMatchObject({
      type: "dexsync.incident.redirected",
      data: { mergedInto: survivor.id },
    });
    expect(eventsOf(survivor.id).at(-1)?.event).toMatchObject({
      type: "dexsync.incident.updated",
      data: { changed: expect.arrayContaining(["mergedFrom"]), mergedFrom: [loser.id] },
    });
  });

  it("are on the page and in the ledger like tickets are", async () => {
    const { id } = graph().create();
    await product.poll();
    const overview = await readOverview(product.composition.overviewDeps());
    const shown = overview.incidents
      .find(({ incidentId }) => incidentId === id)
      ?.tickets.find(({ connector }) => connector === "soar");
    expect(shown).toMatchObject({
      kind: "webhook",
      state: "shown",
      url: "",
      label: expect.stringContaining("opened "),
    });
    expect(overview.connectors.find((connector) => connector.id === "soar")).toMatchObject({ problem: "", parked: 0 });
    const rows = await product.tables.incident.range(incidentPartition(tenantId(), id as IncidentId), {});
    expect(rows.map(({ value }) => value)).toContainEqual(
      expect.objectContaining({ connector: "soar", outcome: "sent" }),
    );
  });

  it("that were lost on the way are found by the walk, and sent once", async () => {
    const { id } = graph().create();
    product.bus.on("incident-deltas-soar", () => Promise.resolve());
    await product.poll();
    expect(eventsOf(id)).toEqual([]);
    const { handleDelta } = await import("../../shared/pipeline/lane/handle-delta.ts");
    product.bus.on("incident-deltas-soar", (body) => handleDelta(product.composition, SOAR, body, Date.now()));
    await walkLater();
    await walkLater();
    expect(typesOf(id)).toStrictEqual(["opened"]);
  });

  it("are previewed, reconciled and examined without being sent", async () => {
    const { id } = graph().create();
    await product.poll();
    product.bus.on("incident-deltas-soar", () => Promise.resolve());
    graph().change(id, { status: "awaitingAction", assignedTo: "Customer" });
    await product.poll();
    const before = product.tenant.webhook.requests.read().total;
    const previewed = await preview(product.composition, { last: 10, connector: "soar" });
    expect(previewed.incidents[0]?.tickets).toMatchObject([
      { connector: "soar", action: "send", label: "awaitingCustomerAction" },
    ]);
    const order = { tenant: tenantId(), since: "2020-01-01T00:00:00Z", reason: "a test" };
    const reconciled = await operateReconcile(product.composition, JSON.stringify(order));
    expect(reconciled).toMatchObject({ status: 200, body: { checked: 1 } });
    const diagnosis = await examine(doctorDeps(product.composition, undefined));
    const ofSoar = diagnosis.findings.filter(({ about }) => about === "soar");
    expect(ofSoar).toMatchObject([{ area: "connector", verdict: "notLooked" }]);
    expect(product.tenant.webhook.requests.read().total).toBe(before);
  });

  it("are sent again by a rebuild, under the same ids", async () => {
    const ids = [graph().create().id, graph().create({ status: "inProgress" }).id];
    await product.poll();
    const first = product.tenant.webhook.deliveries.map(({ id, type }) => `${id} ${type}`);
    const order = JSON.stringify({ connector: "soar", since: "2020-01-01", reason: "the SOAR lost its disk" });
    const dry = await operateRebuild(product.composition, JSON.stringify({ ...JSON.parse(order), dryRun: true }));
    expect((dry.body as { incidents: unknown[] }).incidents).toHaveLength(ids.length);
    expect(await operateRebuild(product.composition, order)).toMatchObject({ status: 202 });
    const deps = await product.composition.detectDeps(tenantId());
    for (let step = 0; step < 4; step += 1) {
      await rebuildStep({ ...deps, clock: { ...deps.clock, now: () => Date.now() + step * 65_000 } }, SOAR);
      await product.bus.idle(500);
    }
    const again = product.tenant.webhook.deliveries.slice(first.length).map(({ id, type }) => `${id} ${type}`);
    expect(again.toSorted()).toStrictEqual(first.toSorted());
  });

  it("end with 410, health says so, and an operator brings them back", async () => {
    product.tenant.webhook.behaviour.isGone = true;
    const { id } = graph().create();
    await product.poll();
    const health = async () => healthOf(await readOverview(product.composition.overviewDeps()));
    expect(JSON.stringify(await health())).toContain("wants nothing more");
    product.tenant.webhook.behaviour.isGone = false;
    const other = graph().create();
    await product.poll();
    expect(eventsOf(other.id)).toEqual([]);
    expect(product.records(other.id)).toHaveLength(1);
    const order = JSON.stringify({ connector: "soar", reason: "the SOAR is back" });
    expect(await operate(product.composition, "resume", order)).toMatchObject({ status: 202 });
    // A process goes by what it has read for some seconds.
    await new Promise((resolve) => setTimeout(resolve, 5_100));
    expect(await operate(product.composition, "replay", order)).toMatchObject({ status: 202, body: { done: 2 } });
    await product.bus.idle(1_500);
    expect([typesOf(id), typesOf(other.id)]).toStrictEqual([["opened"], ["opened"]]);
    expect(JSON.stringify(await health())).not.toContain("wants nothing more");
    expect(await product.link(id, "soar")).toMatchObject({ isParked: false });
    expect(await product.tables.incident.get(`${tenantId()}:${id}`, linkRow(SOAR))).toBeDefined();
  });
});
