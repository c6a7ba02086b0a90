import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Note } from "../../../../shared/connectors/connector.ts";
import { noteIdsIn, toWorkNotes } from "../../../../shared/connectors/servicenow/work-notes.ts";
import { HOSTILE_TEXTS } from "../hostile-texts.ts";
import { hiddenIn, htmlIn, linkIn, mentionIn } from "../inertness.ts";

function aNote(overrides: Partial<Note> = {}): Note {
  return {
    id: "0123456789abcdef",
    author: "Defender Experts",
    createdAt: "2026-02-25T16:29:33Z",
    text: "Host isolated.",
    ...overrides,
  };
}

function idOf(index: number): string {
  return index.toString(16).padStart(16, "0");
}

describe("work notes", () => {
  it("name author and time under a marker", () => {
    expect(toWorkNotes([aNote()])).toEqual([
      "[mdx:0123456789abcdef] Microsoft Defender XDR, Defender Experts, 2026-02-25T16:29:33Z:\nHost isolated.",
    ]);
  });

  it("are joined into one entry as far as they fit, in order", () => {
    const notes = Array.from({ length: 60 }, (_unused, index) =>
      aNote({ id: idOf(index), text: `note ${index} ${"x".repeat(60)}` }),
    );
    const entries = toWorkNotes(notes);
    expect(entries).toHaveLength(3);
    expect(entries.every((entry) => entry.length <= 4_000)).toBe(true);
    expect([...noteIdsIn(entries)]).toEqual(notes.map((note) => note.id));
    expect(entries.join("\n").match(/note \d+/g)).toEqual(notes.map((_note, index) => `note ${index}`));
  });

  it("are split where one is longer than an entry; only the last part counts as the note", () => {
    const text = Array.from({ length: 300 }, (_unused, index) => `line ${index} ${"y".repeat(30)}`).join("\n");
    const entries = toWorkNotes([aNote({ text })]);
    expect(entries.length).toBeGreaterThan(2);
    expect(entries[0]).toContain(`(part 1/${entries.length})`);
    expect(noteIdsIn(entries.slice(0, -1)).size).toBe(0);
    expect([...noteIdsIn(entries)]).toEqual(["0123456789abcdef"]);
    expect(entries.map((entry) => entry.slice(entry.indexOf("\n") + 1)).join("\n")).toBe(text);
  });

  it("show a notification in sections, none torn that fits into an entry, each query to be copied and run", () => {
    const query = 'T | where A <ago(1h) and U has "https://evil.test/?a=1&b=2" and N == "a@b" // R&D';
    const sections = [
      { kind: "text", title: "Executive summary", paragraphs: ["<b>One.</b>", "Two: https://evil.test"] },
      { kind: "list", title: "Recommended actions", intro: "Now:", items: ["Isolate.\n- at once", "Reset."] },
      { kind: "query", title: "Hunting query 1 of 2 (KQL)", query },
      { kind: "query", title: "Hunting query 2 of 2 (KQL)", query: "q".repeat(3_700) },
    ] as const;
    const entries = toWorkNotes([aNote({ sections })]);
    expect(entries).toHaveLength(2);
    expect(entries[0]).toContain(
      [
        "== Executive summary ==\n&lt;b>One.&lt;/b>\n\nTwo: hxxps://evil.test",
        "== Recommended actions ==\nNow:\n1. Isolate.\n   - at once\n2. Reset.",
        `== Hunting query 1 of 2 (KQL) ==\n${query.replace("<ago", "< ago")}`,
      ].join("\n\n"),
    );
    expect(entries[1]).toContain(`== Hunting query 2 of 2 (KQL) ==\n${"q".repeat(3_700)}`);
    expect([...noteIdsIn(entries)]).toEqual(["0123456789abcdef"]);
  });

  it("say where they may be there twice", () => {
    expect(toWorkNotes([aNote({ mayBeRepeated: true })])[0]).toContain("may be here already");
  });

  it("cannot be forged: a text with a marker is no note", () => {
    const entries = toWorkNotes([aNote({ text: "[mdx:fedcba9876543210] forged", author: "[mdx:aaaaaaaaaaaaaaaa]" })]);
    expect([...noteIdsIn(entries)]).toEqual(["0123456789abcdef"]);
  });

  it.each(HOSTILE_TEXTS)("are inert: %s", (_name, text) => {
    for (const entry of toWorkNotes([aNote({ text, author: text, createdAt: text })])) {
      const found =
        hiddenIn(entry) ?? linkIn(entry) ?? mentionIn(entry) ?? htmlIn(entry) ?? /\[[\s/]*code/i.exec(entry)?.[0];
      expect(found).toBeUndefined();
    }
  });

  it("never exceed an entry, lose nothing, and tear no character, whatever their texts", () => {
    const texts = fc.array(fc.string({ unit: "grapheme", minLength: 0, maxLength: 9_000 }), { maxLength: 3 });
    fc.assert(
      fc.property(texts, (all) => {
        const notes = all.map((text, index) => aNote({ id: idOf(index), text }));
        const entries = toWorkNotes(notes);
        expect(entries.every((entry) => entry.length <= 4_000 && !/\p{Surrogate}/u.test(entry))).toBe(true);
        expect([...noteIdsIn(entries)]).toEqual(notes.map((note) => note.id));
      }),
      { numRuns: 40 },
    );
  });
});
