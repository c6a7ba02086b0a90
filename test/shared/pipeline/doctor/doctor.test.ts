import { describe, expect, it } from "vitest";
import { createMemoryTables } from "../../../../local/store/memory-tables.ts";
import { RetryableError } from "../../../../shared/errors.ts";
import type { DoctorFinding, SecretState } from "../../../../shared/pipeline/doctor/diagnosis.ts";
import { type DoctorDeps, examine } from "../../../../shared/pipeline/doctor/examine.ts";
import type { Source } from "../../../../shared/pipeline/ports/source.ts";
import type { Table, Tables } from "../../../../shared/pipeline/ports/table.ts";
import { TENANT, anIncident } from "../../../build.ts";
import { createRecordingBus } from "../../../recording-bus.ts";
import { createVirtualClock } from "../../../virtual-clock.ts";

const DAY = 24 * 60 * 60_000;

/** A source of which every call answers well, but for what is given. */
function aSource(clock: { now(): number }, given: Partial<Source> = {}): Source {
  const not = () => Promise.reject(new Error("not asked"));
  return {
    listPage: () => Promise.resolve({ rows: [], servedAt: clock.now(), isPartial: false }),
    alertsPage: () => Promise.resolve({ rows: [] }),
    tasks: () => Promise.resolve({ readAt: clock.now(), rows: [], isComplete: true }),
    get: not,
    details: not,
    notification: not,
    ...given,
  };
}

function createPatient(
  given: { source?: Partial<Source>; tables?: Tables; secrets?: readonly SecretState[]; experts?: "only" | "all" } = {},
) {
  const clock = createVirtualClock();
  const bus = createRecordingBus();
  const tables = given.tables ?? createMemoryTables();
  const deps: DoctorDeps = {
    warnings: [],
    secrets: given.secrets ?? [],
    tenants: [TENANT],
    connectors: [],
    sourceOf: () => Promise.resolve(aSource(clock, given.source)),
    scopeOf: () =>
      Promise.resolve({
        experts: given.experts ?? "all",
        minimumSeverity: "informational",
        createdAfter: "",
        assignees: { experts: ["Defender Experts"], customer: ["Customer"] },
      }),
    connectorOf: () => Promise.reject(new Error("there is none")),
    own: { tables, bus },
    clock,
    random: { next: () => 0.5, uuid: () => "uuid-1" },
  };
  return { clock, bus, tables, examine: () => examine(deps) };
}

async function finding(
  patient: ReturnType<typeof createPatient>,
  area: DoctorFinding["area"],
): Promise<readonly DoctorFinding[]> {
  return (await patient.examine()).findings.filter((one) => one.area === area);
}

describe("the doctor", () => {
  it("finds all well, leaves no row behind, and asks for one poll", async () => {
    const patient = createPatient();
    const { status, findings } = await patient.examine();
    expect(status).toBe("ok");
    expect(findings.every(({ verdict }) => verdict === "ok")).toBe(true);
    for (const table of Object.values(patient.tables) as Table[]) expect(await table.range("doctor")).toEqual([]);
    expect(patient.bus.take("poll-requests").map(({ body }) => body)).toMatchObject([
      { tenantId: TENANT, cause: "bell" },
    ]);
  });

  it.each([
    [9_000, "ok", "agrees"],
    [30_000, "warning", "behind"],
    [-30_000, "warning", "ahead of"],
    [120_000, "error", "behind"],
  ] as const)("judges a clock that is %d ms off: %s", async (offMs, verdict, seen) => {
    const source: Partial<Source> = {};
    const patient = createPatient({ source });
    source.listPage = () => Promise.resolve({ rows: [], servedAt: patient.clock.now() + offMs, isPartial: false });
    const [clock] = await finding(patient, "clock");
    expect(clock?.verdict).toBe(verdict);
    expect(clock?.seen).toContain(seen);
  });

  it("says which permission is missing, and that what is read beside incidents keeps nothing back", async () => {
    const patient = createPatient({
      source: {
        alertsPage: () => Promise.resolve({ refused: 403 }),
        tasks: () => Promise.reject(new RetryableError("unavailable", "503")),
      },
    });
    const found = await finding(patient, "graph");
    expect(found.map(({ verdict }) => verdict)).toEqual(["ok", "warning", "warning"]);
    expect(found[1]?.mend).toContain("SecurityAlert.Read.All");
    expect((await patient.examine()).status).toBe("warning");
  });

  it.each([
    ["their tag on one of them", [{}, { systemTags: ["Defender Experts"] }], "ok", "the Defender Experts work"],
    ["incidents that they never touched", [{}, {}], "warning", "of 2 incidents of the last 30 days"],
    ["nothing", [], "notLooked", "cannot be told"],
  ] as const)(
    "where only the experts' work is wanted it looks for any: %s",
    async (_what, incidents, verdict, seen) => {
      const rows = incidents.map(
        (overrides) =>
          ({ kind: "incident", incident: anIncident({ systemTags: [], assignedTo: "", ...overrides }) }) as const,
      );
      const from: unknown[] = [];
      const patient = createPatient({
        experts: "only",
        source: {
          listPage: (page) => {
            from.push(page);
            return Promise.resolve({ rows, servedAt: patient.clock.now(), isPartial: false });
          },
        },
      });
      const found = await finding(patient, "graph");
      expect(found.at(-1)).toMatchObject({ verdict, seen: expect.stringContaining(seen) as string });
      expect(found.at(-1)?.mend.includes('"only"')).toBe(verdict === "warning");
      expect(from).toHaveLength(2);
    },
  );

  it("asks no further where incidents cannot be read", async () => {
    const patient = createPatient({
      source: { listPage: () => Promise.reject(new RetryableError("unauthorized", "403")) },
    });
    const found = await finding(patient, "graph");
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ verdict: "error" });
    expect(found[0]?.mend).toContain("SecurityIncident.Read.All");
  });

  it("sees tables that do not guard versions", async () => {
    const tables = createMemoryTables();
    const careless = {
      ...tables.open,
      put: (...[partition, row, value]: Parameters<Table["put"]>) => tables.open.put(partition, row, value, "any"),
    };
    const found = await finding(createPatient({ tables: { ...tables, open: careless } }), "tables");
    expect(found.filter(({ verdict }) => verdict === "error").map(({ about }) => about)).toEqual(["open"]);
  });

  it("tells secrets apart without telling them, and how long a certificate is good for", async () => {
    const { now } = createVirtualClock();
    const certificate = { name: "CERT", state: "set" } as const;
    const secrets: readonly SecretState[] = [
      { place: "a", name: "A", state: "set" },
      { place: "b", name: "B", state: "unusable" },
      { place: "c", ...certificate, endsAt: now() + 90 * DAY },
      { place: "d", ...certificate, endsAt: now() + 10 * DAY },
      { place: "e", ...certificate, endsAt: now() - DAY },
    ];
    const found = await finding(createPatient({ secrets }), "secrets");
    expect(found.map(({ verdict }) => verdict)).toEqual(["ok", "error", "ok", "warning", "error"]);
    expect(found[3]?.seen).toContain("in 10 days");
  });
});
