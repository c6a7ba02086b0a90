import { afterEach, describe, expect, it } from "vitest";
import type { TenantId } from "../../shared/incident/incident.ts";
import { type Health, healthOf } from "../../shared/pipeline/overview/health.ts";
import { operate } from "../../shared/pipeline/operate/operate.ts";
import type { Overview, TicketOverview } from "../../shared/pipeline/overview/overview.ts";
import { readOverview } from "../../shared/pipeline/overview/read-overview.ts";
import { type InProcess, configOf, jiraConfigOf, startInProcess } from "../in-process.ts";
import { type BadInput, badInputs } from "./bad-input-cases.ts";

let running: InProcess | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

/** ServiceNow and Jira beside each other, one of them with a mapping of the case. */
async function start({ connector, mapping = {}, project }: Partial<BadInput>): Promise<InProcess> {
  running = await startInProcess(
    (tenant) => {
      const [itsm] = configOf(tenant)["connectors"] as readonly object[];
      return {
        connectors: [
          { ...itsm, mapping: connector === "itsm" ? mapping : {} },
          jiraConfigOf(tenant, connector === "jira" ? mapping : {}),
        ],
      };
    },
    { jira: project === undefined ? {} : { project } },
  );
  return running;
}

async function seenIn(product: InProcess): Promise<{ readonly overview: Overview; readonly health: Health }> {
  const overview = await readOverview(product.composition.overviewDeps());
  return { overview, health: healthOf(overview) };
}

function ticketIn({ incidents }: Overview, incidentId: string, connector: string): TicketOverview | undefined {
  return incidents.find((one) => one.incidentId === incidentId)?.tickets.find((one) => one.connector === connector);
}

describe("what a configuration does not know of its tool", () => {
  it.each(badInputs())("$name: parks that incident with its mend, and no other", async (bad) => {
    const { connector, begin = {}, hit, flows, said, mend } = bad;
    const other = connector === "itsm" ? "jira" : "itsm";
    const product = await start(bad);
    const { incidents } = product.tenant.graph;
    bad.prepare?.(product);
    const flowing = incidents.create(begin).id;
    const early = hit === "new" ? undefined : incidents.create(begin).id;
    await product.poll();
    bad.spoil?.(product, flowing);
    const id = early ?? incidents.create().id;
    if (hit !== "new") incidents.change(id, hit);
    incidents.change(flowing, flows);
    await product.poll();

    const { overview, health } = await seenIn(product);
    const parked = ticketIn(overview, id, connector);
    expect(parked).toMatchObject({ state: "parked", problem: expect.stringMatching(said) });
    expect(parked?.mend).toMatch(mend);
    expect(ticketIn(overview, id, other)).toMatchObject({ state: "shown" });
    expect(ticketIn(overview, flowing, connector)).toMatchObject({ state: "shown" });
    expect(ticketIn(overview, flowing, other)).toMatchObject({ state: "shown" });
    const partOf = (name: string) => health.connectors.find((part) => part.id === name);
    expect(partOf(connector)).toMatchObject({ status: "late", parked: 1 });
    expect(partOf(connector)?.problems.join()).toMatch(said);
    expect(partOf(other)).toMatchObject({ status: "ok", parked: 0 });

    if (bad.repair === undefined) return;
    // Mended as it says, and replayed.
    bad.repair(product);
    const asked = { tenant: product.tenant.graph.tenantId as TenantId, incident: id, connector, reason: "mended" };
    await expect(operate(product.composition, "replay", JSON.stringify(asked))).resolves.toMatchObject({ status: 202 });
    await product.bus.idle(1_500);
    expect(ticketIn((await seenIn(product)).overview, id, connector)).toMatchObject({ state: "shown" });
  });
});

describe("what an account may not do at all", () => {
  it("ServiceNow, a table it may not write: parks what is new and changed, with the mend; Jira goes on", async () => {
    const product = await start({});
    product.tenant.serviceNow.behaviour.recordsWritable = false;
    const { id } = product.tenant.graph.incidents.create();
    await product.poll();
    const { overview, health } = await seenIn(product);
    expect(ticketIn(overview, id, "itsm")).toMatchObject({
      state: "parked",
      problem: expect.stringContaining("ACL Exception: insufficient rights to write records"),
      mend: expect.stringContaining("let the account write this record"),
    });
    expect(ticketIn(overview, id, "jira")).toMatchObject({ state: "shown" });
    expect(health.connectors).toMatchObject([{ parked: 1 }, { status: "ok" }]);
  });

  it.each([
    [
      "itsm",
      "a table it may not read",
      ({ tenant }: InProcess) =>
        tenant.serviceNow.faults.add({ kind: "status", status: 403, match: "GET /api/now/table/incident" }),
      /this account may not read the table incident; give the account itil/,
    ],
    [
      "jira",
      "a project it may not see",
      ({ tenant }: InProcess) => void (tenant.jira.behaviour.permissions = ""),
      /Jira has no project "SEC" that this account may see; correct the project's key/,
    ],
  ])("%s, %s: is nobody's incident, so all wait, nothing is parked, and health says the mend", async (...given) => {
    const [connector, , spoil, found] = given;
    const other = connector === "itsm" ? "jira" : "itsm";
    const product = await start({});
    spoil(product);
    const { id } = product.tenant.graph.incidents.create();
    await product.poll();
    const { overview, health } = await seenIn(product);
    expect(ticketIn(overview, id, connector)).toMatchObject({ state: "waiting" });
    expect(ticketIn(overview, id, other)).toMatchObject({ state: "shown" });
    const part = health.connectors.find((one) => one.id === connector);
    expect(part).toMatchObject({ parked: 0, status: "late" });
    expect(part?.problems.join()).toMatch(found);
    expect(overview.connectors.find((one) => one.id === connector)?.findings).toMatchObject([{ severity: "error" }]);
  });
});
