import { describe, expect, it } from "vitest";
import { DEFAULT_SENTINEL_TOKEN, type SentinelSimulator } from "../../local/simulators/sentinel/start-sentinel.ts";
import type { Ticket, TicketConnector } from "../../shared/connectors/connector.ts";
import type { SentinelOptions } from "../../shared/connectors/sentinel/index.ts";
import type { Incident } from "../../shared/incident/incident.ts";
import { AWAITING_TAG } from "../../shared/incident/projection.ts";
import { CLASSIFICATIONS } from "../../shared/incident/verdict.ts";
import { STATUS_OF, aProjection } from "../shared/connectors/a-projection.ts";
import { hiddenIn, htmlIn, linkIn, markdownIn, mentionIn } from "../shared/connectors/inertness.ts";
import { type SentinelBench, startSentinelBench } from "./sentinel-bench.ts";
import { type TicketHarness, afterFirstWriteOver, describeTicketConnector } from "./ticket-connector.ts";

const signal = new AbortController().signal;

/** Sentinel's own connector makes the twin. */
async function adopt(bench: SentinelBench, connector: TicketConnector, incident: Partial<Incident>): Promise<Ticket> {
  const {
    title = "Multi-stage incident",
    description = "",
    status = "active",
    assignedTo = "",
    classification = "",
  } = incident;
  const { id } = bench.graph.incidents.create({
    displayName: title,
    description: description.slice(0, 4_000),
    status,
    assignedTo: assignedTo === "" ? null : assignedTo,
    classification: classification === "" ? null : classification,
  });
  const found = await connector.find(aProjection({ id: id as Incident["id"] }).key, signal);
  if (found === undefined) throw new Error("the twin is not there");
  return found;
}

async function startHarness(): Promise<TicketHarness> {
  const bench = await startSentinelBench();
  const { simulator } = bench;
  const connector = bench.connect();
  const twin = (name: string): NonNullable<ReturnType<SentinelSimulator["twinOf"]>> | undefined =>
    ["29", "30"].map((id) => simulator.twinOf(id)).find((incident) => incident?.name === name);
  return {
    connector,
    refused: bench.connect({ token: () => Promise.resolve("expired") }),
    afterFirstWrite: (happen) => bench.connect({ http: afterFirstWriteOver(bench.http, happen) }),
    seed: (incident) => adopt(bench, connector, incident),
    workAsPerson(ref) {
      const labels = [...(twin(ref.id)?.labels ?? []), { labelName: "vip", labelType: "User" as const }];
      simulator.change(ref.id, { labels, classificationComment: "a person's words" });
    },
    foreign(ref) {
      const { etag: _etag, modifiedMs: _modifiedMs, labels = [], ...rest } = twin(ref.id) ?? {};
      return { ...rest, labels: labels.filter(({ labelName }) => !labelName.startsWith("dex:")) };
    },
    change: { values: {}, tags: { add: ["dex:stage=inProgress", "dex:experts"], remove: ["dex:stage=active"] } },
    shows: (ticket) => ticket.tags.includes("dex:stage=inProgress") && !ticket.tags.includes("dex:stage=active"),
    noteCount: (ref) => simulator.comments(ref.id).length,
    texts: (ref) => simulator.comments(ref.id).map(({ properties }) => properties["message"] ?? ""),
    isLive: (text) => hiddenIn(text) ?? linkIn(text) ?? mentionIn(text) ?? htmlIn(text) ?? markdownIn(text),
    writeMethod: "PUT",
    addFault: simulator.faults.add,
    clearFaults: simulator.faults.clear,
    requestCount: () => simulator.requests.read().total,
    close: bench.close,
  };
}

describeTicketConnector("Sentinel", startHarness);

/** The same promises where Sentinel's own connector is off and the incident is ours. */
async function startManagedHarness(): Promise<TicketHarness> {
  const { simulator, http, connect: connectTo, close } = await startSentinelBench({ connectorOn: false });
  const connect = (overrides: Partial<SentinelOptions> = {}): TicketConnector =>
    connectTo({ mode: "manage", ...overrides });
  const connector = connect();
  return {
    connector,
    refused: connect({ token: () => Promise.resolve("expired") }),
    afterFirstWrite: (happen) => connect({ http: afterFirstWriteOver(http, happen) }),
    seed: (incident) => createManaged(connector, incident),
    workAsPerson(ref) {
      const labels = [...(simulator.incident(ref.id)?.labels ?? []), { labelName: "vip", labelType: "User" as const }];
      simulator.change(ref.id, { labels });
    },
    foreign: (ref) => simulator.incident(ref.id)?.labels.filter(({ labelName }) => labelName === "vip"),
    change: {
      values: { status: "Active", owner: "Defender Experts", severity: "Low" },
      tags: { add: ["dex:stage=inProgress"], remove: ["dex:stage=active"] },
    },
    shows: ({ values, tags }) =>
      values["status"] === "Active" && values["severity"] === "Low" && tags.includes("dex:stage=inProgress"),
    noteCount: (ref) => simulator.comments(ref.id).length,
    texts: (ref) => simulator.comments(ref.id).map(({ properties }) => properties["message"] ?? ""),
    isLive: (text) => hiddenIn(text) ?? linkIn(text) ?? mentionIn(text) ?? htmlIn(text) ?? markdownIn(text),
    writeMethod: "PUT",
    addFault: simulator.faults.add,
    clearFaults: simulator.faults.clear,
    requestCount: () => simulator.requests.read().total,
    close,
  };
}

function createManaged(connector: TicketConnector, incident: Partial<Incident>): Promise<Ticket> {
  if (connector.create === undefined) throw new Error("mode manage makes incidents");
  return connector.create(connector.wanted(aProjection(incident), { survivor: undefined }).fields, signal);
}

describeTicketConnector("Sentinel in mode manage", startManagedHarness);

describe("Sentinel", () => {
  it("finds the twin under a provider name of tomorrow, by its address; a native incident of that number is none", async () => {
    const bench = await startSentinelBench();
    try {
      const connector = bench.connect();
      const { ref } = await adopt(bench, connector, {});
      const key = aProjection({ id: "29" as Incident["id"] }).key;
      bench.simulator.change(ref.id, { providerName: "Microsoft Security" });
      await expect(connector.find(key, signal)).resolves.toMatchObject({ ref: { id: ref.id } });
      bench.simulator.change(ref.id, { providerName: "Azure Sentinel", providerIncidentUrl: "" });
      await expect(connector.find(key, signal)).resolves.toBeUndefined();
    } finally {
      await bench.close();
    }
  });

  const STATUSES = Object.entries(STATUS_OF).filter(([stage]) => stage !== "unrecognised");
  const ASSIGNED: Readonly<Record<string, string>> = { inProgress: "Defender Experts", awaitingAction: "Customer" };

  it.each(STATUSES)("sees no drift where Sentinel's own connector did its work: %s", async (_stage, status) => {
    const bench = await startSentinelBench();
    try {
      const connector = bench.connect();
      const incident = { status, assignedTo: ASSIGNED[status] ?? "" };
      const ticket = await adopt(bench, connector, incident);
      const { expected } = connector.wanted(aProjection(incident), { survivor: undefined });
      expect(Object.keys(expected).length).toBeGreaterThan(0);
      expect(ticket.values).toMatchObject(expected);
    } finally {
      await bench.close();
    }
  });

  it.each(CLASSIFICATIONS.filter((name) => name !== "unrecognised"))(
    "sees no drift of a closing reason: %s",
    async (classification) => {
      const bench = await startSentinelBench();
      try {
        const connector = bench.connect();
        const incident = { status: "resolved", classification };
        const ticket = await adopt(bench, connector, incident);
        expect(ticket.values).toMatchObject(connector.wanted(aProjection(incident), { survivor: undefined }).expected);
      } finally {
        await bench.close();
      }
    },
  );

  it("sees the drift where it did not", async () => {
    const bench = await startSentinelBench();
    try {
      const connector = bench.connect({ mode: "observe" });
      const { ref } = await adopt(bench, connector, { status: "active" });
      bench.simulator.behaviour.connectorOn = false;
      bench.graph.incidents.change("29", { status: "awaitingAction", assignedTo: "Customer" });
      const ticket = await connector.read(ref, signal);
      const awaiting = aProjection({ status: "awaitingAction", assignedTo: "Customer" });
      expect(connector.wanted(awaiting, { survivor: undefined }).expected).toEqual({
        status: "Active",
        owner: "Customer",
        awaitingTag: "present",
      });
      expect(ticket?.values).toMatchObject({ status: "New", owner: "", awaitingTag: "absent" });
    } finally {
      await bench.close();
    }
  });

  it("keeps the tag of Sentinel's own connector, and never sets it", async () => {
    const bench = await startSentinelBench();
    try {
      const connector = bench.connect();
      const { ref } = await adopt(bench, connector, { status: "awaitingAction", assignedTo: "Customer" });
      const { fields } = connector.wanted(aProjection({ status: "awaitingAction" }), { survivor: undefined });
      expect(fields.tags).not.toContain(AWAITING_TAG);
      const updated = await connector.update(ref, { values: {}, tags: { add: fields.tags, remove: [] } }, signal);
      expect(updated.tags).toEqual([AWAITING_TAG, ...fields.tags]);
    } finally {
      await bench.close();
    }
  });

  it("writes nothing at all in mode observe", async () => {
    const bench = await startSentinelBench();
    try {
      const connector = bench.connect({ mode: "observe" });
      const { ref } = await adopt(bench, connector, {});
      await connector.update(ref, { values: {}, tags: { add: ["dex:experts"], remove: [] } }, signal);
      await connector.appendNotes(ref, [{ id: "a".repeat(16), author: "x", createdAt: "", text: "x" }], signal);
      await connector.readNotes?.(ref, signal);
      expect(bench.simulator.twinOf("29")?.labels).toEqual([]);
      expect(Object.keys(bench.simulator.requests.read().byKind).filter((kind) => !kind.startsWith("GET"))).toEqual([]);
    } finally {
      await bench.close();
    }
  });

  it("finds the twin where the filter is refused, and not a native incident of the same number", async () => {
    const bench = await startSentinelBench();
    try {
      bench.simulator.behaviour.providerIncidentIdFilter = "refused";
      const connector = bench.connect();
      for (let made = 0; made < 5; made += 1) bench.graph.incidents.create({});
      const ticket = await connector.find(aProjection().key, signal);
      expect(ticket?.ref.id).toBe(bench.simulator.twinOf("29")?.name);
      await expect(connector.find(aProjection({ id: "1" as Incident["id"] }).key, signal)).resolves.toBeUndefined();
    } finally {
      await bench.close();
    }
  });

  it("merges anew where somebody saves between reading and writing", async () => {
    const bench = await startSentinelBench();
    try {
      let isFirst = true;
      const connector = bench.connect({
        token() {
          // The second request is the PUT: by then a person has added a label.
          if (bench.simulator.requests.of("GET incidents") === 1 && isFirst) {
            isFirst = false;
            bench.simulator.change(ref.id, { labels: [{ labelName: "vip", labelType: "User" }] });
          }
          return Promise.resolve(DEFAULT_SENTINEL_TOKEN);
        },
      });
      const { ref } = await adopt(bench, bench.connect(), {});
      const updated = await connector.update(ref, { values: {}, tags: { add: ["dex:experts"], remove: [] } }, signal);
      expect(isFirst).toBe(false);
      expect(updated.tags).toEqual(["vip", "dex:experts"]);
      expect(bench.simulator.requests.read().byStatus["409"]).toBe(1);
    } finally {
      await bench.close();
    }
  });

  it("writes a note over itself when it is asked again", async () => {
    const bench = await startSentinelBench();
    try {
      const connector = bench.connect();
      const { ref } = await adopt(bench, connector, {});
      const note = {
        id: "0123456789abcdef",
        author: "Defender Experts",
        createdAt: "2026-02-25T16:29:33Z",
        text: "Host isolated.",
      };
      await connector.appendNotes(ref, [note], signal);
      await connector.appendNotes(ref, [{ ...note, mayBeRepeated: true }], signal);
      expect(bench.simulator.comments(ref.id)).toHaveLength(1);
    } finally {
      await bench.close();
    }
  });

  it("renews a token that is refused, once", async () => {
    const bench = await startSentinelBench();
    try {
      const { ref } = await adopt(bench, bench.connect(), {});
      const asked: boolean[] = [];
      const connector = bench.connect({
        token(_signal, { isFresh = false } = {}) {
          asked.push(isFresh);
          return Promise.resolve(isFresh ? DEFAULT_SENTINEL_TOKEN : "withdrawn");
        },
      });
      const updated = await connector.update(ref, { values: {}, tags: { add: ["dex:experts"], remove: [] } }, signal);
      expect(updated.tags).toEqual(["dex:experts"]);
      expect(asked).toEqual([false, true, false, true]);
    } finally {
      await bench.close();
    }
  });

  it("writes over a twin that it has just found without another look, unless somebody was there first", async () => {
    const bench = await startSentinelBench();
    const { requests } = bench.simulator;
    const change = { values: {}, tags: { add: ["dex:experts"], remove: [] } };
    try {
      const connector = bench.connect();
      const first = await adopt(bench, connector, {});
      expect(first.hasNoNotes).toBe(true);
      expect((await connector.update(first.ref, change, signal)).tags).toEqual(["dex:experts"]);
      expect(requests.read().byKind).toEqual({ "GET incidents (list)": 1, "PUT incidents": 1 });

      const second = await adopt(bench, connector, {});
      bench.simulator.change(second.ref.id, { labels: [{ labelName: "vip", labelType: "User" }] });
      expect((await connector.update(second.ref, change, signal)).tags).toEqual(["vip", "dex:experts"]);
      expect(requests.read().byKind).toEqual({
        "GET incidents (list)": 2,
        "PUT incidents": 3,
        "GET incidents": 1,
      });
      await connector.appendNotes(
        second.ref,
        [{ id: "0000000000000001", author: "x", createdAt: "", text: "x" }],
        signal,
      );
      expect((await connector.read(second.ref, signal))?.hasNoNotes).toBeUndefined();
    } finally {
      await bench.close();
    }
  });

  it("looks again before it writes over a twin that it found a while ago", async () => {
    const bench = await startSentinelBench();
    let aheadMs = 0;
    try {
      const connector = bench.connect({ clock: { now: () => Date.now() + aheadMs } });
      const { ref } = await adopt(bench, connector, {});
      aheadMs = 60_000;
      await connector.update(ref, { values: {}, tags: { add: ["dex:experts"], remove: [] } }, signal);
      expect(bench.simulator.requests.of("GET incidents")).toBe(1);
    } finally {
      await bench.close();
    }
  });

  it("says of a twin that is gone what becomes of it", async () => {
    const bench = await startSentinelBench();
    try {
      const missing = { id: "73e01a99-5cd7-4139-a149-9f2736ff2ab5", label: "3177", url: "https://x.test" };
      const change = bench
        .connect()
        .update(missing, { values: {}, tags: { add: ["dex:experts"], remove: [] } }, signal);
      await expect(change).rejects.toMatchObject({ name: "PermanentError", reason: "notFound" });
      await expect(change).rejects.toHaveProperty("mend", expect.stringContaining("looks for a twin anew"));
    } finally {
      await bench.close();
    }
  });

  it("ends in as many windows of its quota as many notes need", async () => {
    const bench = await startSentinelBench();
    try {
      bench.simulator.behaviour.putLimit = 75;
      const connector = bench.connect();
      const { ref } = await adopt(bench, connector, {});
      const notes = Array.from({ length: 80 }, (_unused, index) => ({
        id: index.toString(16).padStart(16, "0"),
        author: "Defender Experts",
        createdAt: "2026-02-25T16:29:33Z",
        text: `note ${index}`,
      }));
      await expect(connector.appendNotes(ref, notes, signal)).rejects.toMatchObject({
        reason: "throttled",
        retryAfterMs: expect.any(Number),
        mayHaveHappened: true,
      });
      const posted = await connector.readNotes?.(ref, signal);
      expect(posted?.size).toBe(75);
      bench.simulator.behaviour.putLimit = 0;
      await connector.appendNotes(
        ref,
        notes.filter(({ id }) => posted?.has(id) !== true),
        signal,
      );
      expect(bench.simulator.comments(ref.id)).toHaveLength(80);
    } finally {
      await bench.close();
    }
  });

  it("waits as long as the service says once its writes are spent", async () => {
    const bench = await startSentinelBench();
    try {
      bench.simulator.behaviour.putLimit = 1;
      const connector = bench.connect();
      const { ref } = await adopt(bench, connector, {});
      await connector.update(ref, { values: {}, tags: { add: ["dex:experts"], remove: [] } }, signal);
      const again = connector.update(ref, { values: {}, tags: { add: ["dex:stage=active"], remove: [] } }, signal);
      await expect(again).rejects.toMatchObject({ reason: "throttled" });
      await expect(again).rejects.toHaveProperty("retryAfterMs", expect.any(Number));
    } finally {
      await bench.close();
    }
  });

  describe("checks its configuration", () => {
    it.each([
      ["tag", "responder", []],
      ["tag", "reader", [["error", "mode"]]],
      ["tag", "hidden", [["warning", "mode"]]],
      ["observe", "reader", []],
    ] as const)("mode %s with the rights of a %s", async (mode, role, expected) => {
      const bench = await startSentinelBench();
      try {
        bench.simulator.behaviour.role = role;
        const findings = (await bench.connect({ mode }).check?.(signal)) ?? [];
        expect(findings.map(({ severity, place }) => [severity, place])).toEqual(expected);
        expect(findings.every(({ mend }) => mend.includes("Microsoft Sentinel Responder"))).toBe(true);
      } finally {
        await bench.close();
      }
    });

    it("says that the workspace is another, or the token refused; and fails where nothing answers", async () => {
      const bench = await startSentinelBench();
      try {
        for (const wrong of [{ workspace: "elsewhere" }, { token: () => Promise.resolve("wrong") }])
          await expect(bench.connect(wrong).check?.(signal)).resolves.toMatchObject([
            { severity: "error", place: "workspace" },
          ]);
        bench.simulator.faults.add({ kind: "status", status: 503 });
        await expect(bench.connect().check?.(signal)).rejects.toMatchObject({ reason: "unavailable" });
      } finally {
        await bench.close();
      }
    });
  });
});
