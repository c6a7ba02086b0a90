import { afterEach, describe, expect, it } from "vitest";
import type { TenantOptions } from "../../local/simulators/start-tenant.ts";
import { type InProcess, configOf, qradarConfigOf, startInProcess } from "../in-process.ts";
import { type ParsedLeef, parseLeef } from "../shared/connectors/qradar/leef-parser.ts";

let product: InProcess | undefined;
afterEach(async () => {
  await product?.close();
  product = undefined;
});

async function start(
  overrides: Record<string, unknown> = {},
  qradar: TenantOptions["qradar"] = { syslogTls: { demandsClientCertificate: true } },
): Promise<InProcess> {
  product = await startInProcess(
    (tenant) => ({
      ...configOf(tenant),
      connectors: [...(configOf(tenant)["connectors"] as unknown[]), qradarConfigOf(tenant, overrides)],
    }),
    { qradar },
  );
  return product;
}

function events({ tenant }: InProcess): readonly ParsedLeef[] {
  return tenant.qradar.lines().map(parseLeef);
}

describe("a whole life in QRadar, beside the other tools", () => {
  it("is told stage by stage; its offense is adopted, noted, followed up and closed; reopened it gets another", async () => {
    const { tenant, poll, link } = await start({
      mapping: { close: true, closingReasons: { truePositive: "Policy Violation" } },
    });
    const { graph, qradar } = tenant;
    const { id } = graph.incidents.create({ displayName: "Ransomware on HOST-7", severity: "high" });
    await poll(6_000);
    const source = `mdx:${graph.tenantId}:${id}`;
    expect((await link(id, "qradar"))?.ticket?.id).toBe("101");

    graph.incidents.change(id, { status: "awaitingAction", assignedTo: "Customer" });
    await poll(3_000);
    expect(qradar.offensesOf(source)).toMatchObject([{ status: "OPEN", follow_up: true }]);

    graph.incidents.change(id, { status: "resolved", classification: "truePositive", determination: "malware" });
    await poll(3_000);
    expect(qradar.offensesOf(source)).toMatchObject([{ status: "CLOSED", follow_up: false, closing_reason_id: 3 }]);
    expect(qradar.store.notes.get(101)?.join("\n")).toMatch(/It is your turn[^]*was resolved: truePositive, malware/);

    graph.incidents.change(id, { status: "active" });
    await poll(6_000);
    expect(qradar.offensesOf(source).map((offense) => [offense.id, offense.status])).toEqual([
      [101, "CLOSED"],
      [102, "OPEN"],
    ]);
    const kept = await link(id, "qradar");
    expect([kept?.ticket?.id, kept?.continued?.map((ticket) => ticket.id)]).toEqual(["102", ["101"]]);
    expect(events(product ?? fail()).map(({ eventId }) => eventId)).toEqual([
      "IncidentCreated",
      "IncidentAwaitingCustomerAction",
      "IncidentResolved",
      "IncidentReopened",
    ]);
    expect(qradar.store.tables.get("mdx_incidents")?.get(source)?.get("stage")).toBe("active");
  }, 60_000);
});

describe("a bad day in QRadar", () => {
  it("a process that ends owes nothing of what the receiver has read to its end", async () => {
    const { tenant, poll, link, composition, kept } = await start();
    const { id } = tenant.graph.incidents.create();
    await poll(1_000);
    await composition.endWork();
    expect(tenant.qradar.lines()).toHaveLength(1);
    expect((await link(id, "qradar"))?.told).toBeDefined();
    expect((await link(id, "qradar"))?.told).not.toHaveProperty("isAskedAgain");
    expect(JSON.stringify(kept())).not.toContain('"cause":"rebuild"');
  }, 60_000);

  it("a process that ends owes again what was on a connection that broke", async () => {
    const { tenant, poll, link, composition, kept, lines } = await start();
    const { id } = tenant.graph.incidents.create();
    await poll(1_000);
    await expect.poll(() => tenant.qradar.syslog.connections().open).toBe(1);
    tenant.qradar.syslog.breakAll();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await composition.endWork();
    expect((await link(id, "qradar"))?.told).toMatchObject({ isAskedAgain: true });
    expect(JSON.stringify(kept())).toContain('"cause":"rebuild"');
    expect(lines.map(({ message }) => message)).toContain(
      "events of a connection that did not end well are owed again",
    );
  }, 60_000);

  it.each([
    ["a wrong certificate", { ca: "QRADAR_CLIENT" }, undefined, /not signed by an authority/],
    ["a refused token", { auth: { kind: "token", secret: "SENTINEL_TOKEN" } }, undefined, /401/],
    ["no client certificate where one is demanded", { syslog: "without" }, undefined, /client certificate/],
  ])("%s is told plainly, and the other tools have their tickets", async (_what, overrides, qradar, message) => {
    const settings = "syslog" in overrides ? { syslog: { host: "127.0.0.1", port: 1 } } : overrides;
    product = await startInProcess(
      (tenant) => ({
        ...configOf(tenant),
        connectors: [
          ...(configOf(tenant)["connectors"] as unknown[]),
          qradarConfigOf(
            tenant,
            "syslog" in settings ? { syslog: { host: "127.0.0.1", port: tenant.qradar.syslog.port } } : settings,
          ),
        ],
      }),
      { qradar: qradar ?? { syslogTls: { demandsClientCertificate: true } } },
    );
    const { id } = product.tenant.graph.incidents.create({ status: "inProgress" });
    await product.poll(2_000);
    expect((await product.link(id, "qradar"))?.lastError?.message).toMatch(message);
    expect(product.tenant.qradar.lines()).toEqual([]);
    expect(product.records(id)).toHaveLength(1);
    expect(product.twinTags(id)).toContain("dex:stage=inProgress");
  });

  it("an offense that a person closed is left closed; the one that the next event makes is adopted, and others flow", async () => {
    const { tenant, poll, link } = await start();
    const { graph, qradar } = tenant;
    const { id } = graph.incidents.create({ status: "active" });
    await poll(6_000);
    Object.assign(qradar.store.offenses.get(101) ?? {}, { status: "CLOSED", last_persisted_time: Date.now() });
    graph.incidents.change(id, { status: "inProgress" });
    const other = graph.incidents.create({ status: "inProgress" });
    await poll(6_000);
    const kept = await link(id, "qradar");
    const [left, made] = qradar.offensesOf(`mdx:${graph.tenantId}:${id}`);
    expect([left?.id, left?.status, made?.status]).toEqual([101, "CLOSED", "OPEN"]);
    expect([kept?.continued?.[0]?.id, kept?.ticket?.id]).toEqual(["101", String(made?.id)]);
    expect((await link(other.id, "qradar"))?.ticket).toBeDefined();
    expect(events(product ?? fail()).map(({ eventId }) => eventId)).toContain("IncidentInProgress");
  }, 60_000);

  it("an offense that is deleted is let go of, and the next change looks anew", async () => {
    const { tenant, poll, link } = await start();
    const { graph, qradar } = tenant;
    const { id } = graph.incidents.create({ status: "active" });
    await poll(6_000);
    qradar.store.offenses.delete(101);
    graph.incidents.change(id, { status: "awaitingAction" });
    await poll(6_000);
    expect((await link(id, "qradar"))?.lastError?.message).toContain("not there any more");
    graph.incidents.change(id, { status: "inProgress" });
    await poll(6_000);
    expect((await link(id, "qradar"))?.ticket?.id).toBe("102");
  }, 60_000);
});

function fail(): never {
  throw new Error("nothing is started");
}
