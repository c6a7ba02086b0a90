import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InProcess, startInProcess } from "../in-process.ts";

let product: InProcess;
beforeEach(async () => {
  product = await startInProcess();
});
afterEach(() => product.close());

function graph() {
  return product.tenant.graph.incidents;
}

describe("the lives of an incident in the service description", () => {
  it("false positive: picked up, investigated, resolved by the experts", async () => {
    const { id } = graph().create({ severity: "medium", displayName: "Impossible travel" });
    await product.poll();
    expect(product.records(id)).toMatchObject([{ state: "1", short_description: "Impossible travel", urgency: "2" }]);
    graph().change(id, { status: "inProgress", assignedTo: "Defender Experts" });
    await product.poll();
    expect(product.records(id)).toMatchObject([{ state: "2" }]);
    expect(product.twinTags(id)).toContain("dex:experts");
    graph().comment(id, "Defender Experts", "The traveller used the company's VPN.");
    graph().change(id, {
      status: "resolved",
      assignedTo: null,
      classification: "falsePositive",
      determination: "notMalicious",
    });
    await product.poll();
    expect(product.records(id)).toMatchObject([{ state: "6" }]);
    expect(product.records(id)[0]?.["close_code"]).not.toBe("");
    expect(product.records(id)[0]?.["close_notes"]).toContain("falsePositive");
    expect(product.workNotes(id)).toContain("company's VPN");
    expect(product.twinTags(id)).toEqual(expect.arrayContaining(["dex:class=falsePositive", "dex:stage=resolved"]));
    expect(product.tenant.sentinel.twinOf(id)).toMatchObject({ status: "Closed" });
  });

  it("true positive handed over: the customer's turn is seen, and ends", async () => {
    const { id } = graph().create({ severity: "medium" });
    await product.poll();
    const before = product.records(id)[0]?.["urgency"];
    graph().change(id, {
      status: "awaitingAction",
      assignedTo: "Customer",
      classification: "truePositive",
      determination: "malware",
    });
    await product.poll();
    expect(product.records(id)).toMatchObject([{ state: "2" }]);
    expect(Number(product.records(id)[0]?.["urgency"])).toBe(Number(before) - 1);
    expect(product.twinTags(id)).toEqual(
      expect.arrayContaining(["Awaiting Customer Action", "dex:stage=awaitingCustomerAction"]),
    );
    expect((await product.tables.open.get(product.tenant.graph.tenantId, `incident:${id}`))?.value).toMatchObject({
      ball: "customer",
    });
    graph().change(id, { status: "resolved" });
    await product.poll();
    expect(product.records(id)).toMatchObject([{ state: "6" }]);
    expect(product.twinTags(id)).not.toContain("dex:stage=awaitingCustomerAction");
  });

  it("created and resolved between two polls: the ticket is made, and is resolved", async () => {
    const { id } = graph().create();
    graph().change(id, {
      status: "resolved",
      classification: "informationalExpectedActivity",
      determination: "securityTesting",
    });
    await product.poll();
    expect(product.records(id)).toMatchObject([{ state: "6" }]);
  });

  it("reopened: the same ticket is in work again", async () => {
    const { id } = graph().create();
    await product.poll();
    graph().change(id, { status: "resolved" });
    await product.poll();
    graph().change(id, { status: "inProgress", assignedTo: "Defender Experts" });
    await product.poll();
    expect(product.records(id)).toMatchObject([{ state: "2" }]);
  });

  it("merged: the loser is a duplicate tied to the survivor, whose ticket says so", async () => {
    const survivor = graph().create({ displayName: "Survivor" });
    const loser = graph().create({ displayName: "Loser" });
    await product.poll();
    graph().merge(loser.id, survivor.id);
    await product.poll();
    await product.poll();
    const parent = product.records(survivor.id)[0];
    expect(product.records(loser.id)).toMatchObject([
      { state: "6", close_code: "Duplicate", parent_incident: parent?.["sys_id"] },
    ]);
    expect(parent?.["description"]).toContain(loser.id);
    expect(product.twinTags(loser.id)).toContain("dex:stage=redirected");
  });

  it("a status of tomorrow: the ticket is left where it is, and the page shows it raw", async () => {
    const { id } = graph().create({ status: "inProgress" });
    await product.poll();
    graph().change(id, { status: "escalated" });
    await product.poll();
    expect(product.records(id)).toMatchObject([{ state: "2" }]);
    expect((await product.tables.open.get(product.tenant.graph.tenantId, `incident:${id}`))?.value).toMatchObject({
      stage: "unrecognised",
      statusRaw: "escalated",
      ball: "unknown",
    });
  });
});

describe("what attackers write", () => {
  it("reaches the ticket as text: no code tag, no live link, no control character", async () => {
    const hostile = "[code]<img src=x onerror=alert(1)>[/code] https://evil.example/x \u202Egnp.exe";
    const { id } = graph().create({ displayName: hostile, description: hostile });
    graph().comment(id, "Defender Experts", hostile);
    await product.poll();
    const [record] = product.records(id);
    const all = `${record?.["short_description"]}\n${record?.["description"]}\n${product.workNotes(id)}`;
    expect(all).not.toMatch(/\[\/?code\]/i);
    expect(all).not.toMatch(/https:\/\/evil/);
    expect(all).not.toContain("\u202E");
  });

  it("never reaches a log line", async () => {
    const canary = "canary-4711-in-every-text";
    const { id } = graph().create({ displayName: canary, description: canary, customTags: [canary] });
    graph().comment(id, canary, canary);
    await product.poll();
    expect(product.records(id)).toHaveLength(1);
    expect(JSON.stringify(product.lines)).not.toContain(canary);
  });
});

describe("counted work", () => {
  it("per change: one list request a poll, at most one write a ticket, three table operations a delta and target, one message a lane", async () => {
    const ids = Array.from({ length: 40 }, () => graph().create().id);
    await product.poll();
    await product.poll();
    const { serviceNow, sentinel } = product.tenant;
    const requests = product.tenant.graph.requests;
    serviceNow.requests.reset();
    sentinel.requests.reset();
    requests.reset();
    product.operations.clear();
    product.bus.counts.clear();
    for (const id of ids) graph().change(id, { status: "inProgress", assignedTo: "Defender Experts" });
    const lines = product.lines.length;
    await product.poll();
    const synced = product.lines.slice(lines).filter((line) => line.message === "ticket synced");
    const writes = synced.filter((line) => line.fields["outcome"] === "updated").length;
    expect(requests.read().byKind["list incidents"]).toBe(1);
    expect(serviceNow.requests.read().byKind["change incident"]).toBeLessThanOrEqual(writes);
    expect(serviceNow.requests.read().byKind["create incident"] ?? 0).toBe(0);
    expect(product.bus.counts.get("incident-deltas-itsm")).toBeLessThanOrEqual(40 + 10);
    const sync =
      (product.operations.get("incident.getMany") ?? 0) +
      (product.operations.get("incident.batch") ?? 0) +
      (product.operations.get("incident.put") ?? 0);
    // Detect saves and marks each change; that alerts were read again without a change is one write.
    const saved = product.lines.slice(lines).filter((line) => line.message === "change saved").length;
    const detect = 2 * saved + (requests.read().byKind["get incident"] ?? 0);
    expect(sync - detect).toBeLessThanOrEqual(3 * synced.length);
  });

  it("for nothing: no delta, no write", async () => {
    graph().create();
    await product.poll();
    await product.poll();
    product.tenant.serviceNow.requests.reset();
    product.bus.counts.clear();
    for (let polls = 0; polls < 5; polls += 1) await product.poll(100);
    expect(product.tenant.serviceNow.requests.read().total).toBe(0);
    expect(product.bus.counts.get("incident-deltas-itsm") ?? 0).toBe(0);
  });

  it("20 quick changes of one incident: at most two passes write", async () => {
    const { id } = graph().create();
    await product.poll();
    await product.poll();
    product.tenant.serviceNow.requests.reset();
    for (let change = 0; change < 20; change += 1) graph().change(id, { severity: change % 2 === 0 ? "high" : "low" });
    await product.poll();
    expect(product.tenant.serviceNow.requests.read().byKind["change incident"] ?? 0).toBeLessThanOrEqual(2);
    expect(product.records(id)).toHaveLength(1);
  });
});
