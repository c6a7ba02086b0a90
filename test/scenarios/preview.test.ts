import { afterEach, describe, expect, it } from "vitest";
import type { ConnectorId, TicketChanges, TicketConnector, TicketFields } from "../../shared/connectors/connector.ts";
import type { IncidentId, TenantId } from "../../shared/incident/incident.ts";
import { handleDelta } from "../../shared/pipeline/lane/handle-delta.ts";
import { operatePreview } from "../../shared/pipeline/operate/operate-preview.ts";
import type { Preview, PreviewedTicket } from "../../shared/pipeline/preview/previewed.ts";
import { sendAgain } from "../../shared/pipeline/repair/send-again.ts";
import { type InProcess, configOf, startInProcess } from "../in-process.ts";
import { ticketsOf } from "../tickets-of.ts";

const LANES = ["itsm", "sentinel"] as ConnectorId[];

let rig: InProcess | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

/** What a connector was told to write. */
interface Write {
  readonly values: Readonly<Record<string, string>>;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  notes: number;
}

/** Everything written from here on, by ticket and connector. */
async function watchWrites(running: InProcess): Promise<Map<string, Write[]>> {
  const writes = new Map<string, Write[]>(LANES.map((lane) => [lane, []]));
  for (const lane of LANES) {
    const connector = await ticketsOf(running.composition, lane);
    const original: TicketConnector = { ...connector };
    const add = (write: Write): void => void writes.get(lane)?.push(write);
    Object.assign(connector, {
      update: (ref: never, changes: TicketChanges, signal: AbortSignal) => {
        add({ values: changes.values, ...changes.tags, notes: 0 });
        return original.update(ref, changes, signal);
      },
      appendNotes: (ref: never, notes: readonly never[], signal: AbortSignal) => {
        const last = writes.get(lane)?.at(-1);
        if (last === undefined) add({ values: {}, add: [], remove: [], notes: notes.length });
        else last.notes += notes.length;
        return original.appendNotes(ref, notes, signal);
      },
      ...(original.create === undefined
        ? {}
        : {
            create: (fields: TicketFields, signal: AbortSignal) => {
              add({ values: fields.values, add: fields.tags, remove: [], notes: 0 });
              return original.create?.(fields, signal);
            },
          }),
    });
  }
  return writes;
}

async function preview(running: InProcess, query: Record<string, string> = {}): Promise<Preview> {
  const { status, body } = await operatePreview(running.composition, (name) => query[name] ?? null);
  expect(status).toBe(200);
  return body as Preview;
}

/** Writes of any table so far. */
function tableWrites(running: InProcess): number {
  return [...running.operations]
    .filter(([name]) => /\.(put|batch|delete)$/.test(name))
    .reduce((sum, [, count]) => sum + count, 0);
}

/** What Graph and the tools were asked so far. */
function requestsOf({ tenant }: InProcess): unknown {
  return [tenant.graph, tenant.serviceNow, tenant.sentinel].map(({ requests }) => structuredClone(requests.read()));
}

function asWrite({ fields, tags, notes }: PreviewedTicket): Write {
  return { values: Object.fromEntries(fields.map(({ field, to }) => [field, to])), ...tags, notes };
}

function ticketIn(seen: Preview, id: string, connector = "itsm"): PreviewedTicket | undefined {
  return seen.incidents
    .find(({ incidentId }) => incidentId === id)
    ?.tickets.find((ticket) => ticket.connector === connector);
}

/** Saves what the source has, and lets no lane do its work. */
async function readOnly(running: InProcess): Promise<void> {
  const { composition, bus } = running;
  for (const lane of LANES) bus.on(`incident-deltas-${lane}`, () => Promise.resolve());
  await running.poll();
  for (const lane of LANES)
    bus.on(`incident-deltas-${lane}`, (body) => handleDelta(composition, lane, body, Date.now()));
}

describe("a preview", { timeout: 60_000 }, () => {
  it("before the first sync reads the newest incidents from Defender, and is what the sync then writes", async () => {
    const running = (rig = await startInProcess());
    const { incidents } = running.tenant.graph;
    const { id } = incidents.create({ displayName: "<b>Ransomware</b>", severity: "high" });
    incidents.comment(id, "Defender Experts", "look at this");
    const writes = await watchWrites(running);
    const seen = await preview(running);
    expect(tableWrites(running)).toBe(0);
    expect(running.bus.counts.size).toBe(0);
    expect([...running.tenant.serviceNow.tickets.all()]).toEqual([]);
    expect([...writes.values()].flat()).toEqual([]);
    expect(seen).toMatchObject({ left: 0, problems: [], incidents: [{ incidentId: id, readFrom: "source" }] });
    const created = ticketIn(seen, id);
    expect(created).toMatchObject({ action: "create", notes: 1, isShown: false });
    expect(new Set(created?.fields.map(({ why, from }) => [why, from].join()))).toContain("first,");

    await running.poll();
    expect(writes.get("itsm")?.[0]).toEqual(created && asWrite(created));
    expect(writes.get("sentinel")?.[0]).toMatchObject(asWrite(ticketIn(seen, id, "sentinel") as PreviewedTicket));
  });

  it("of a change is what the pass then writes: fields, tags and notes, each with its reason", async () => {
    const running = (rig = await startInProcess());
    const { incidents } = running.tenant.graph;
    const { id } = incidents.create({ displayName: "Password spray", status: "active", severity: "low" });
    await running.poll();
    const sysId = running.records(id)[0]?.["sys_id"] ?? "";
    running.tenant.serviceNow.changeAsAdmin(sysId, { urgency: "1", short_description: "in my own words" });
    incidents.change(id, { status: "inProgress", assignedTo: "Defender Experts" });
    await running.poll();
    incidents.change(id, { status: "resolved", classification: "truePositive", determination: "malware" });
    incidents.comment(id, "Defender Experts", "cleaned");
    await readOnly(running);
    const writes = await watchWrites(running);
    const before = tableWrites(running);
    const requests = requestsOf(running);
    const seen = await preview(running, { connector: "itsm" });
    expect(tableWrites(running)).toBe(before);
    expect(requestsOf(running)).toEqual(requests);
    expect([...writes.values()].flat()).toEqual([]);
    const planned = ticketIn(seen, id);
    expect(planned).toMatchObject({ action: "update", notes: 1, drift: expect.arrayContaining(["short_description"]) });
    const reasons = Object.fromEntries(planned?.fields.map(({ field, why }) => [field, why]) ?? []);
    expect(reasons).toMatchObject({ state: "entering", description: "changed", close_code: expect.any(String) });
    expect(ticketIn(seen, id, "sentinel")).toBeUndefined();

    const deps = await running.composition.detectDeps(running.tenant.graph.tenantId as TenantId);
    await sendAgain(deps, id as IncidentId, "itsm" as ConnectorId, "sweep");
    await running.bus.idle();
    expect(writes.get("itsm")).toEqual([planned && asWrite(planned)]);
    expect(ticketIn(await preview(running), id)).toMatchObject({ action: "none", isShown: true, fields: [], notes: 0 });
  });

  it("of one incident alone is of that one, wherever it stands; one that is not known is said to be so", async () => {
    const running = (rig = await startInProcess());
    const [first] = [running.tenant.graph.incidents.create(), running.tenant.graph.incidents.create()];
    await running.poll();
    const seen = await preview(running, { incident: first.id, last: "1" });
    expect(seen).toMatchObject({ problems: [], incidents: [{ incidentId: first.id, readFrom: "state" }] });
    const nobody = await preview(running, { incident: "404" });
    expect(nobody).toMatchObject({ incidents: [], problems: ["incident 404 is not known here (yet)"] });
  });

  it("tells what is adopted, not wanted, and cannot be asked", async () => {
    const running = (rig = await startInProcess((tenant) => {
      const connectors = configOf(tenant)["connectors"] as readonly object[];
      return { connectors: connectors.map((one, index) => (index === 1 ? { ...one, route: { tags: ["vip"] } } : one)) };
    }));
    const { id } = running.tenant.graph.incidents.create({});
    expect(ticketIn(await preview(running), id, "sentinel")).toMatchObject({ action: "unrouted" });
    running.tenant.serviceNow.faults.add({ match: "/", kind: "status", status: 503 });
    expect(ticketIn(await preview(running), id)).toMatchObject({
      action: "unknown",
      reason: expect.stringContaining("unavailable"),
    });
    running.tenant.serviceNow.faults.clear();
  });

  it("shows all others where a link or an incident was written by another version, and says so of these", async () => {
    const running = (rig = await startInProcess());
    const ids = Array.from({ length: 3 }, () => running.tenant.graph.incidents.create({}).id);
    await running.poll();
    const { tenantId } = running.tenant.graph;
    await running.tables.incident.put(`${tenantId}:${ids[0] ?? ""}`, "link:sentinel", { v: 99 }, "any");
    await running.tables.incident.put(`${tenantId}:${ids[1] ?? ""}`, "snapshot", { v: 99 }, "any");
    const seen = await preview(running);
    expect(new Set(seen.incidents.map(({ incidentId }) => incidentId))).toEqual(new Set([ids[0], ids[2]]));
    expect(ticketIn(seen, ids[0] ?? "")).toMatchObject({ action: "none" });
    expect(ticketIn(seen, ids[0] ?? "", "sentinel")).toMatchObject({
      action: "unknown",
      kind: "sentinel",
      reason: expect.stringContaining("another version"),
    });
    expect(seen.problems).toEqual([expect.stringContaining(`incident ${ids[1] ?? ""}: a snapshot was written by`)]);
  });

  it.each([
    [{ last: "0" }, "last: must be a number from 1 to 200"],
    [{ last: "many" }, "last: must be a number from 1 to 200"],
    [{ tenant: "nobody" }, 'tenant: there is no tenant "nobody"'],
    [{ connector: "nobody" }, 'connector: there is no connector "nobody"'],
  ])("refuses %j", async (query, expected) => {
    const running = (rig = await startInProcess());
    const asked: Readonly<Record<string, string>> = query;
    const { status, body } = await operatePreview(running.composition, (name) => asked[name] ?? null);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(JSON.stringify(expected).slice(1, -1));
  });
});
