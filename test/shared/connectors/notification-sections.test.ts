import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { notificationNotes } from "../../../shared/connectors/notification-note.ts";
import { fitSections, notificationSections } from "../../../shared/connectors/notification-sections.ts";
import type { NotificationPart } from "../../../shared/incident/incident.ts";
import { aProjection } from "./a-projection.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";
import { hiddenIn } from "./inertness.ts";

function notification(overrides: Partial<NotificationPart>): NotificationPart {
  return {
    readAt: 0,
    foundBy: "title",
    executiveSummary: "",
    recommendedActions: "",
    huntingQueries: [],
    ...overrides,
  };
}

function sectionsOf(overrides: Partial<NotificationPart>): ReturnType<typeof notificationSections> {
  return notificationSections(aProjection({ notification: notification(overrides) }));
}

describe("sections of a notification", () => {
  it("are the summary, the recommendations, and each query by itself", () => {
    expect(
      sectionsOf({
        executiveSummary: "One.\r\nStill one.\n\n Two. ",
        recommendedActions: "1. Isolate.\n2. Reset.",
        huntingQueries: ["A\n| take 1", " ", "B"],
      }),
    ).toEqual([
      { kind: "text", title: "Executive summary", paragraphs: ["One.\nStill one.", "Two."] },
      { kind: "list", title: "Recommended actions", intro: "", items: ["Isolate.", "Reset."] },
      { kind: "query", title: "Hunting query 1 of 2 (KQL)", query: "A\n| take 1" },
      { kind: "query", title: "Hunting query 2 of 2 (KQL)", query: "B" },
    ]);
  });

  it("are none where there is no notification, or no text in it", () => {
    expect(notificationSections(aProjection({}))).toEqual([]);
    expect(sectionsOf({ huntingQueries: ["", "\n"] })).toEqual([]);
  });

  it.each([
    ["numbers", "1. a\n2. b\n10) c", "", ["a", "b", "c"]],
    ["signs", "- a\n• b\n* c", "", ["a", "b", "c"]],
    ["a line each", "a\nb", "", ["a", "b"]],
    ["paragraphs", "a\nstill a\n\nb", "", ["a\nstill a", "b"]],
    ["an introduction", "We recommend:\n\n1. a\n2. b", "We recommend:", ["a", "b"]],
    ["lines that belong to an item", "1. a\n   more\n   - x\n   1. y\n2. b", "", ["a\n   more\n   - x\n   1. y", "b"]],
    ["numbers that are none", "10.0.0.1 is bad\n-5 is not", "", ["10.0.0.1 is bad", "-5 is not"]],
    ["one sentence", "Isolate the host.", "", ["Isolate the host."]],
  ])("keep the order of recommendations: %s", (_what, recommendedActions, intro, items) => {
    expect(sectionsOf({ recommendedActions })).toEqual([{ kind: "list", title: "Recommended actions", intro, items }]);
  });

  it.each(HOSTILE_TEXTS)("hide nothing: %s", (_name, hostile) => {
    const sections = sectionsOf({ executiveSummary: hostile, recommendedActions: hostile, huntingQueries: [hostile] });
    const texts = sections.flatMap((section) => {
      if (section.kind === "text") return section.paragraphs;
      return section.kind === "list" ? [section.intro, ...section.items] : [section.query];
    });
    expect(texts.map(hiddenIn).filter((found) => found !== undefined)).toEqual([]);
  });
});

describe("fitting", () => {
  const text = (length: number, isCuttable = true): { text: string; isCuttable: boolean } => ({
    text: "x".repeat(length),
    isCuttable,
  });

  it.each([
    ["all", [text(10), text(10)], 22, 22, 0],
    ["the first shortened", [text(100), text(10)], 50, 50, 1],
    ["the first at least by half, others left out", [text(100), text(40)], 50, 50, 2],
    ["a long one left out, a short one behind it kept", [text(10), text(100), text(10)], 50, 22, 1],
    ["a query is never torn", [text(100, false), text(10)], 50, 10, 1],
    ["nothing at all", [text(100, false)], 50, 0, 1],
    ["none", [], 50, 0, 0],
  ])("%s", (_what, sections, max, length, cut) => {
    const fitted = fitSections(sections, max);
    expect([fitted.text.length, fitted.cut]).toEqual([length, cut]);
  });

  it("never exceeds its room, whatever there is", () => {
    const sections = fc.array(fc.record({ text: fc.string(), isCuttable: fc.boolean() }));
    fc.assert(
      fc.property(sections, fc.integer({ min: 1, max: 60 }), (given, max) => {
        const fitted = fitSections(given, max);
        expect(fitted.text.length).toBeLessThanOrEqual(max);
        expect(fitted.cut === 0).toBe(fitted.text === given.map((section) => section.text).join("\n\n"));
      }),
    );
  });
});

describe("the note of a notification", () => {
  it("is one, known by what it is made of and not by when that was read", () => {
    const given = notification({ executiveSummary: "One.", huntingQueries: ["A"] });
    const [note, ...others] = notificationNotes(aProjection({ notification: given }));
    expect(others).toEqual([]);
    expect(note).toMatchObject({ author: "Defender Experts", sections: [{ kind: "text" }, { kind: "query" }] });
    const [later] = notificationNotes(aProjection({ notification: { ...given, readAt: 5 } }));
    expect(later).toEqual(note);
    const [other] = notificationNotes(aProjection({ notification: { ...given, huntingQueries: ["B"] } }));
    expect(other?.madeOf).not.toEqual(note?.madeOf);
    expect(notificationNotes(aProjection({}))).toEqual([]);
  });
});
