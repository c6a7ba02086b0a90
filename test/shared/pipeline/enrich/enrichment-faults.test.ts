import { describe, expect, it } from "vitest";
import { PermanentError, RetryableError } from "../../../../shared/errors.ts";
import type { Alert, AlertsPart, Evidence, IncidentId, Task } from "../../../../shared/incident/incident.ts";
import { earlierBy, revisionFromMs } from "../../../../shared/incident/revision.ts";
import { readPollState } from "../../../../shared/pipeline/poll-state.ts";
import { MAX_ROW_CHARACTERS, rowText } from "../../../../shared/pipeline/ports/table-rules.ts";
import type { NextPage, Window } from "../../../../shared/pipeline/ports/source.ts";
import { packSnapshot } from "../../../../shared/pipeline/stored-snapshot.ts";
import { TENANT, anIncident } from "../../../build.ts";
import { pollFor } from "../../../poll-for.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TEXT = { executiveSummary: "x", recommendedActions: "y", huntingQueries: [] };

async function alertsOf(tenant: SourceTenant, id: string): Promise<AlertsPart | undefined> {
  return (await tenant.snapshot(id))?.incident.alerts;
}

async function stateOf(tenant: SourceTenant) {
  const held = await readPollState(tenant.tables.control, TENANT);
  if (held === undefined) throw new Error("no poll state");
  return held.state;
}

function unauthorized(): Promise<never> {
  return Promise.reject(new RetryableError("unauthorized", "401 on beta"));
}

describe("a part that refuses the credential (401) that is good for the list", () => {
  it.each(["tasks", "notification", "alertsPage"] as const)(
    "(%s) pauses nothing, and the alerts are read",
    async (part) => {
      const tenant = createTenant();
      tenant.change("1", { status: "awaitingAction", title: "Defender Experts: x" });
      tenant.parts[part] = unauthorized;
      const reports = [await tenant.poll(), ...(await pollFor(tenant, 30 * MINUTE))];
      expect(new Set(reports.map((report) => report.outcome))).toEqual(new Set(["polled"]));
      expect(await alertsOf(tenant, "1")).toBeDefined();
      expect(Object.values((await stateOf(tenant)).refused).map((refused) => refused.status)).toContain(401);
    },
  );

  it("(alerts) is asked for again after an hour, the tasks meanwhile being read", async () => {
    const tenant = createTenant();
    tenant.change("1", { status: "awaitingAction" });
    tenant.parts.details = unauthorized;
    tenant.parts.tasks = () =>
      Promise.resolve({ readAt: tenant.clock.now(), rows: [taskOf("1", 1)], isComplete: true });
    const reports = [await tenant.poll(), ...(await pollFor(tenant, 30 * MINUTE, MINUTE))];
    expect(new Set(reports.map((report) => report.outcome))).toEqual(new Set(["polled"]));
    expect(tenant.requests.alerts).toBe(1);
    expect((await tenant.snapshot("1"))?.incident.tasks?.rows).toHaveLength(1);
    delete tenant.parts.details;
    await pollFor(tenant, 35 * MINUTE, MINUTE);
    expect(await alertsOf(tenant, "1")).toBeDefined();
  });
});

describe("404 and 400 to a path with an incident's id", () => {
  it.each([400, 404])("(%d) on beta concern this incident alone", async (refused) => {
    const tenant = createTenant();
    let asked = 0;
    tenant.parts.notification = (id) => {
      if (id !== "1") return Promise.resolve(TEXT);
      asked += 1;
      return Promise.resolve({ refused });
    };
    tenant.change("1", { title: "Defender Experts: gone" });
    await pollFor(tenant, MINUTE);
    tenant.change("2", { title: "Defender Experts: real" });
    await pollFor(tenant, 2 * HOUR, MINUTE);
    expect((await tenant.snapshot("2"))?.incident.notification).toMatchObject(TEXT);
    expect((await tenant.snapshot("1"))?.incident.notification).toMatchObject({ foundBy: "title" });
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThanOrEqual(8);
    await pollFor(tenant, 2 * DAY, 10 * MINUTE);
    expect(asked).toBeLessThanOrEqual(16);
  });

  it.each([400, 404])("(%d) on alerts concern this incident alone", async (refused) => {
    const tenant = createTenant();
    const { source } = tenant.deps;
    const details = source.details.bind(source);
    let asked = 0;
    source.details = (id, signal) => {
      if (id !== "1") return details(id, signal);
      asked += 1;
      return Promise.resolve({ refused });
    };
    tenant.change("1");
    await pollFor(tenant, MINUTE);
    tenant.change("2", { status: "awaitingAction" });
    await pollFor(tenant, MINUTE);
    expect(await alertsOf(tenant, "2")).toBeDefined();
    await pollFor(tenant, 2 * DAY, 10 * MINUTE);
    expect(asked).toBeGreaterThan(5);
    expect(asked).toBeLessThanOrEqual(16);
  });

  it.each([403, 501])("are the tenant's where they are %d", async (refused) => {
    const tenant = createTenant();
    tenant.parts.details = () => Promise.resolve({ refused });
    for (const id of ["1", "2", "3"]) tenant.change(id);
    await pollFor(tenant, HOUR, MINUTE);
    expect(tenant.requests.alerts).toBe(1);
  });
});

describe("a look for the experts' alerts that is cut short", () => {
  function withAlertsList() {
    const tenant = createTenant({ requestsPerMinute: 5 });
    const now = tenant.clock.now();
    tenant.change("1");
    tenant.change("77", { revision: earlierBy(revisionFromMs(now), 40 * DAY), createdAt: "2025-01-01T00:00:00Z" });
    const stubs = Array.from({ length: 300 }, (_unused, index) => ({
      incidentId: index === 10 ? "77" : "1",
      detectionSource: index === 10 ? "microsoftThreatExperts" : "antivirus",
      created: revisionFromMs(now - 20 * HOUR + index * MINUTE),
      updated: revisionFromMs(now),
    }));
    const told: { refuses: boolean; isPartial: boolean; asked: (Window | NextPage)[] } = {
      refuses: false,
      isPartial: false,
      asked: [],
    };
    const links = new Map<string, { window: Window; offset: number }>();
    tenant.parts.alertsPage = (page) => {
      told.asked.push(page);
      if (told.refuses) return Promise.resolve({ refused: 403 });
      if (told.isPartial) return Promise.resolve({ rows: [], isPartial: true });
      const { window, offset } = "next" in page ? (links.get(page.next) ?? never()) : { window: page, offset: 0 };
      const rows = stubs
        .filter((row) => row.created >= window.from && (window.to === undefined || row.created <= window.to))
        .toSorted((a, b) => (a.created < b.created ? 1 : -1));
      const next = `${links.size}`;
      links.set(next, { window, offset: offset + 100 });
      return Promise.resolve({
        rows: rows.slice(offset, offset + 100),
        ...(offset + 100 < rows.length ? { next } : {}),
      });
    };
    return { tenant, told };
  }

  it("by a refusal keeps what is unread, and finds it once it may", async () => {
    const { tenant, told } = withAlertsList();
    await tenant.poll();
    const before = (await stateOf(tenant)).alerts;
    expect(before.unread).not.toEqual([]);
    told.refuses = true;
    await pollFor(tenant, 30 * MINUTE, 30 * SECOND);
    expect((await stateOf(tenant)).alerts).toMatchObject({ unread: before.unread, cursor: before.cursor });
    told.refuses = false;
    await pollFor(tenant, 26 * HOUR, 5 * MINUTE);
    expect(await tenant.snapshot("77")).toBeDefined();
  });

  it("by an answer in part (206) is done again from there, once every five minutes", async () => {
    const { tenant, told } = withAlertsList();
    told.isPartial = true;
    await tenant.poll();
    await pollFor(tenant, 30 * MINUTE, 30 * SECOND);
    expect(told.asked).toHaveLength(7);
    expect((await stateOf(tenant)).alerts.unread).toEqual([]);
    told.isPartial = false;
    await pollFor(tenant, 20 * MINUTE, MINUTE);
    expect(await tenant.snapshot("77")).toBeDefined();
  });

  it("by an answer in part in the middle of it, too", async () => {
    const { tenant, told } = withAlertsList();
    await tenant.poll();
    told.isPartial = true;
    await pollFor(tenant, 30 * MINUTE, 30 * SECOND);
    told.isPartial = false;
    await pollFor(tenant, 40 * MINUTE, MINUTE);
    expect(await tenant.snapshot("77")).toBeDefined();
  });
});

describe("alerts of a handover, and of an incident that moved", () => {
  it("do not wait behind those of a long first run", async () => {
    const tenant = createTenant({ requestsPerMinute: 25 });
    const now = tenant.clock.now();
    for (let index = 0; index < 700; index += 1) {
      tenant.change(`1${`${index}`.padStart(4, "0")}`, { revision: revisionFromMs(now - 10 * DAY + index * MINUTE) });
    }
    await pollFor(tenant, 10 * MINUTE);
    tenant.change("99", { status: "awaitingAction" });
    tenant.change("10600", { status: "resolved" });
    await pollFor(tenant, 2 * MINUTE);
    expect(await alertsOf(tenant, "99")).toBeDefined();
    expect(await alertsOf(tenant, "10600")).toBeDefined();
    await pollFor(tenant, 90 * MINUTE, 30 * SECOND);
    expect(tenant.requests.alerts).toBeLessThan(740);
    for (const id of tenant.rows.keys()) expect(await alertsOf(tenant, id)).toBeDefined();
    const wanted = await tenant.tables.open.range(TENANT, { from: "wants:", to: "wants;" });
    expect(wanted.map(({ row }) => row)).toEqual(["wants:!99"]);
  });
});

describe("the text of a notification that cannot be had", () => {
  it.each([
    ["for a while", new RetryableError("unavailable", "503 beta")],
    ["at all", new PermanentError("rejected", "beta")],
    ["for the quota", new RetryableError("throttled", "429", { retryAfterMs: SECOND })],
  ])("%s withholds no alerts, and is asked for less and less often", async (_name, error) => {
    const tenant = createTenant();
    let asked = 0;
    tenant.parts.notification = () => {
      asked += 1;
      return Promise.reject(error);
    };
    tenant.change("1", { title: "Defender Experts: x" });
    await tenant.poll();
    expect(await alertsOf(tenant, "1")).toBeDefined();
    await pollFor(tenant, 3 * HOUR, MINUTE);
    expect(asked).toBeGreaterThan(3);
    expect(asked).toBeLessThanOrEqual(9);
    tenant.parts.notification = () => Promise.resolve(TEXT);
    await pollFor(tenant, HOUR + MINUTE, MINUTE);
    expect((await tenant.snapshot("1"))?.incident.notification).toMatchObject(TEXT);
  });
});

describe("touches without a change", () => {
  it.each(["active", "awaitingAction"])("of an incident that is %s cost a read every five minutes", async (status) => {
    const tenant = createTenant();
    tenant.change("1", { status });
    await pollFor(tenant, 10 * MINUTE);
    const before = tenant.requests.alerts;
    for (let touches = 0; touches < 40; touches += 1) {
      tenant.change("1");
      await pollFor(tenant, 15 * SECOND);
    }
    expect(tenant.requests.alerts - before).toBeLessThanOrEqual(2);
  });
});

function taskOf(incidentId: string, index: number, fields: Partial<Task> = {}) {
  const task: Task = {
    id: `${index}`,
    title: "t",
    description: "",
    status: "open",
    actionStatus: "",
    actionType: "",
    source: "",
    target: "",
    createdAt: `2026-06-01T00:00:${index + 10}Z`,
    updatedAt: "",
    updatedBy: "",
    ...fields,
  };
  return { incidentId: incidentId as IncidentId, task };
}

describe("an incident that is too large for its row", () => {
  function alertsTooLarge(readAt: number): AlertsPart {
    const evidence = Array.from({ length: 100 }, (_unused, index): Evidence => ({
      kind: "process",
      name: `n${index}`.padEnd(300, "n"),
      detail: "d".repeat(300),
      actionId: "a".repeat(40),
      verdict: "suspicious",
      remediation: "none",
      remediationDetails: "",
    }));
    const rows = Array.from({ length: 50 }, (_unused, index): Alert => ({
      id: `${index}`,
      title: "t".repeat(300),
      severity: "high",
      status: "new",
      serviceSource: "s",
      detectionSource: "x",
      category: "c",
      mitreTechniques: [],
      investigationState: "running",
      assignedTo: "",
      classification: "",
      determination: "",
      createdAt: "",
      resolvedAt: "",
    }));
    return { readAt, count: 50, rows, assets: [], evidence };
  }

  it("is kept in short, said once, and published no more for that; the tasks of the others are kept", async () => {
    const tenant = createTenant();
    const comments = Array.from({ length: 250 }, (_unused, index) => ({
      author: "a",
      createdAt: `${index}`,
      text: "x".repeat(1_200),
    }));
    tenant.change("1", {
      status: "awaitingAction",
      comments,
      description: "d".repeat(32_000),
      summary: "s".repeat(32_000),
    });
    tenant.change("2", { status: "awaitingAction" });
    tenant.parts.details = (id) => {
      const readAt = tenant.clock.now();
      const none = { readAt, count: 0, rows: [], assets: [], evidence: [] };
      return Promise.resolve({ incident: undefined, alerts: id === "1" ? alertsTooLarge(readAt) : none, requests: 1 });
    };
    const tasks = [
      ...Array.from({ length: 50 }, (_unused, index) =>
        taskOf("1", index, { title: "i".repeat(300), description: "d".repeat(800), target: "x".repeat(200) }),
      ),
      taskOf("2", 1),
    ];
    tenant.parts.tasks = () => Promise.resolve({ readAt: tenant.clock.now(), rows: tasks, isComplete: true });
    await pollFor(tenant, 10 * MINUTE);
    tenant.deltas();
    const touchUntil = tenant.clock.now() + 30 * MINUTE;
    while (tenant.clock.now() < touchUntil) {
      tenant.change("1");
      await pollFor(tenant, MINUTE);
    }
    expect(tenant.deltas()).toEqual([]);
    const snapshot = await tenant.snapshot("1");
    expect(snapshot?.incident.alerts).toMatchObject({ count: 50 });
    expect(snapshot?.incident.alerts?.evidence).toHaveLength(20);
    expect(snapshot?.incident.tasks?.rows).toHaveLength(50);
    expect(snapshot === undefined ? 0 : rowText(packSnapshot(snapshot)).length).toBeLessThan(MAX_ROW_CHARACTERS);
    expect((await tenant.snapshot("2"))?.incident.tasks?.rows).toHaveLength(1);
    const levels = tenant.logged
      .filter((line) => line.fields["cutLevel"] !== undefined)
      .map((line) => line.fields["cutLevel"]);
    expect(levels).toEqual([...new Set(levels)]);
    expect(levels.length).toBeGreaterThan(0);
  });

  it("whatever is left out holds up none of the others' tasks", async () => {
    const tenant = createTenant();
    tenant.change("1", { status: "awaitingAction" });
    tenant.change("2", { status: "awaitingAction" });
    const rows = [taskOf("1", 1, { title: "t".repeat(MAX_ROW_CHARACTERS) }), taskOf("2", 2)];
    tenant.parts.tasks = () => Promise.resolve({ readAt: tenant.clock.now(), rows, isComplete: true });
    const reports = [await tenant.poll(), ...(await pollFor(tenant, 5 * MINUTE))];
    expect(new Set(reports.map((report) => report.outcome))).toEqual(new Set(["polled"]));
    expect((await tenant.snapshot("2"))?.incident.tasks?.rows).toHaveLength(1);
    expect(tenant.logged.some((line) => line.message === "the tasks of an incident cannot be kept")).toBe(true);
  });
});

describe("requests", () => {
  it("for incidents asked for by name end with the budget; the others are asked for again", async () => {
    const tenant = createTenant({ requestsPerMinute: 10 });
    await tenant.poll();
    const ids = Array.from({ length: 100 }, (_unused, index) => `${index}`);
    for (const id of ids) tenant.rows.set(id, anIncident({ id: id as IncidentId, revision: revisionFromMs(0) }));
    const report = await tenant.poll(ids);
    expect(tenant.requests.get).toBeLessThanOrEqual(10);
    expect(report.untouched).toEqual(ids.slice(tenant.requests.get));
  });

  it("for the list of tasks are counted where it took two", async () => {
    const tenant = createTenant();
    tenant.change("1", { status: "awaitingAction" });
    tenant.parts.tasks = () => Promise.resolve({ readAt: tenant.clock.now(), rows: [], isComplete: true, requests: 2 });
    expect((await tenant.poll()).streams["tasks"]).toBe(2);
  });
});

function never(): never {
  throw new Error("a link that nobody gave");
}
