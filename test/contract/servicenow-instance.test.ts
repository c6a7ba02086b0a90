import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CheckFinding, Ticket, TicketConnector } from "../../shared/connectors/connector.ts";
import { STAGES } from "../../shared/incident/lifecycle.ts";
import { STATUS_OF, aProjection, anAlertsPart } from "../shared/connectors/a-projection.ts";
import { type Bench, SECURITY_CODES, create, signal, startBench } from "./servicenow-bench.ts";

let bench: Bench;
let security: Bench;
beforeEach(async () => {
  bench = await startBench();
  security = await startBench("sn_si_incident");
});
afterEach(() => Promise.all([bench.close(), security.close()]));

function move(connector: TicketConnector, { ref }: Ticket, status: string): Promise<Ticket> {
  const { values } = connector.wanted(aProjection({ status }), { survivor: undefined }).fields;
  return connector.update(ref, { values, tags: { add: [], remove: [] } }, signal);
}

function found(connector: TicketConnector): Promise<readonly CheckFinding[]> {
  if (connector.check === undefined) throw new Error("this connector checks its configuration");
  return connector.check(signal);
}

describe("sn_si_incident", () => {
  const states = { active: "10", inProgress: "16", awaitingCustomerAction: "18", resolved: "3", redirected: "3" };

  it.each(STAGES)("takes a ticket in stage %s, new or changed, and answers it as it was written", async (stage) => {
    const connector = security.connect();
    const { values } = connector.wanted(aProjection({ status: STATUS_OF[stage] }), { survivor: undefined }).fields;
    expect(values["state"]).toBe(stage === "unrecognised" ? undefined : states[stage]);
    expect((await create(connector, { status: STATUS_OF[stage] })).values).toMatchObject(values);
    const other = await create(connector, { status: "active", title: "Old title" });
    expect((await move(connector, other, STATUS_OF[stage])).values).toMatchObject(values);
  });

  it("goes back to Analysis when it is reopened, and to its parent when it is merged", async () => {
    const connector = security.connect();
    const survivor = await create(connector, { title: "Survivor" });
    const ticket = await create(connector, { status: "resolved" });
    expect(ticket.isFinal).toBe(false);
    const reopened = connector.wanted(aProjection({ status: "active" }, [], ["resolved"]), { survivor: undefined });
    const changes = { values: reopened.fields.values, tags: { add: [], remove: [] } };
    expect((await connector.update(ticket.ref, changes, signal)).values["state"]).toBe("16");
    const merged = connector.wanted(aProjection({ status: "redirected" }), { survivor: survivor.ref });
    await connector.update(ticket.ref, { values: merged.fields.values, tags: { add: [], remove: [] } }, signal);
    expect(security.tickets.get(ticket.ref.id)?.fields).toMatchObject({ state: "3", parent: survivor.ref.id });
  });

  describe("where a state may not be left out", () => {
    beforeEach(() => {
      security.simulator.behaviour.securityJumps = "refused";
    });

    it("writes everything else, and asks once in a work note", async () => {
      const connector = security.connect();
      const ticket = await create(connector, { status: "active" });
      for (const _attempt of [1, 2]) {
        const moved = await move(connector, ticket, "resolved");
        expect(moved.values).toMatchObject({ state: "10" });
        expect(moved.values["description"]).toContain("Stage: Resolved");
      }
      const notes = security.tickets.journal(ticket.ref.id);
      expect(notes).toHaveLength(1);
      expect(notes[0]).toMatchObject({ element: "work_notes", value: expect.stringContaining("in state 3") });
      expect(notes[0]?.value).toContain("Close code: Not resolved");
      // A step that is allowed needs no note.
      expect((await move(connector, ticket, "inProgress")).values["state"]).toBe("16");
    });

    it("asks again without a journal to read", async () => {
      security.simulator.behaviour.journalReadable = false;
      const connector = security.connect();
      const ticket = await create(connector, { status: "active" });
      for (const _attempt of [1, 2]) await move(connector, ticket, "resolved");
      expect(security.tickets.journal(ticket.ref.id)).toHaveLength(2);
    });

    it("makes a ticket in the state that the instance begins with, with the note in the same request", async () => {
      const connector = security.connect();
      const ticket = await create(connector, { status: "awaitingAction" });
      expect(ticket.values["state"]).toBe("10");
      expect(security.tickets.journal(ticket.ref.id)).toHaveLength(1);
      expect(security.simulator.requests.read().byKind).toMatchObject({ "create sn_si_incident": 2 });
    });

    it("asks in work notes also where the incident's comments are what the customer sees", async () => {
      const connector = security.connect({ mapping: { ...SECURITY_CODES, notes: "comments" } });
      const asked = await create(connector, { status: "awaitingAction" });
      const moved = await create(connector, { status: "active" });
      for (const _attempt of [1, 2]) await move(connector, moved, "resolved");
      for (const { ref } of [asked, moved]) {
        const notes = security.tickets.journal(ref.id);
        expect(notes.map(({ element }) => element)).toEqual(["work_notes"]);
      }
    });

    it("is refused as a whole where it is not the state", async () => {
      const connector = security.connect();
      const ticket = await create(connector, { status: "active" });
      security.simulator.behaviour.mandatoryColumns = "business_criticality";
      await expect(move(connector, ticket, "resolved")).rejects.toMatchObject({
        name: "PermanentError",
        reason: "rejected",
        message: expect.stringContaining("business_criticality"),
      });
    });

    it("says that a record is closed for good where the instance has it so", async () => {
      const connector = security.connect();
      const ticket = await create(connector, { status: "active" });
      security.simulator.changeAsAdmin(ticket.ref.id, { state: "3" });
      security.simulator.behaviour.securityClosedIsFinal = true;
      await expect(move(connector, ticket, "inProgress")).rejects.toMatchObject({ reason: "final" });
    });
  });
});

describe("the check of a configuration", () => {
  it("finds nothing where everything fits", async () => {
    await expect(found(bench.connect({ mapping: { assignmentGroup: "SOC", onHold: true } }))).resolves.toEqual([]);
    await expect(found(security.connect())).resolves.toEqual([]);
  });

  it("names each state, close code, hold reason and level that the instance does not have", async () => {
    bench.simulator.choices.deactivate("incident", "close_code", "Duplicate");
    bench.simulator.choices.deactivate("incident", "hold_reason", "1");
    const mapping = {
      onHold: true,
      states: { inProgress: "22" },
      closeCodes: { truePositive: "No such code" },
      impact: { high: "9" },
    };
    const findings = await found(bench.connect({ mapping }));
    expect(findings.map(({ severity, place }) => [severity, place])).toEqual([
      ["error", "mapping.states.inProgress"],
      ["error", "mapping.closeCodes.truePositive"],
      ["error", "mapping.duplicateCloseCode"],
      ["warning", "mapping.onHold"],
      ["warning", "mapping.impact.high"],
    ]);
    expect(findings[1]).toMatchObject({
      problem: expect.stringContaining('the instance has no resolution code "No such code" in incident; it has'),
      mend: expect.stringContaining("mapping.closeCodes.truePositive"),
    });
  });

  it.each([
    ["choicesReadable", "warning", "mapping"],
    ["journalReadable", "warning", "auth"],
    ["groupsReadable", "warning", "mapping.assignmentGroup"],
  ] as const)("goes on without %s, and says so", async (right, severity, place) => {
    bench.simulator.behaviour[right] = false;
    await expect(found(bench.connect())).resolves.toMatchObject([{ severity, place }]);
  });

  it.each([
    ["no such group", { assignmentGroup: "Nobody" }, "mapping.assignmentGroup"],
    ["no group of that id", { assignmentGroup: "0".repeat(32) }, "mapping.assignmentGroup"],
    ["no such caller", { callerId: "nobody" }, "mapping.callerId"],
    ["our own account as the caller on hold", { callerId: "dex-sync", onHold: true }, "mapping.callerId"],
  ])("names %s", async (_name, mapping, place) => {
    await expect(found(bench.connect({ mapping }))).resolves.toMatchObject([{ severity: "error", place }]);
  });

  it("says that the key cannot be read before a look-up is believed", async () => {
    await create(bench.connect(), {});
    bench.simulator.changeAsAdmin([...bench.tickets.all()][0]?.sysId ?? "", { correlation_id: "" });
    bench.simulator.behaviour.keyReadable = false;
    await expect(found(bench.connect())).resolves.toMatchObject([{ severity: "error", place: "table" }]);
  });

  it("says that the sign-in is refused, or the table closed", async () => {
    const wrong = bench.connect({ auth: { kind: "apiKey", key: "wrong" } });
    await expect(found(wrong)).resolves.toMatchObject([{ severity: "error", place: "auth" }]);
    bench.simulator.faults.add({ kind: "status", status: 403, match: "GET /api/now/table/incident" });
    await expect(found(bench.connect())).resolves.toMatchObject([{ severity: "error", place: "table" }]);
  });

  it("fails as a call does where the tool does not answer", async () => {
    bench.simulator.faults.add({ kind: "status", status: 503 });
    await expect(found(bench.connect())).rejects.toMatchObject({ name: "RetryableError", reason: "unavailable" });
  });
});

describe("what the instance is known not to have", () => {
  it("is refused for the tickets it hits, with the mend, and flows once it is there", async () => {
    let now = Date.now();
    const mapping = { closeCodes: { unknown: "House code" } };
    const connector = bench.connect({ mapping, clock: { now: () => now } });
    await found(connector);
    const ticket = await create(connector, { status: "active" });
    bench.simulator.requests.reset();
    await expect(move(connector, ticket, "resolved")).rejects.toMatchObject({
      name: "PermanentError",
      reason: "rejected",
      message: expect.stringContaining('no resolution code "House code"'),
      mend: expect.stringContaining("mapping.closeCodes"),
    });
    expect(bench.simulator.requests.read().total).toBe(0);
    // The others flow.
    await move(connector, ticket, "inProgress");
    bench.simulator.choices.add("incident", "close_code", "House code");
    now += 60_000;
    expect((await move(connector, ticket, "resolved")).values["close_code"]).toBe("House code");
  });
});

describe("groups and callers", () => {
  it("are sent by id and compared by the name that is configured", async () => {
    const connector = bench.connect({ mapping: { assignmentGroup: "SOC", callerId: "beth.anglin" } });
    const ticket = await create(connector, { status: "awaitingAction" });
    expect(ticket.values).toMatchObject({ assignment_group: "SOC", caller_id: "beth.anglin" });
    const stored = bench.tickets.get(ticket.ref.id)?.fields ?? {};
    expect(stored["assignment_group"]).toMatch(/^[0-9a-f]{32}$/);
    const other = bench.simulator.directory.rows("sys_user_group").find(({ name }) => name === "Service Desk");
    bench.simulator.changeAs("beth.anglin", ticket.ref.id, { assignment_group: other?.["sys_id"] ?? "" });
    const read = await connector.read(ticket.ref, signal);
    expect(read?.values["assignment_group"]).toBe(other?.["sys_id"]);
    expect(bench.simulator.requests.of("list sys_user_group")).toBe(1);
  });

  it("that are not there are left out; those that cannot be looked up are sent as they stand", async () => {
    const ticket = await create(bench.connect({ mapping: { assignmentGroup: "Nobody" } }), {
      status: "awaitingAction",
    });
    expect(ticket.values["assignment_group"]).toBe("");
    bench.simulator.behaviour.groupsReadable = false;
    const sent = await create(bench.connect(), { status: "awaitingAction" });
    expect(bench.tickets.get(sent.ref.id)?.fields["assignment_group"]).toMatch(/^[0-9a-f]{32}$/);
    expect(sent.values).not.toHaveProperty("assignment_group");
  });
});

describe("the evidence as a file", () => {
  const alerts = anAlertsPart({
    evidence: [
      {
        kind: "file",
        name: '=HYPERLINK("http://evil.test")',
        detail: '@SUM(1), a "quote"',
        actionId: "",
        verdict: "malicious",
        remediation: "none",
        remediationDetails: "",
      },
    ],
  });

  function filesOf(connector: TicketConnector, status: string) {
    return connector.wanted(aProjection({ status, alerts }), { survivor: undefined }).attachments;
  }

  it("is wanted only where it was asked for, on the handover and on the resolution", () => {
    expect(filesOf(bench.connect(), "awaitingAction")).toBeUndefined();
    const connector = bench.connect({ mapping: { attachEvidence: true } });
    expect(filesOf(connector, "awaitingAction")?.map(({ name }) => name)).toEqual([
      "defender-evidence-29-awaitingCustomerAction.csv",
    ]);
    expect(filesOf(connector, "resolved")?.map(({ name }) => name)).toEqual(["defender-evidence-29-resolved.csv"]);
    expect(filesOf(connector, "inProgress")).toEqual([]);
  });

  it("is attached once however often asked, and runs in no spreadsheet", async () => {
    const connector = bench.connect({ mapping: { attachEvidence: true } });
    const ticket = await create(connector, { status: "awaitingAction" });
    const [file] = filesOf(connector, "awaitingAction") ?? [];
    if (file === undefined || connector.attach === undefined) throw new Error("there is evidence to attach");
    for (const _time of [1, 2, 3]) await connector.attach(ticket.ref, file, signal);
    const attached = bench.simulator.attachments.of(ticket.ref.id);
    expect(attached.map(({ row }) => [row.file_name, row.content_type])).toEqual([[file.name, "text/csv"]]);
    const [head, row] = attached[0]?.content.split("\r\n") ?? [];
    expect(head).toBe('"kind","name","detail","verdict","remediation","remediationDetails"');
    const cells = (row ?? "").slice(1, -1).split('","');
    expect(cells).toHaveLength(6);
    expect(cells.filter((cell) => /^\s*[=+\-@\t]/.test(cell))).toEqual([]);
    expect(row).not.toContain("http://");
    expect(row).toContain('a ""quote""');
  });

  it("that is not taken says what to do about it", async () => {
    const connector = bench.connect({ mapping: { attachEvidence: true } });
    const ticket = await create(connector, { status: "awaitingAction" });
    bench.simulator.behaviour.attachmentsWritable = false;
    const [file] = filesOf(connector, "awaitingAction") ?? [];
    if (file === undefined) throw new Error("there is evidence to attach");
    await expect(connector.attach?.(ticket.ref, file, signal)).rejects.toMatchObject({
      reason: "rejected",
      mend: expect.stringContaining("attachEvidence"),
    });
  });
});

describe("notes for the customer", () => {
  it("go to comments only where that was asked for", async () => {
    const note = { id: "a".repeat(16), author: "x", createdAt: "2026-02-25T16:29:33Z", text: "y" };
    for (const [mapping, element] of [
      [{}, "work_notes"],
      [{ notes: "comments" }, "comments"],
    ] as const) {
      const connector = bench.connect({ mapping });
      const ticket = await create(connector, {});
      await connector.appendNotes(ticket.ref, [note], signal);
      expect(bench.tickets.journal(ticket.ref.id).map((entry) => entry.element)).toEqual([element]);
      await expect(connector.readNotes?.(ticket.ref, signal)).resolves.toEqual(new Set([note.id]));
    }
  });
});

describe("columns of the user's own", () => {
  it("are in each ticket, so that a data policy is content", async () => {
    security.simulator.behaviour.mandatoryColumns = "business_criticality";
    await expect(create(security.connect(), {})).rejects.toThrow(/business_criticality/);
    const mapping = { ...SECURITY_CODES, fields: { business_criticality: "2" } };
    const ticket = await create(security.connect({ mapping }), {});
    expect(ticket.values).toMatchObject({ business_criticality: "2" });
  });
});

describe.each(["incident", "sn_si_incident"] as const)("requests for a pass on %s", (table) => {
  const updated = { [`change ${table}`]: 1 };
  const kinds = (of: Bench): unknown => {
    const { byKind } = of.simulator.requests.read();
    of.simulator.requests.reset();
    return byKind;
  };

  it("are as the connector's README counts them", async () => {
    const used = table === "incident" ? bench : security;
    const connector = used.connect();
    await found(connector);
    expect(kinds(used)).toEqual({
      [`list ${table}`]: 1,
      "list sys_choice": 1,
      "list sys_user_group": 1,
      "list sys_journal_field": 1,
    });
    await connector.find(aProjection().key, signal);
    const ticket = await create(connector, { status: "active" });
    expect(kinds(used)).toEqual({ [`list ${table}`]: 1, [`create ${table}`]: 1 });
    for (const status of ["inProgress", "awaitingAction", "resolved"]) {
      await move(connector, ticket, status);
      expect(kinds(used)).toEqual(updated);
    }
    const note = { id: "a".repeat(16), author: "x", createdAt: "2026-02-25T16:29:33Z", text: "y" };
    await connector.appendNotes(ticket.ref, [note, { ...note, id: "b".repeat(16) }], signal);
    expect(kinds(used)).toEqual(updated);
    await connector.attach?.(ticket.ref, { name: "evidence.csv", mediaType: "text/csv", text: "a" }, signal);
    expect(kinds(used)).toEqual({ "list attachment": 1, "create attachment": 1 });
    if (table === "incident") return;
    security.simulator.behaviour.securityJumps = "refused";
    await move(connector, ticket, "active");
    // Refused, read, the rest, the journal, the note.
    expect(kinds(used)).toEqual({ [`change ${table}`]: 3, [`read ${table}`]: 1, "list sys_journal_field": 1 });
  });
});
