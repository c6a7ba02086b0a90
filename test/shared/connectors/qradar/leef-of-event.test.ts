import { describe, expect, it } from "vitest";
import { leefOfEvent } from "../../../../shared/connectors/qradar/leef-of-event.ts";
import { toLeefLine } from "../../../../shared/connectors/qradar/leef.ts";
import { EVENT_PARTS, EVENT_TYPES, type LifecycleEvent } from "../../../../shared/incident/lifecycle-event.ts";
import { STAGES } from "../../../../shared/incident/lifecycle.ts";
import { anEvent } from "../../../contract/qradar-bench.ts";
import { STATUS_OF } from "../a-projection.ts";
import { HOSTILE_TEXTS } from "../hostile-texts.ts";
import { parseLeef } from "./leef-parser.ts";

const PORTAL = ["security.microsoft.com"];

function lineOf(event: LifecycleEvent): string {
  return toLeefLine(leefOfEvent(event, "dex-sync", PORTAL));
}

/** Every field that somebody outside fills in. */
function eventWith(text: string): LifecycleEvent {
  const incident = { title: text, assignedTo: text, severity: text, classification: text, determination: text };
  return anEvent({ ...incident, status: "redirected", redirectIncidentId: text, url: text }, { status: text });
}

describe("the LEEF event of a transition", () => {
  it("has no malformed line over the whole corpus of hostile texts, in every field", () => {
    const keys = HOSTILE_TEXTS.map(([, text]) => [...parseLeef(lineOf(eventWith(text))).attributes.keys()]);
    expect(keys.length).toBeGreaterThan(100);
    for (const found of keys)
      expect(found).toEqual(expect.arrayContaining(["devTime", "mdxKey", "mdxStage", "mdxSeq"]));
  });

  it.each(["\u{1F600}", "&lt;", "安", "<a", "x"])("stays below what a receiver takes, of text made of %s", (piece) => {
    const skipped = Array.from({ length: 50 }, () => "awaitingCustomerAction" as const);
    const event = {
      ...eventWith(piece.repeat(5_000)),
      skipped,
      changed: EVENT_PARTS,
      from: "awaitingCustomerAction" as const,
    };
    const line = lineOf(event);
    expect(Buffer.byteLength(line)).toBeLessThan(4_000);
    expect(parseLeef(line).attributes.get("mdxTitle")).not.toBe("");
  });

  it.each(EVENT_TYPES)("names each kind of event otherwise: %s", (type) => {
    const ids = EVENT_TYPES.map((one) => parseLeef(lineOf(anEvent({}, { type: one }))).eventId);
    expect(ids.filter((id) => id === parseLeef(lineOf(anEvent({}, { type }))).eventId)).toHaveLength(1);
  });

  it.each(STAGES)("says the stage, and a severity from 1 to 10: %s", (stage) => {
    const { attributes } = parseLeef(lineOf(anEvent({ status: STATUS_OF[stage], severity: "high" })));
    expect(attributes.get("mdxStage")).toBe(stage);
    expect(Number(attributes.get("sev"))).toBe(stage === "awaitingCustomerAction" ? 10 : 8);
  });

  it("names the stages folded away, and when it happened to the millisecond", () => {
    const { attributes } = parseLeef(lineOf(anEvent({}, { from: "active", skipped: ["inProgress", "resolved"] })));
    expect(Object.fromEntries(attributes)).toMatchObject({ mdxFrom: "active", mdxSkipped: "inProgress,resolved" });
    expect(attributes.get("devTime")).toBe(String(Date.UTC(2026, 1, 25, 16)));
  });

  it.each([
    ["https://security.microsoft.com/incidents/29?tid=abc", "https://security.microsoft.com/incidents/29?tid=abc"],
    ["https://evil.example/incidents/29", undefined],
    ["https://security.microsoft.com/^mdxStage=resolved", "https://security.microsoft.com/%5EmdxStage=resolved"],
  ])("has a link to the portal alone: %s", (url, expected) => {
    const { attributes } = parseLeef(lineOf(anEvent({ url })));
    expect(attributes.get("url")).toBe(expected);
    expect(attributes.get("mdxStage")).toBe("active");
  });
});
