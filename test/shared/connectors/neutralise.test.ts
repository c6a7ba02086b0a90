import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cutText,
  portalLink,
  visibleLine,
  visibleText,
  withoutHtml,
  withoutLinks,
  withoutMentions,
} from "../../../shared/connectors/neutralise.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";
import { hiddenIn, htmlIn, linkIn } from "./inertness.ts";

/** Any UTF-16, and what attackers put together. */
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom(
        ...HOSTILE_TEXTS.map(([, text]) => text.slice(0, 80)),
        "@",
        "[",
        "\\",
        "&",
        "<",
        "://",
        "www.",
        "é",
        "\u200D",
      ),
      {
        maxLength: 6,
      },
    )
    .map((parts) => parts.join("")),
);

describe("visibleText", () => {
  it("leaves nothing hidden in any text, and is idempotent", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = visibleText(text);
        expect(hiddenIn(once)).toBeUndefined();
        expect(visibleText(once)).toBe(once);
      }),
    );
  });

  it.each([
    ["Latin", "Résumé naïve — “quoted” … 50 % of R&D, a < b, x -> y"],
    ["a path", String.raw`C:\Users\j_doe\AppData\Local\Temp\invoice(1).exe`],
    ["a command line", "powershell.exe -enc SQBFAFgA --flag=1 | out-null"],
    ["German, Greek, Cyrillic", "Größe Ελλάδα Привет"],
    ["Chinese, Japanese, Korean", "安全 セキュリティ 보안"],
    ["Arabic and Hebrew", "مرحبا שלום"],
    ["Persian with its non-joiner", "می\u200Cخواهم"],
    ["Hindi with its joiner", "क्\u200Dष"],
    ["emoji, one of several joined", "👍 👨\u200D👩\u200D👧 ❤\uFE0F 🏳\uFE0F\u200D🌈 👩🏽\u200D💻"],
    ["several lines", "one\n\n\ttwo\n  three"],
    ["combining marks", "e\u0301 n\u0303"],
  ])("keeps benign text byte for byte: %s", (_name, text) => {
    expect(visibleText(text)).toBe(text);
  });

  it("keeps any printable ASCII byte for byte", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
        expect(visibleText(text)).toBe(text.trim());
      }),
    );
  });

  it("makes line breaks line feeds and drops what a terminal would obey", () => {
    expect(visibleText("a\r\nb\rc\u2028d\u0085e")).toBe("a\nb\nc\nd\ne");
    expect(visibleText("\u001B[1;31mred\u001B[0m\u001B]0;title\u0007!")).toBe("red!");
    expect(visibleText("invoice\u202Efdp.exe")).toBe("invoicefdp.exe");
    expect(visibleText("a\uD800b")).toBe("a\uFFFDb");
  });
});

describe("visibleLine", () => {
  it("is one short line that no spreadsheet takes for a formula, for any text, and is idempotent", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 4, max: 80 }), (text, length) => {
        const line = visibleLine(text, length);
        expect(line).not.toMatch(/[\r\n\t]/);
        expect(line).not.toMatch(/^[=+\-@]/);
        expect(line.length).toBeLessThanOrEqual(length);
        expect(visibleLine(line, length)).toBe(line);
      }),
    );
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(1)", "'@SUM(1)"],
    ["\t=1", "'=1"],
    ["a\r\nBcc: b", "a Bcc: b"],
    ["plain", "plain"],
  ])("%j becomes %j", (text, line) => {
    expect(visibleLine(text, 100)).toBe(line);
  });
});

describe("withoutLinks", () => {
  it("is idempotent, whatever the text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = withoutLinks(visibleText(text));
        expect(linkIn(once)).toBeUndefined();
        expect(withoutLinks(once)).toBe(once);
      }),
    );
  });

  it.each([
    ["https://evil.test/a?b=c", "hxxps://evil.test/a?b=c"],
    ["http://evil.test", "hxxp://evil.test"],
    ["ftp://evil.test", "ftp[:]//evil.test"],
    ["www.evil.test", "www[.]evil.test"],
    ["javascript:alert(1)", "javascript[:]alert(1)"],
    ["Data: none", "Data: none"],
    ["metadata:x", "metadata:x"],
    ["C:\\data and 10:30", "C:\\data and 10:30"],
  ])("%s becomes %s", (text, defanged) => {
    expect(withoutLinks(text)).toBe(defanged);
  });
});

describe("withoutMentions", () => {
  it("keeps mail addresses", () => {
    expect(withoutMentions("from joe.doe+x@contoso.test")).toBe("from joe.doe+x@contoso.test");
    expect(withoutMentions("5 @ 3")).toBe("5 @ 3");
  });
});

describe("withoutHtml", () => {
  it("begins no element in any text, and leaves what begins none", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(htmlIn(withoutHtml(text))).toBeUndefined();
      }),
    );
    expect(withoutHtml("R&D, a < b, x -> y, ?a=1&b=2, 3 && 4")).toBe("R&D, a < b, x -> y, ?a=1&b=2, 3 && 4");
  });
});

describe("cutText", () => {
  it("never exceeds the length, never tears a character, and says that something is missing", () => {
    expect(cutText("12345", 5)).toBe("12345");
    expect(cutText("123456", 5)).toBe("1234…");
    expect(cutText("123👍5", 5)).toBe("123…");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 50 }), (text, length) => {
        const cut = cutText(text, length);
        expect(cut.length).toBeLessThanOrEqual(length);
        expect(/\p{Surrogate}/u.test(cut)).toBe(false);
      }),
    );
  });
});

describe("portalLink", () => {
  const hosts = ["security.microsoft.com", "127.0.0.1"];

  it.each([
    "https://security.microsoft.com/incident2/29/overview?tid=cfcdbe43-297b-4c6b-ac7e-8d7f6befb514",
    "http://127.0.0.1:7071/incidents/29",
  ])("keeps %s", (url) => {
    expect(portalLink(url, hosts)).toBe(url);
  });

  it.each([
    "http://security.microsoft.com/incidents/29",
    "https://security.microsoft.com.evil.test/incidents/29",
    "https://security.microsoft.com@evil.test/",
    "https://user:pass@security.microsoft.com/",
    "https://evil.test/security.microsoft.com",
    "javascript:alert(1)//security.microsoft.com",
    "not a url",
    "",
  ])("refuses %j", (url) => {
    expect(portalLink(url, hosts)).toBeUndefined();
  });

  it("spells it so that no markup can begin inside", () => {
    const link = portalLink("https://security.microsoft.com/[code]/(x)'\"<b>@u?q=[a](b)*_`", hosts) ?? "";
    expect(link).toMatch(/^https:\/\/security\.microsoft\.com\/[A-Za-z0-9\-._~:/?#&=%]*$/);
  });
});

describe("time", () => {
  it("grows with the text only", () => {
    const worst = [
      "[",
      "[ ",
      "@",
      "&",
      "<",
      "a.",
      "://",
      "\u001B[",
      "\u001B]",
      "\u200D",
      "https",
      "\\",
      "_",
      " \n",
      "www",
    ];
    const tookMs = worst.map((part) => {
      const text = part.repeat(Math.ceil(400_000 / part.length));
      const startedAt = performance.now();
      withoutHtml(withoutMentions(withoutLinks(visibleText(text))));
      visibleLine(text, 100);
      return performance.now() - startedAt;
    });
    expect(Math.max(...tookMs)).toBeLessThan(1_500);
  });
});
