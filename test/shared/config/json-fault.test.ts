import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonFault } from "../../../shared/config/json-fault.ts";

const TWICE = "a name that is not in this object yet (of two the first would be lost)";

describe("jsonFault", () => {
  it.each([
    ['{\n  "a": 1,\n}', 3, 1, 'a name in double quotes (no "," before a closing sign)'],
    ['{ "a": [1, ] }', 1, 12, 'a value (no "," before a closing sign)'],
    ['{\n  // why\n  "a": 1 }', 2, 3, "a name in double quotes (JSON has no comments)"],
    ['{ "a": 1\n  "b": 2 }', 2, 3, '"," or "}"'],
    ["{ 'a': 1 }", 1, 3, "a name in double quotes"],
    ['{ "a" 1 }', 1, 7, '":" behind the name'],
    ['{ "a": secret }', 1, 8, "a value"],
    ['{ "a": "it\nwraps" }', 1, 8, "a value"],
    ["{} {}", 1, 4, "nothing more"],
    ['{ "a": [1', 1, 10, '"," or "]", but the text ends'],
    ["", 1, 1, "a value, but the text ends"],
    ['{ "a": 1, "b": {"a": 2}, "\\u0061": 3 }', 1, 26, TWICE],
    ['[{ "a": [{ "b": 1,\n"b": 2 }] }]', 2, 1, TWICE],
  ])("finds the place in %j", (text, line, column, wanted) => {
    expect(jsonFault(text)).toEqual({ line, column, wanted });
  });

  it("does not mind the same name in objects beside and inside each other", () => {
    expect(jsonFault('{ "a": { "a": [{ "a": 1 }, { "a": "a" }] }, "b": { "a": {} } }')).toBeUndefined();
  });

  it("is there exactly where the engine refuses, or where it would lose a name", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"\\u00e9"',
      '"',
      "1",
      "-0.5e+3",
      "01",
      "true",
      "nul",
      " ",
      "\n",
    );
    const almost = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(fc.oneof(almost, fc.json()), (text) => {
        const fault = jsonFault(text);
        fc.pre(fault?.wanted !== TWICE);
        expect(fault === undefined).toBe(isJson(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it("does not mind how deep a text goes", () => {
    expect(jsonFault("[".repeat(200_000))).toMatchObject({ column: 200_001 });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
