import { readFileSync, readdirSync } from "node:fs";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventFiles } from "../../../../scripts/event-catalogue.ts";
import type { ConnectorId } from "../../../../shared/connectors/connector.ts";
import { LONGEST_BYTES, bodyOf } from "../../../../shared/connectors/webhook/mapping.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../../../../shared/incident/ball.ts";
import type { Incident } from "../../../../shared/incident/incident.ts";
import { EVENT_TYPES } from "../../../../shared/incident/lifecycle-event.ts";
import { projectionOf } from "../../../../shared/incident/projection.ts";
import { revisionFromMs } from "../../../../shared/incident/revision.ts";
import { judgeReading } from "../../../../shared/pipeline/detect/judge-reading.ts";
import { type ToldBefore, nextEvent } from "../../../../shared/pipeline/lane/next-event.ts";
import type { StoredSnapshot } from "../../../../shared/pipeline/stored-snapshot.ts";
import { anIncident } from "../../../build.ts";
import { aTask, anAlertsPart } from "../a-projection.ts";

const HOSTS = ["security.microsoft.com"];

/** The bodies a receiver gets of a life; `false`: it is not told of that step. */
function bodiesOf(steps: readonly (readonly [Partial<Incident>, boolean])[]): readonly string[] {
  let snapshot: StoredSnapshot | undefined;
  let told: ToldBefore = { event: undefined, parts: {}, comments: [] };
  const bodies: string[] = [];
  for (const [index, [fields, isTold]] of steps.entries()) {
    const now = Date.UTC(2026, 1, 25) + index * 60_000;
    const incident = anIncident({ ...snapshot?.incident, ...fields, revision: revisionFromMs(now) });
    const judged = judgeReading(snapshot, { incident, order: { fence: 1, counter: index }, now, marks: [] });
    if (judged.kind !== "unchanged") ({ snapshot } = judged);
    if (!isTold || snapshot === undefined) continue;
    const next = nextEvent("soar" as ConnectorId, snapshot, projectionOf(snapshot, DEFAULT_ASSIGNEE_NAMES), told);
    if (next === undefined) continue;
    ({ told } = next);
    bodies.push(bodyOf(next.event, HOSTS));
  }
  return bodies;
}

function dataOf(body: string | undefined): Record<string, unknown> {
  return (JSON.parse(body ?? "{}") as { data: Record<string, unknown> }).data;
}

describe("the catalogue", () => {
  const files = eventFiles();
  const ajv = new Ajv({ strict: false });
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith(".schema.json")) ajv.addSchema(content as object, name);
  }
  const folder = new URL("../../../../docs/events/", import.meta.url);

  it("is what docs/events has (npm run schemas writes it), and nothing else is there", () => {
    expect(readdirSync(folder).toSorted()).toStrictEqual(Object.keys(files).toSorted());
    for (const [name, content] of Object.entries(files)) {
      const shipped: unknown = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
      expect(shipped).toStrictEqual(JSON.parse(JSON.stringify(content)));
    }
  });

  it.each(EVENT_TYPES)("%s: its example has its schema, and that of no other type", (type) => {
    const example = files[`${type}.example.json`];
    const fitting = EVENT_TYPES.filter((other) => ajv.validate(`${other}.schema.json`, example));
    expect(fitting).toStrictEqual([type]);
  });

  it("holds every event that can be", () => {
    const statuses = fc.constantFrom("active", "inProgress", "awaitingAction", "resolved", "redirected", "newer");
    const step = fc.record(
      {
        status: statuses,
        redirectIncidentId: fc.constantFrom("", "30"),
        assignedTo: fc.constantFrom("", "Customer", "Defender Experts", "beth"),
        severity: fc.constantFrom("low", "unknownFutureValue", "odd"),
        classification: fc.constantFrom("", "truePositive", "odd"),
        customTags: fc.array(fc.string()),
        title: fc.string({ unit: "binary" }),
        url: fc.constantFrom("", "javascript:alert(1)", "https://security.microsoft.com/incidents/29"),
        comments: fc.array(fc.record({ author: fc.string(), createdAt: fc.string(), text: fc.string() })),
        tasks: fc.constant({ readAt: 1, rows: [aTask()] }),
        alerts: fc.constant(anAlertsPart()),
        notification: fc.constant({
          readAt: 1,
          foundBy: "title" as const,
          executiveSummary: "s",
          recommendedActions: "",
          huntingQueries: ["DeviceInfo"],
        }),
      },
      { requiredKeys: ["status"] },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.boolean()), { minLength: 1, maxLength: 12 }), (steps) => {
        for (const body of bodiesOf(steps)) {
          const event = JSON.parse(body) as { type: string };
          const name = `${event.type.replace("dexsync.incident.", "")}.schema.json`;
          if (!ajv.validate(name, event)) throw new Error(`${name}: ${ajv.errorsText()}`);
        }
      }),
    );
  });
});

describe("the body", () => {
  const EMPTY = anIncident({});

  it("is the same text again where the source's stamp alone has moved since", () => {
    const at = (ms: number): Incident =>
      anIncident({ status: "active", updatedAt: new Date(ms).toISOString(), revision: revisionFromMs(ms) });
    const [first, later] = [Date.UTC(2026, 1, 25), Date.UTC(2026, 1, 26)];
    const order = (counter: number) => ({ fence: 1, counter });
    const seen = judgeReading(undefined, { incident: at(first), order: order(1), now: first, marks: [] });
    if (seen.kind !== "change") throw new Error("the first reading is no change");
    const moved = judgeReading(seen.snapshot, { incident: at(later), order: order(2), now: later, marks: [] });
    if (moved.kind !== "remember") throw new Error("a stamp that moves alone is taken for a change");
    expect(moved.snapshot.incident.updatedAt).not.toBe(seen.snapshot.incident.updatedAt);
    const [body, again] = [seen.snapshot, moved.snapshot].map((snapshot) => {
      const projection = projectionOf(snapshot, DEFAULT_ASSIGNEE_NAMES);
      const told = { event: undefined, parts: {}, comments: [] };
      const next = nextEvent("soar" as ConnectorId, snapshot, projection, told);
      return next === undefined ? "" : bodyOf(next.event, HOSTS);
    });
    expect(dataOf(body)["updatedAt"]).toBe(new Date(first).toISOString());
    expect(again).toBe(body);
  });

  it("stays below 20 kB whatever is in it, and says what was cut", () => {
    const heavy = fc.constantFrom("<", "&", "\u2028", "\u{1F600}", "a", "\n", '"', "\\");
    const text = fc
      .tuple(heavy, fc.integer({ min: 0, max: 12_000 }))
      .map(([character, times]) => character.repeat(times));
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 80 }), (long, other, count) => {
        const many = Array.from({ length: count }, (_none, index) => index);
        const [body = ""] = bodiesOf([
          [
            {
              title: long,
              description: other,
              summary: long,
              resolvingComment: other,
              assignedTo: long,
              status: other,
              determination: long,
              customTags: many.map((index) => `${index}${long}`),
              comments: many.map((index) => ({ author: long, createdAt: other, text: `${index}${other}` })),
              tasks: {
                readAt: 1,
                rows: many.map((index) => aTask({ id: `${index}${long}`, title: long, description: other })),
              },
              url: `https://security.microsoft.com/${"x".repeat(500)}`,
            },
            true,
          ],
        ]);
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(LONGEST_BYTES);
        expect(body).not.toMatch(/[<>&\n\u2028]/);
        const { truncated, comments } = dataOf(body) as { truncated: string[]; comments: unknown[] };
        expect(comments.length === count || truncated.includes("comments")).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it("has the newest comments where not all have room", () => {
    const comments = Array.from({ length: 300 }, (_none, index) => ({
      author: "a",
      createdAt: new Date(Date.UTC(2026, 0, 1) + index * 1_000).toISOString(),
      text: `comment ${index}`,
    }));
    const kept = dataOf(bodiesOf([[{ comments }, true]])[0])["comments"] as { text: string }[];
    expect(kept.at(-1)?.text).toBe("comment 299");
    expect(kept.length).toBeLessThan(300);
  });

  it("leaves benign text as it is", () => {
    const text = "R&D <host-01> said: \u{1F600} Zażółć\n\tnext line";
    expect(dataOf(bodiesOf([[{ description: text }, true]])[0])).toMatchObject({ description: text, truncated: [] });
  });

  it.each([
    ["https://security.microsoft.com/incidents/29", "https://security.microsoft.com/incidents/29"],
    ["https://evil.example/incidents/29", null],
    ["javascript:alert(1)", null],
    ["", null],
  ])("links %j as %j", (url, wanted) => {
    expect(dataOf(bodiesOf([[{ ...EMPTY, url }, true]])[0])["url"]).toBe(wanted);
  });

  it("says where a merged incident goes on", () => {
    const [, merged] = bodiesOf([
      [{}, true],
      [{ status: "redirected", redirectIncidentId: "30" }, true],
    ]);
    expect(dataOf(merged)).toMatchObject({ stage: "redirected", mergedInto: "30" });
  });
});
