import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { journalText, plainLine, plainText } from "../../../shared/connectors/neutralise-servicenow.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";
import { hiddenIn, htmlIn, journalMarkIn, linkIn, mentionIn } from "./inertness.ts";

const pieces = fc
  .array(
    fc.constantFrom(
      ...HOSTILE_TEXTS.map(([, text]) => text.slice(0, 80)),
      "[",
      "]",
      "/",
      "code",
      " ",
      "mdx:",
      "@",
      "\u200B",
      "\n",
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(""));

function liveIn(text: string): string | undefined {
  return hiddenIn(text) ?? linkIn(text) ?? mentionIn(text) ?? journalMarkIn(text);
}

describe("ServiceNow text", () => {
  it("is inert however hostile pieces are put together, and plain fields are idempotent", () => {
    fc.assert(
      fc.property(
        fc.oneof(pieces, fc.string({ unit: "binary" })),
        fc.integer({ min: 10, max: 100 }),
        (text, length) => {
          expect(liveIn(journalText(text)) ?? htmlIn(journalText(text))).toBeUndefined();
          const plain = plainText(text, length);
          const line = plainLine(text, length);
          expect(liveIn(plain) ?? liveIn(line)).toBeUndefined();
          expect(plainText(plain, length)).toBe(plain);
          expect(plainLine(line, length)).toBe(line);
          expect(Math.max(plain.length, line.length)).toBeLessThanOrEqual(length);
          expect(line).not.toMatch(/[\r\n\t]/);
        },
      ),
    );
  });

  it("shows what a plain field shows literally as it is", () => {
    expect(plainText("<b>&amp; R&D</b> [x] C:\\a_b*", 100)).toBe("<b>&amp; R&D</b> [x] C:\\a_b*");
  });

  it("keeps benign text of a journal byte for byte", () => {
    const text = "Blocked a < b, R&D, `ls -la`, *.exe, joe@contoso.test\n  [INFO] done — Größe 安全 👍";
    expect(journalText(text)).toBe(text);
  });

  it.each([
    ["[code]x[/code]", "\uFF3Bcode]x\uFF3B/code]"],
    ["<b>x</b>", "&lt;b>x&lt;/b>"],
    ["&lt;b&gt;", "&amp;lt;b&amp;gt;"],
    ["@[sys_user:1:Admin]", "\uFF20[sys_user:1:Admin]"],
    ["see https://evil.test", "see hxxps://evil.test"],
  ])("in a journal %s becomes %s", (text, entry) => {
    expect(journalText(text)).toBe(entry);
  });
});
