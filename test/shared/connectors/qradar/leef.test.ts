import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutBytes, leefText } from "../../../../shared/connectors/neutralise-qradar.ts";
import { toLeefLine } from "../../../../shared/connectors/qradar/leef.ts";
import { HOSTILE_TEXTS } from "../hostile-texts.ts";
import { hiddenIn, htmlIn, linkIn } from "../inertness.ts";
import { parseLeef } from "./leef-parser.ts";

const AT = Date.UTC(2026, 10, 22, 13);

function lineOf(text: string): string {
  return toLeefLine({
    source: "dex-sync",
    at: AT,
    eventId: "IncidentResolved",
    attributes: [
      ["cat", "Resolved"],
      ["mdxTitle", leefText(text, 600)],
      ["mdxStage", "resolved"],
    ],
  });
}

describe("a LEEF line", () => {
  it("is what the guide says, byte for byte", () => {
    expect(lineOf("Host isolated")).toBe(
      "<134>1 2026-11-22T13:00:00.000Z dex-sync LEEF:2.0|dex-sync|Defender Experts|1.0|IncidentResolved|^|cat=Resolved^mdxTitle=Host isolated^mdxStage=resolved",
    );
  });

  it("leaves out an attribute without a value", () => {
    expect([...parseLeef(lineOf("")).attributes.keys()]).toEqual(["cat", "mdxStage"]);
  });

  it.each(HOSTILE_TEXTS)("stays one event whatever an attacker wrote: %s", (_what, text) => {
    const { attributes, eventId } = parseLeef(lineOf(text));
    const value = attributes.get("mdxTitle") ?? "";
    expect(eventId).toBe("IncidentResolved");
    expect([...attributes.keys()].filter((key) => key !== "mdxTitle")).toEqual(["cat", "mdxStage"]);
    expect(attributes.get("mdxStage")).toBe("resolved");
    expect(hiddenIn(value) ?? linkIn(value) ?? htmlIn(value)).toBeUndefined();
  });

  it("stays one event for any text, and holds nothing that a regular expression could take for another key", () => {
    const breaking = fc.constantFrom(
      "^",
      "|",
      "\t",
      "\n",
      "\r\n",
      "=",
      "\\",
      "LEEF:2.0|",
      "^mdxStage=active",
      "\u{85}",
      "\u{2028}",
      "x5E",
    );
    const text = fc
      .array(fc.oneof(breaking, fc.string({ unit: "binary" })), { maxLength: 30 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (hostile) => {
        const line = lineOf(hostile);
        const { attributes } = parseLeef(line);
        expect(attributes.get("mdxStage")).toBe("resolved");
        expect([...line.matchAll(/mdxStage=/g)]).toHaveLength(1);
        expect(attributes.get("mdxTitle") ?? "").not.toMatch(/[=\t^|]|\\$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a value", () => {
  it.each([
    ["benign text as it is", "C:\\temp\\a.exe started by R&D", "C:\\temp\\a.exe started by R&D"],
    ["no delimiter", "a^b|c\td", "a b c d"],
    ["no backslash before a delimiter", "C:\\temp\\", "C:\\temp"],
    ["no formula", "=cmd|' /C calc'!A0", "'\u{FF1D}cmd ' /C calc'!A0"],
    ["nothing but delimiters", "^^||", ""],
  ])("%s", (_what, text, expected) => {
    expect(leefText(text, 200)).toBe(expected);
  });

  it("is at most so many bytes, and no character is torn", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 3, max: 60 }), (text, maxBytes) => {
        const cut = leefText(text, maxBytes);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes);
        expect(cut.isWellFormed()).toBe(true);
      }),
    );
    expect(cutBytes("äöüä", 7)).toBe("äö…");
    expect(cutBytes("äöü", 6)).toBe("äöü");
  });
});
