import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_LOG_SOURCE } from "../../local/simulators/qradar/start-qradar.ts";
import type { ConnectorId, Note } from "../../shared/connectors/connector.ts";
import type { Incident, IncidentId } from "../../shared/incident/incident.ts";
import { aProjection } from "../shared/connectors/a-projection.ts";
import { parseLeef } from "../shared/connectors/qradar/leef-parser.ts";
import { type QRadarBench, anEvent, startQRadarBench } from "./qradar-bench.ts";

const signal = new AbortController().signal;
const { key } = aProjection();
const CONTEXT = { survivor: undefined };
let bench: QRadarBench | undefined;

afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function start(options: Parameters<typeof startQRadarBench>[0] = {}): Promise<QRadarBench> {
  bench = await startQRadarBench(options);
  return bench;
}

function changes(values: Readonly<Record<string, string>>) {
  return { values, tags: { add: [], remove: [] } };
}

describe("an event", () => {
  it("is one LEEF line, and one row of the reference table, made where it is missing", async () => {
    const { simulator, connect, adopt } = await start();
    await adopt(connect(), { title: "Ransomware on HOST-7", status: "inProgress" });
    expect(simulator.lines()).toHaveLength(1);
    const { host, eventId, attributes } = parseLeef(simulator.lines()[0] ?? "");
    expect([host, eventId]).toEqual(["dex-sync", "IncidentInProgress"]);
    expect(Object.fromEntries(attributes)).toMatchObject({
      mdxKey: key,
      mdxIncidentId: "29",
      mdxStage: "inProgress",
      mdxTitle: "Ransomware on HOST-7",
    });
    const row = simulator.store.tables.get("mdx_incidents")?.get(key);
    expect(Object.fromEntries(row ?? [])).toMatchObject({
      incidentId: "29",
      stage: "inProgress",
      status: "inProgress",
    });
  });

  it("costs one call once the table is there", async () => {
    const { simulator, connect } = await start();
    const connector = connect();
    await connector.tell?.(anEvent(), signal);
    simulator.requests.reset();
    await connector.tell?.(anEvent({}, { id: "f".repeat(32) }), signal);
    expect(simulator.requests.read().byKind).toEqual({ "POST reference_data/tables/bulk_load/:name": 1 });
  });

  it("needs no call at all where no table is wanted", async () => {
    const { simulator, connect } = await start();
    await connect({ referenceTable: "" }).tell?.(anEvent(), signal);
    await expect.poll(() => simulator.lines().length).toBe(1);
    expect(simulator.requests.read().total).toBe(0);
  });

  it.each([
    ["write the table", 403],
    ["make the table", 404],
  ])("of an account that may not %s waits with all others, and says what to do", async (_what, status) => {
    const { simulator, connect } = await start();
    simulator.faults.add({ match: "POST /api/reference_data/tables/bulk_load", kind: "status", status });
    simulator.faults.add({ match: "POST /api/reference_data/tables", kind: "status", status: 403 });
    await expect(connect().tell?.(anEvent(), signal)).rejects.toMatchObject({
      reason: "misconfigured",
      mend: expect.stringContaining("referenceTable"),
    });
    expect(simulator.lines()).toEqual([]);
  });

  it("goes over a connection that demands a client certificate", async () => {
    const { simulator, connect } = await start({ syslogTls: { demandsClientCertificate: true } });
    await connect().tell?.(anEvent(), signal);
    await expect.poll(() => simulator.lines().length).toBe(1);
  });
});

describe("the offense of an incident", () => {
  it("is found by the key, or by the number where the rule indexes by it", async () => {
    for (const indexBy of ["mdxKey", "mdxIncidentId"] as const) {
      const { connect, adopt, close } = await startQRadarBench({ behaviour: { indexBy } });
      const { ref } = await adopt(connect(), {});
      expect(ref.id).toBe("101");
      await close();
    }
  });

  it("is never another rule's offense that happens to have the number as its source", async () => {
    const { simulator, connect } = await start();
    simulator.store.raise("29", "logins of user 29", "Domain controller");
    await expect(connect().find(key, signal)).resolves.toBeUndefined();
    await expect(connect({ logSource: "Domain controller" }).find(key, signal)).resolves.toBeDefined();
    await expect(
      connect({ logSource: "Domain controller", isOnlyTenant: false }).find(key, signal),
    ).resolves.toBeUndefined();
  });

  it("is found among many, and after that only what changed is listed", async () => {
    const { simulator, connect, adopt, http } = await start();
    const filters: Array<string | null> = [];
    const spying: typeof http = {
      ...http,
      send(request) {
        const { pathname, searchParams } = new URL(request.url);
        if (pathname === "/api/siem/offenses") filters.push(searchParams.get("filter"));
        return http.send(request);
      },
    };
    for (let index = 0; index < 1_200; index += 1) simulator.store.raise(`10.0.0.${index}`, "scan", "Firewall");
    const connector = connect({ http: spying });
    const first = await adopt(connector, {});
    expect(first.ref.id).toBe("1301");
    expect(filters.slice(0, 3)).toEqual([null, null, null]);
    filters.length = 0;
    const second = await adopt(connector, { id: "30" as IncidentId });
    expect(second.ref.id).toBe("1302");
    expect(filters.length).toBeGreaterThan(0);
    expect(filters.every((filter) => filter?.startsWith("last_persisted_time > "))).toBe(true);
  });

  it("is found where this release does not filter by the time", async () => {
    const { connect, adopt } = await start({ behaviour: { persistedTimeFilter: "refused" } });
    const connector = connect();
    const first = await adopt(connector, {});
    const second = await adopt(connector, { id: "30" as IncidentId });
    expect([first.ref.id, second.ref.id]).toEqual(["101", "102"]);
  });

  it("is the open one, where an earlier one is closed", async () => {
    const { simulator, connect, adopt } = await start();
    const connector = connect();
    const first = await adopt(connector, {});
    Object.assign(simulator.store.offenses.get(101) ?? {}, { status: "CLOSED", last_persisted_time: Date.now() });
    expect((await connector.find(key, signal))?.ref.id).toBe(first.ref.id);
    expect(await connector.find(key, signal, new Set(["101"]))).toBeUndefined();
    await connector.tell?.(anEvent({}, { type: "reopened" }), signal);
    await expect.poll(async () => (await connector.find(key, signal))?.ref.id).toBe("102");
  });

  it("is followed up while it is the customer's turn, in one call beside the look", async () => {
    const { simulator, connect, adopt } = await start();
    const connector = connect();
    const { ref } = await adopt(connector, {});
    const { fields } = connector.wanted(aProjection({ status: "awaitingAction" }), CONTEXT);
    simulator.requests.reset();
    const updated = await connector.update(ref, changes(fields.values), signal);
    expect(updated.values["followUp"]).toBe("true");
    expect(simulator.requests.read().byKind).toEqual({ "GET siem/offenses/:id": 1, "POST siem/offenses/:id": 1 });
  });

  it("is not closed unless that was asked for", async () => {
    const { connect } = await start();
    const { fields } = connect().wanted(aProjection({ status: "resolved", classification: "falsePositive" }), CONTEXT);
    expect(fields.values).toEqual({ followUp: "false" });
  });

  it.each([
    ["falsePositive", "False-Positive, Tuned"],
    ["informationalExpectedActivity", "Non-Issue"],
  ])("is closed, where it was, with the reason of its classification by text: %s", async (classification, text) => {
    const { simulator, connect, adopt } = await start();
    const connector = connect({ mapping: { close: true } });
    const { ref } = await adopt(connector, {});
    const { fields } = connector.wanted(aProjection({ status: "resolved", classification }), CONTEXT);
    const closedNow = await connector.update(ref, changes(fields.values), signal);
    expect(closedNow).toMatchObject({ values: { status: "CLOSED", closingReason: text }, isFinal: true });
    expect(simulator.store.offenses.get(101)?.status).toBe("CLOSED");
  });

  it("is closed with a reason that the configuration spells otherwise, and shows no drift for it", async () => {
    const { connect, adopt } = await start();
    const connector = connect({
      mapping: { close: true, closingReasons: { falsePositive: " false-positive, TUNED" } },
    });
    const { ref } = await adopt(connector, {});
    const { fields } = connector.wanted(aProjection({ status: "resolved", classification: "falsePositive" }), CONTEXT);
    const closedNow = await connector.update(ref, changes(fields.values), signal);
    expect(closedNow.values).toMatchObject(fields.values);
    expect((await connector.read(ref, signal))?.values).toMatchObject(fields.values);
  });

  it("is not closed with a reason that the console does not have, which is told with its mend", async () => {
    const { simulator, connect, adopt } = await start();
    const connector = connect({ mapping: { close: true } });
    const { ref } = await adopt(connector, {});
    const { fields } = connector.wanted(aProjection({ status: "resolved", classification: "truePositive" }), CONTEXT);
    await expect(connector.update(ref, changes(fields.values), signal)).rejects.toMatchObject({
      reason: "rejected",
      mend: expect.stringContaining("mapping.closingReasons"),
    });
    expect(simulator.store.offenses.get(101)?.status).toBe("OPEN");
  });

  it("that a person closed is not opened again, and that is told", async () => {
    const { simulator, connect, adopt } = await start();
    const connector = connect();
    const { ref } = await adopt(connector, {});
    Object.assign(simulator.store.offenses.get(101) ?? {}, { status: "CLOSED" });
    simulator.requests.reset();
    await expect(connector.update(ref, changes({ status: "OPEN", followUp: "true" }), signal)).rejects.toMatchObject({
      reason: "final",
      mend: expect.stringContaining("on purpose"),
    });
    expect(simulator.requests.of("POST siem/offenses/:id")).toBe(0);
  });

  it("that is gone is told so", async () => {
    const { connect } = await start();
    const gone = connect().update({ id: "999", label: "999", url: "" }, changes({ followUp: "true" }), signal);
    await expect(gone).rejects.toMatchObject({ reason: "notFound", mend: expect.stringContaining("anew") });
  });
});

describe("notes", () => {
  it("of signs that take nine bytes each in an address arrive whole", async () => {
    const { simulator, connect, adopt } = await start();
    const connector = connect();
    const { ref } = await adopt(connector, {});
    const note: Note = {
      id: "a".repeat(16),
      author: "Defender Experts",
      createdAt: "2026-02-25T16:29:33Z",
      text: "安全".repeat(1_500),
    };
    await connector.appendNotes(ref, [note], signal);
    const texts = simulator.store.notes.get(101) ?? [];
    expect(texts.map((text) => text.split("\n").slice(1).join("\n")).join("")).toBe(note.text);
    await expect(connector.readNotes?.(ref, signal)).resolves.toEqual(new Set([note.id]));
  });

  it("tell each stay in a stage once, and the reason of a resolution", async () => {
    const { connect } = await start();
    const { wanted } = connect();
    const texts = (incident: Partial<Incident>) =>
      wanted(aProjection(incident), CONTEXT).notes?.map(({ text }) => text);
    expect(texts({ status: "awaitingAction" })?.[0]).toContain("It is your turn");
    expect(texts({ status: "resolved", classification: "truePositive", resolvingComment: "Contained." })?.[0]).toBe(
      "Incident 29 was resolved: truePositive, unknown.\nContained.",
    );
    const merged = wanted(aProjection({ status: "redirected", redirectIncidentId: "40" }), {
      survivor: { id: "107", label: "107", url: "" },
    });
    expect(merged.notes?.[0]?.text).toBe(
      "Incident 29 was merged into incident 40 (offense 107); the work goes on there.",
    );
  });
});

describe("the version of the API", () => {
  it("is the newest that is known and not deprecated, in every call after it was chosen", async () => {
    const { connect, http } = await start();
    const versions: Array<string | undefined> = [];
    const spying: typeof http = {
      ...http,
      send(request) {
        versions.push(request.headers?.["Version"]);
        return http.send(request);
      },
    };
    await connect({ http: spying }).find(key, signal);
    expect(versions).toEqual([undefined, "26.0"]);
  });
});

describe("a throttled console", () => {
  it("says when to come back, and the event goes out then", async () => {
    const { simulator, connect } = await start({ behaviour: { callsPerMinute: 1 } });
    const told = connect().tell?.(anEvent(), signal);
    await expect(told).rejects.toMatchObject({ reason: "throttled", retryAfterMs: expect.any(Number) });
    expect(simulator.lines()).toEqual([]);
  });
});

describe("setup", () => {
  const setUp = async (overrides: Parameters<QRadarBench["connect"]>[0] = {}) => {
    const report = await bench?.connect({ mapping: { close: true }, ...overrides }).setUp?.(signal);
    if (report === undefined) throw new Error("nothing was set up");
    return report;
  };

  it("makes what REST can make, once; and then the check finds nothing", async () => {
    const { simulator, connect } = await start();
    const connector = connect({ mapping: { close: true } });
    const before = await connector.check?.(signal);
    expect(before?.map(({ place }) => place)).toEqual([
      "logSource",
      "referenceTable",
      "mapping.closingReasons.truePositive",
      "mapping.closingReasons.unknown",
      "mapping.closingReasons.unrecognised",
    ]);
    const first = await setUp();
    expect(first.done.map(({ outcome }) => outcome)).toEqual(["made", "made", "made", "made", "made", "made"]);
    const again = await setUp();
    expect(again.done.map(({ outcome }) => outcome)).toEqual(first.done.map(() => "was there"));
    expect(simulator.store.logSources).toMatchObject([
      { name: DEFAULT_LOG_SOURCE, identifier: "dex-sync", coalesce_events: false, store_event_payload: true },
    ]);
    expect(simulator.store.properties).toMatchObject([
      { name: "mdxKey", key: "mdxKey", use_for_rule_engine: true },
      { name: "mdxIncidentId", key: "mdxIncidentId" },
      { name: "mdxStage", key: "mdxStage" },
    ]);
    await expect(connector.check?.(signal)).resolves.toEqual([]);
  });

  it("goes on with a property that an earlier run left without its key", async () => {
    const { simulator } = await start();
    const cutShort = { match: "POST /api/config/event_sources/custom_properties/property_leef_expressions" };
    simulator.faults.add({ ...cutShort, kind: "status", status: 503, times: 1 });
    expect((await setUp()).done.map(({ outcome }) => outcome)).toContain("failed");
    expect((await setUp()).done.map(({ outcome }) => outcome)).not.toContain("failed");
    expect(simulator.store.properties.map(({ name, key }) => [name, key])).toEqual([
      ["mdxKey", "mdxKey"],
      ["mdxIncidentId", "mdxIncidentId"],
      ["mdxStage", "mdxStage"],
    ]);
  });

  it("tells a property that no offense can be indexed by", async () => {
    const { simulator } = await start();
    simulator.store.properties.push({ identifier: "theirs", name: "mdxKey", use_for_rule_engine: false });
    const { done } = await setUp();
    expect(done.find(({ what }) => what.endsWith("mdxKey"))).toMatchObject({
      outcome: "failed",
      detail: expect.stringContaining("parsed in advance"),
    });
  });

  it("says what is left to do in the console: the rule, and what its offenses are indexed by", async () => {
    await start();
    const { toDo } = await setUp();
    const text = toDo.join("\n");
    for (const word of [
      "New Event Rule",
      "IncidentAwaitingCustomerAction",
      "Index offense based on mdxKey",
      "6514",
      "Deploy",
    ])
      expect(text).toContain(word);
  });

  it("without the right to make log sources does the rest, and says which failed", async () => {
    const { connect } = await start({ behaviour: { admin: false } });
    const { done } = await setUp();
    expect(done.map(({ outcome }) => outcome)).toEqual(["made", "failed", "failed", "failed", "failed", "made"]);
    expect(done[1]?.detail).toContain("403");
    await expect(connect().check?.(signal)).resolves.toMatchObject([{ severity: "warning", place: "logSource" }]);
  });

  it("tells a log source that coalesces", async () => {
    const { simulator, connect } = await start();
    await setUp();
    Object.assign(simulator.store.logSources[0] ?? {}, { coalesce_events: true });
    await expect(connect().check?.(signal)).resolves.toMatchObject([
      { severity: "error", place: "logSource", mend: expect.stringContaining("Coalescing") },
    ]);
  });

  it("with a token that is refused says so, and tries nothing", async () => {
    const { simulator } = await start();
    await expect(setUp({ token: "withdrawn" })).rejects.toMatchObject({
      reason: "unauthorized",
    });
    expect(simulator.store.tables.size).toBe(0);
  });
});

it("names itself by its kind and id", async () => {
  const { connect } = await start();
  expect(connect({ id: "siem" as ConnectorId })).toMatchObject({ id: "siem", kind: "qradar" });
});
