import { describe, expect, it } from "vitest";
import { parseExposition } from "../../page/data/parse-exposition.ts";

/** The one sample of a line, its labels as pairs. */
function sampleOf(line: string) {
  const { samples, unread } = parseExposition(line);
  return { unread, samples: samples.map(({ name, labels, value }) => ({ name, labels: [...labels], value })) };
}

function read(name: string, labels: readonly (readonly [string, string])[], value: number) {
  return { unread: 0, samples: [{ name, labels, value }] };
}

describe("Prometheus' text format", () => {
  it.each([
    ["up 1", read("up", [], 1)],
    ["up{} 1", read("up", [], 1)],
    ['up{a="1"} 2 1700000000000', read("up", [["a", "1"]], 2)],
    [
      '  up { a = "1" , b="" , }  .5e-3',
      read(
        "up",
        [
          ["a", "1"],
          ["b", ""],
        ],
        0.0005,
      ),
    ],
    [
      'up{a="}",b="{,=\\" x"} 3',
      read(
        "up",
        [
          ["a", "}"],
          ["b", '{,=" x'],
        ],
        3,
      ),
    ],
    [String.raw`up{a="back\\slash\nnext \t \"quoted\""} 4`, read("up", [["a", 'back\\slash\nnext \\t "quoted"']], 4)],
    [String.raw`up{a="\\n"} 4`, read("up", [["a", String.raw`\n`]], 4)],
    ['up{__proto__="x"} 4', read("up", [["__proto__", "x"]], 4)],
    ["up +Inf", read("up", [], Infinity)],
    ["up -Inf", read("up", [], -Infinity)],
    ["up NaN", read("up", [], NaN)],
  ])("%s", (line, expected) => {
    expect(sampleOf(line)).toEqual(expected);
  });

  it.each([
    "up",
    "up one",
    "up 0x10",
    "up 1 2 3",
    "up 1 soon",
    "7up 1",
    'up{a="1" 2',
    "up{a=1} 2",
    'up{a="1"b="2"} 2',
    'up{a="1\\"} 2',
    'up{"a"="1"} 2',
    "<!doctype html>",
  ])("counts %s as a line that cannot be read", (line) => {
    expect(sampleOf(line)).toEqual({ unread: 1, samples: [] });
  });

  it("steps over comments and empty lines, and reads on behind a line that it cannot read", () => {
    const text = "# HELP up whether it is\n# TYPE up gauge\r\n\n  \nup 1\r\n???\nup 0\n";
    expect(sampleOf(text)).toMatchObject({ unread: 1, samples: [{ value: 1 }, { value: 0 }] });
    expect(parseExposition("")).toEqual({ samples: [], unread: 0 });
  });

  it("is not held up by a line made to hold it up", () => {
    const before = performance.now();
    const { unread } = parseExposition(
      `up{a="${"\\".repeat(100_001)}"} 1\nup${" ".repeat(100_000)}x${" ".repeat(100_000)}y`,
    );
    expect(unread).toBe(2);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
