import { describe, expect, it } from "vitest";
import { rowOfWire } from "../../../shared/graph/incident-of-wire.ts";
import { WireIncidentSchema } from "../../../shared/graph/schema.ts";
import { lifecycleOf } from "../../../shared/incident/lifecycle.ts";
import { classificationOf, determinationOf, severityOf } from "../../../shared/incident/verdict.ts";
import { loadSchemaCheck } from "../../../shared/schema-check.ts";
import { TENANT } from "../../build.ts";

const check = await loadSchemaCheck(WireIncidentSchema);

/** Shaped as the documentation's sample of "List incidents" (2026). */
const SAMPLE_2026 = {
  id: "29",
  tenantId: TENANT,
  status: "active",
  incidentWebUrl: "https://security.microsoft.com/incident2/29/overview?tid=cfcdbe43-297b-4c6b-ac7e-8d7f6befb514",
  redirectIncidentId: null,
  displayName: "Multi-stage incident on one endpoint",
  createdDateTime: "2026-01-22T12:09:23.1433333Z",
  lastUpdateDateTime: "2026-02-25T16:29:33.1Z",
  assignedTo: "admin@contoso.com",
  classification: "truePositive",
  determination: "multiStagedAttack",
  severity: "high",
  customTags: ["Demo"],
  systemTags: [],
  description: "Worm activity through USB devices.",
  lastModifiedBy: "API-App:admin@contoso.com",
  resolvingComment: null,
  summary: "Defender Experts has identified malicious activity.",
  priorityScore: 100,
  comments: [],
};

/** Shaped as the documentation's older sample: PascalCase values and the comments' old names. */
const SAMPLE_2022 = {
  "@odata.type": "#microsoft.graph.incident",
  id: "2972395",
  incidentWebUrl: "https://security.microsoft.com/incidents/2972395?tid=12f988bf-16f1-11af-11ab-1d7cd011db47",
  redirectIncidentId: null,
  displayName: "Multi-stage incident on multiple endpoints",
  createdDateTime: "2021-08-13T08:43:35.5533333Z",
  lastUpdateDateTime: "2021-09-30T09:35:45.1133333Z",
  assignedTo: "KaiC@contoso.onmicrosoft.com",
  classification: "TruePositive",
  determination: "MultiStagedAttack",
  status: "Active",
  severity: "Medium",
  customTags: ["Demo"],
  comments: [
    {
      comment: "Demo incident",
      createdBy: "DavidS@contoso.onmicrosoft.com",
      createdTime: "2021-09-30T12:07:37.2756993Z",
    },
  ],
  systemTags: ["Defender Experts"],
};

function incidentOf(body: unknown) {
  const row = rowOfWire(TENANT, body, check);
  if (row.kind !== "incident") throw new Error(row.problem);
  return row.incident;
}

describe("rowOfWire", () => {
  it("reads today's shape", () => {
    const incident = incidentOf(SAMPLE_2026);
    expect(incident).toMatchObject({
      id: "29",
      title: SAMPLE_2026.displayName,
      assignedTo: "admin@contoso.com",
      redirectIncidentId: "",
      customTags: ["Demo"],
      priorityScore: 100,
    });
    expect(incident.revision).toBe(BigInt(Date.UTC(2026, 1, 25, 16, 29, 33)) * 10_000n + 1_000_000n);
  });

  it("reads the older shape: PascalCase and old names", () => {
    const incident = incidentOf(SAMPLE_2022);
    expect(lifecycleOf(incident).stage).toBe("active");
    expect(severityOf(incident.severity)).toBe("medium");
    expect(classificationOf(incident.classification)).toBe("truePositive");
    expect(determinationOf(incident.determination)).toBe("multiStagedAttack");
    expect(incident.comments).toEqual([
      { author: "DavidS@contoso.onmicrosoft.com", createdAt: "2021-09-30T12:07:37.2756993Z", text: "Demo incident" },
    ]);
  });

  it("reads what is missing or null as empty", () => {
    const { id, status, createdDateTime, lastUpdateDateTime } = SAMPLE_2026;
    const least = incidentOf({ id, status, createdDateTime, lastUpdateDateTime, displayName: null, comments: null });
    expect(least).toMatchObject({ title: "", assignedTo: "", comments: [], customTags: [], priorityScore: null });
  });

  it("keeps a status of tomorrow raw", () => {
    expect(lifecycleOf(incidentOf({ ...SAMPLE_2026, status: "unknownFutureValue" }))).toEqual({
      stage: "unrecognised",
      raw: "unknownFutureValue",
    });
  });

  it("sorts comments by their time, whatever the order they come in", () => {
    const comments = [3, 1, 2].map((minute) => ({
      comment: `c${minute}`,
      createdDateTime: `2026-01-01T00:0${minute}:00Z`,
    }));
    expect(incidentOf({ ...SAMPLE_2026, comments }).comments.map((comment) => comment.text)).toEqual([
      "c1",
      "c2",
      "c3",
    ]);
  });

  it("cuts what no ticket could show, newest comments kept", () => {
    const comments = Array.from({ length: 500 }, (_unused, index) => ({
      comment: "x".repeat(10_000),
      createdDateTime: new Date(Date.UTC(2026, 0, 1) + index * 1_000).toISOString(),
    }));
    const incident = incidentOf({ ...SAMPLE_2026, description: "d".repeat(100_000), comments });
    expect(incident.description).toHaveLength(32_000);
    expect(JSON.stringify(incident.comments).length).toBeLessThan(450_000);
    expect(incident.comments.at(-1)?.createdAt).toBe(comments.at(-1)?.createdDateTime);
  });

  it.each([
    ["no object", "text"],
    ["null", null],
    ["no id", { ...SAMPLE_2026, id: undefined }],
    ["an id that is none", { ...SAMPLE_2026, id: "29/../30" }],
    ["no status", { ...SAMPLE_2026, status: undefined }],
    ["a stamp that is none", { ...SAMPLE_2026, lastUpdateDateTime: "soon" }],
    ["comments of another shape", { ...SAMPLE_2026, comments: "none" }],
  ])("calls %s malformed, and says why", (_name, body) => {
    const row = rowOfWire(TENANT, body, check);
    expect(row).toMatchObject({ kind: "malformed" });
    expect(row.kind === "malformed" && row.problem.length > 0).toBe(true);
  });

  it("mends lone surrogates", () => {
    expect(incidentOf({ ...SAMPLE_2026, displayName: "a\ud800b" }).title).toBe("a\ufffdb");
  });
});
