import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDocument } from "../../../../local/simulators/jira/check-adf.ts";
import { ADF } from "../../../../shared/connectors/jira/adf.ts";
import type { Note } from "../../../../shared/connectors/connector.ts";
import type { NotificationSection } from "../../../../shared/connectors/notification-sections.ts";
import type { Block } from "../../../../shared/connectors/jira/blocks.ts";
import { noteIdsIn, toComments } from "../../../../shared/connectors/jira/comments.ts";
import { WIKI } from "../../../../shared/connectors/jira/wiki.ts";
import { HOSTILE_TEXTS } from "../hostile-texts.ts";

const text = fc.oneof(fc.string(), fc.constantFrom(...HOSTILE_TEXTS.map(([, hostile]) => hostile), "", "\n\n", " "));
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constantFrom("heading", "text", "head", "code"), text }),
  fc.record({ kind: fc.constant("list"), items: fc.array(text, { maxLength: 3 }) }),
  fc.record({
    kind: fc.constant("table"),
    columns: fc.array(text, { minLength: 1, maxLength: 3 }),
    rows: fc.array(fc.array(text, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
  }),
);

describe("rich text of Jira Cloud", () => {
  it("is always a document that Jira takes", () => {
    fc.assert(
      fc.property(fc.array(block), (blocks) => {
        expect(isDocument(ADF.toWire(ADF.render(blocks)))).toBe(true);
      }),
      { examples: [[[{ kind: "head", text: "\u001b]52;c;cm0gLXJmIC8=\u0007" }]], [[{ kind: "head", text: "" }]]] },
    );
  });

  it("is compared without what Jira adds to it", () => {
    const value = ADF.render([
      { kind: "head", text: "Title" },
      { kind: "table", columns: ["a"], rows: [["b"]] },
    ]);
    const answered = JSON.parse(value) as { content: Record<string, unknown>[] };
    const [head = {}, table = {}] = answered.content;
    head["content"] = [
      { text: "Ti", type: "text", marks: [{ type: "strong" }] },
      { text: "tle", type: "text", marks: [{ type: "strong" }] },
    ];
    table["attrs"] = { layout: "default", localId: "1f0c" };
    answered.content.push({ type: "paragraph", content: [] });
    expect(ADF.fromWire(answered)).toBe(value);
    expect(ADF.fromWire({ ...answered, content: [head] })).not.toBe(value);
  });

  it.each([[null], [undefined], ["text"], [7], [{}]])("that is none is no text: %j", (wire) => {
    expect(ADF.fromWire(wire)).toBe("");
  });
});

describe("rich text of Jira Data Center", () => {
  it("keeps a table's shape whatever is in its cells", () => {
    const value = WIKI.render([
      {
        kind: "table",
        columns: ["a", "b"],
        rows: [
          ["x|y", ""],
          ["{noformat}", "\n||"],
        ],
      },
    ]);
    expect(value.split("\n")).toEqual(["||a||b||", "|x&#124;y| |", "|&#123;noformat}|&#124;&#124;|"]);
  });

  it("keeps the lines of an item with it, and one list", () => {
    const value = WIKI.render([{ kind: "list", items: ["Isolate\n\nthe host\n# 9", "", "Reset *it*"] }]);
    expect(value.split("\n")).toEqual(["# Isolate", "the host", "\\# 9", "# Reset \\*it*"]);
  });

  it("lets nothing out of a query's box", () => {
    const value = WIKI.render([{ kind: "code", text: "a\n{noformat}\n{ NoFormat }[x|https://evil.test]" }]);
    expect(value.match(/\{\s*noformat/gi)).toHaveLength(2);
  });
});

const section: fc.Arbitrary<NotificationSection> = fc.oneof(
  fc.record({ kind: fc.constant("text"), title: fc.constant("Executive summary"), paragraphs: fc.array(text) }),
  fc.record({
    kind: fc.constant("list"),
    title: fc.constant("Recommended actions"),
    intro: text,
    items: fc.array(fc.oneof(text, fc.string({ maxLength: 9_000, size: "max" }))),
  }),
  fc.record({ kind: fc.constant("query"), title: fc.constant("Hunting query (KQL)"), query: text }),
);
const hugeSections: readonly NotificationSection[] = [
  { kind: "text", title: "Executive summary", paragraphs: ["a word\n".repeat(9_000), "mdx:cccccccccccccccc"] },
  { kind: "list", title: "Recommended actions", intro: "Do:", items: Array<string>(900).fill('say "no" '.repeat(9)) },
  { kind: "query", title: "Hunting query (KQL)", query: 'where x == "y"\n'.repeat(5_000) },
];

describe.each([
  ["Cloud", ADF],
  ["Data Center", WIKI],
])("comments on %s", (_name, richText) => {
  it("fit, and hold each note once, whatever is in them", () => {
    const note = fc.record({
      author: text,
      createdAt: text,
      text: fc.string({ maxLength: 9_000, size: "max" }),
      sections: fc.option(fc.array(section, { maxLength: 4 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(note, { maxLength: 5 }), (texts) => {
        const notes = texts.map((one, index) => ({ ...one, id: String(index).padStart(16, "0") }));
        const comments = toComments(notes, richText);
        for (const comment of comments) expect(comment.length).toBeLessThanOrEqual(32_767);
        expect([...noteIdsIn(comments)].toSorted()).toEqual(notes.map(({ id }) => id));
      }),
      { numRuns: 40, examples: [[[{ author: "", createdAt: "", text: "", sections: [...hugeSections] }]]] },
    );
  });

  it("show a notification's sections under headings, in one comment where they fit", () => {
    const [comment = "", ...others] = toComments([NOTIFICATION], richText);
    expect(others).toEqual([]);
    expect(comment).toBe(richText.render(NOTIFICATION_BLOCKS));
  });

  it("part what is too long for one, and lose nothing of it", () => {
    const comments = toComments([{ ...NOTIFICATION, sections: hugeSections }], richText);
    const whole = comments.join("\n");
    expect(whole.match(/a word/g)).toHaveLength(9_000);
    expect(whole.match(/900\. say/g)).toHaveLength(1);
    expect(whole.match(/where x == /g)).toHaveLength(5_000);
    expect(whole).toContain(`(part ${comments.length}/${comments.length}) (mdx:${NOTIFICATION.id}):`);
  });
});

const NOTIFICATION: Note = {
  id: "a".repeat(16),
  author: "Defender Experts",
  createdAt: "2026-02-25T16:29:33Z",
  text: "all of it",
  sections: [
    { kind: "text", title: "Executive summary", paragraphs: ["One *bad* day.", "Then another."] },
    { kind: "list", title: "Recommended actions", intro: "Now:", items: ["Isolate it", "Reset the password"] },
    { kind: "query", title: "Hunting query (KQL)", query: "DeviceEvents\n| where RemoteUrl has 'https://evil.test'" },
  ],
};
const NOTIFICATION_BLOCKS: readonly Block[] = [
  { kind: "head", text: `Microsoft Defender XDR, Defender Experts, 2026-02-25T16:29:33Z (mdx:${"a".repeat(16)}):` },
  { kind: "heading", text: "Executive summary" },
  { kind: "text", text: "One *bad* day.\n\nThen another." },
  { kind: "heading", text: "Recommended actions" },
  { kind: "text", text: "Now:" },
  { kind: "list", items: ["Isolate it", "Reset the password"] },
  { kind: "heading", text: "Hunting query (KQL)" },
  { kind: "code", text: "DeviceEvents\n| where RemoteUrl has 'https://evil.test'" },
];
