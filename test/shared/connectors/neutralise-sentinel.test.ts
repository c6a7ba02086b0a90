import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commentText } from "../../../shared/connectors/neutralise-sentinel.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";
import { hiddenIn, htmlIn, linkIn, markdownIn, mentionIn } from "./inertness.ts";

function liveIn(text: string): string | undefined {
  // A defanged address is escaped like any other text: `ftp\[:\]//`.
  return hiddenIn(text) ?? linkIn(text) ?? mentionIn(text) ?? htmlIn(text) ?? markdownIn(text);
}

describe("Sentinel comment text", () => {
  it("is inert however hostile pieces are put together", () => {
    const pieces = fc.array(
      fc.constantFrom(
        ...HOSTILE_TEXTS.map(([, text]) => text.slice(0, 80)),
        "\\",
        "`",
        "[",
        "](",
        "\n",
        "    ",
        "_",
        "#",
        "1.",
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((parts) => parts.join("")),
          fc.string({ unit: "binary" }),
        ),
        (text) => {
          expect(liveIn(commentText(text))).toBeUndefined();
        },
      ),
    );
  });

  it("keeps benign text byte for byte", () => {
    const text =
      "File C:\\Users\\j_doe\\inv(1).exe on host-01 (10.0.0.1), R&D, a < b: blocked. joe@contoso.test\nGröße 安全 👍";
    expect(commentText(text)).toBe(text);
  });

  it.each([
    ["[a](https://evil.test)", "\\[a\\](hxxps://evil.test)"],
    ["![x](y)", "!\\[x\\](y)"],
    ["<img src=x>", "&lt;img src=x>"],
    ["# head", "\\# head"],
    ["1. item", "1\\. item"],
    ["\\*", "\\\\\\*"],
    ["_em_ a_b", "\\_em\\_ a_b"],
    ["@admin", "\uFF20admin"],
  ])("%s becomes %s", (text, comment) => {
    expect(commentText(text)).toBe(comment);
  });
});
