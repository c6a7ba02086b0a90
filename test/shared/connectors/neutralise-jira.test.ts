import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adfText, wikiLine, wikiQuery, wikiText } from "../../../shared/connectors/neutralise-jira.ts";
import { visibleText, withoutLinks, withoutMentions } from "../../../shared/connectors/neutralise.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";
import { WIKI_REFERENCE, hiddenIn, htmlIn, linkIn, mentionIn, wikiIn, wikiShown } from "./inertness.ts";

const MARKS = [
  ..."\\{}[]|*_-+^~!?()#:;@.&<P \n1a\u00A0\u00BD\u2022".split(""),
  "h1.",
  "bq.",
  "----",
  "amp;",
  "noformat",
  "\\\\",
];
const anyText = fc.oneof(
  fc.array(fc.constantFrom(...MARKS), { maxLength: 14 }).map((parts) => parts.join("")),
  fc
    .array(fc.constantFrom(...HOSTILE_TEXTS.map(([, text]) => text.slice(0, 80)), ...MARKS), { maxLength: 8 })
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary" }),
);
const RUNS = { numRuns: 2_000 };

function liveIn(text: string): string | undefined {
  const html = htmlIn(text.replace(WIKI_REFERENCE, "\u2022"));
  return hiddenIn(text) ?? linkIn(text) ?? mentionIn(text) ?? html ?? wikiIn(text);
}

describe("Jira wiki text", () => {
  it("is inert, and shows what was written, however it is put together", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const wiki = wikiText(text);
        expect(liveIn(wiki)).toBeUndefined();
        expect(wikiShown(wiki)).toBe(withoutMentions(withoutLinks(visibleText(text))));
      }),
      RUNS,
    );
  });

  it("is inert in one line of any length, no escape torn", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 8, max: 60 }), (text, length) => {
        const line = wikiLine(text, length);
        expect(liveIn(line)).toBeUndefined();
        expect(line.length).toBeLessThanOrEqual(length);
        expect(line).not.toMatch(/[\r\n\t]|^[=+@-]|&#\w*…$/);
      }),
      RUNS,
    );
  });

  it("keeps benign text byte for byte", () => {
    const text = [
      "File C:\\Users\\j_doe\\inv(1).exe on host-01 (10.0.0.1), R&D, a < b, 5 * 3: blocked! joe+x@contoso.test",
      "Why? See SEC-42, 50 % done; 2026-11-22T10:00:00Z - all clear. `Get-Process`, \"x\" = 'y' #3",
      "  Größe 安全 👍",
    ].join("\n");
    expect(wikiText(text)).toBe(text);
    expect(adfText(text)).toBe(text);
  });

  it("keeps any words between spaces byte for byte", () => {
    const word = fc.stringMatching(/^[a-zA-Zäß0-9]{1,8}(?:[-_+^~*.,:!?'"%=/][a-zA-Z0-9]{1,8})?$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
        const text = words.join(" ");
        // An exclamation mark before a letter may begin an image; a scheme or heading is none of benign text.
        fc.pre(!/![^ ]|^(?:h[1-6]|bq)\.|:[^ ]|www\./i.test(text));
        expect(wikiText(text)).toBe(text);
      }),
    );
  });

  it.each([
    ["{code}x{code}", "&#123;code}x&#123;code}"],
    ["[x|https://evil.test]", "&#91;x&#124;hxxps://evil.test]"],
    ["[~admin] [INFO]", "&#91;\\~admin] &#91;INFO]"],
    ["!a.png!", "\\!a.png\\!"],
    ["h1. Closed", "h1&#46; Closed"],
    ["* a\n- b\n# c", "\\* a\n\\- b\n\\# c"],
    ["*a* _b_ a_b_c a*b", "\\*a* \\_b_ a_b_c a*b"],
    ["??x??", "\\??x\\??"],
    ["----", "\\-\\-\\-\\-"],
    ["\\{html}", "&#92;&#123;html}"],
    ["\\\\server\\share\\", "&#92;&#92;server\\share&#92;"],
    ["(/) :) :D", "\\(/) :\\) &#58;D"],
    ["&lt;b>", "&amp;lt;b>"],
    ["powershell -enc x | out-null", "powershell \\-enc x &#124; out-null"],
  ])("%j becomes %j", (text, wiki) => {
    expect(wikiText(text)).toBe(wiki);
  });

  it("cuts between escapes", () => {
    expect(wikiLine("abcdefgh[[x", 14)).toBe("abcdefgh&#91;…");
    expect(wikiLine("abc *x* y", 6)).toBe("abc…");
    expect(wikiLine("* ".repeat(50), 12)).toBe("\\* * * * \\*…");
    expect(wikiLine("short", 10)).toBe("short");
  });
});

describe("Jira queries", () => {
  const query = 'DeviceEvents | where Url has "https://evil.test" and Name in ("a*", @"\\\\srv\\x") // {code} [x]';

  it("stay as they are between {noformat} and in ADF's code, and cannot end either", () => {
    expect(wikiQuery(query)).toBe(query);
    expect(wikiQuery("x {noformat}\nh1. Closed")).toBe("x \uFF5Bnoformat}\nh1. Closed");
    fc.assert(
      fc.property(anyText, (text) => {
        const once = wikiQuery(text);
        expect(once).not.toMatch(/\{\s*noformat/i);
        expect(hiddenIn(once)).toBeUndefined();
        expect(wikiQuery(once)).toBe(once);
      }),
    );
  });
});

describe("ADF text", () => {
  it("has nothing hidden, no address and no mention, and is idempotent, whatever the text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = adfText(text);
        expect(hiddenIn(once) ?? linkIn(once) ?? mentionIn(once)).toBeUndefined();
        expect(adfText(once)).toBe(once);
      }),
      RUNS,
    );
  });

  it("keeps what is markup elsewhere: in ADF it is none", () => {
    const text = "*a* {code} <b>&amp;</b> [~admin] h1. |x| [INFO]";
    expect(adfText(text)).toBe(text);
  });
});

describe("time", () => {
  it("grows with the text only", () => {
    const worst = ["\\", "{", "*", " *", "-", "?", "(", ":)", "h1.", "\n#", " \n", "{ ", "&#", "| ", "!", "a*"];
    const tookMs = worst.map((part) => {
      const text = part.repeat(Math.ceil(400_000 / part.length));
      const startedAt = performance.now();
      wikiText(text);
      wikiQuery(text);
      adfText(text);
      wikiLine(text, 5_000);
      return performance.now() - startedAt;
    });
    expect(Math.max(...tookMs)).toBeLessThan(2_500);
  });
});
