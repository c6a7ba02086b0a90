import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBounded } from "../../../shared/http/parse-bounded.ts";
import { readLimited } from "../../../shared/http/read-limited.ts";
import { createRecentIds } from "../../../shared/http/recent-ids.ts";
import { createVirtualClock } from "../../virtual-clock.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("parseBounded", () => {
  it("reads what JSON.parse reads, up to a depth of 32", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(parseBounded(bytesOf(text))).toEqual({ value: JSON.parse(text) as unknown });
      }),
    );
  });

  it("counts brackets, but none inside of texts", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("[", "]", "{", "}", '"', "\\", "a", "\u2028")),
        fc.integer({ min: 1, max: 64 }),
        (parts, depth) => {
          const text = JSON.stringify(parts.join(""));
          const nested = `${"[".repeat(depth)}${text}${"]".repeat(depth)}`;
          expect(parseBounded(bytesOf(nested)) !== undefined).toBe(depth <= 32);
        },
      ),
    );
  });

  it.each(["", "{", "nul", "[1,]", "{'a':1}", "]".repeat(100)])("knows no %j", (text) => {
    expect(parseBounded(bytesOf(text))).toBeUndefined();
  });

  it("takes a name for a name", () => {
    const parsed = parseBounded(bytesOf('{"__proto__":{"polluted":true}}'));
    expect(Object.hasOwn(parsed?.value as object, "__proto__")).toBe(true);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("readLimited", () => {
  const request = (chunks: readonly string[], length: string | null = null) => {
    let read = 0;
    const body = (async function* () {
      for (const chunk of chunks) {
        read += 1;
        yield await Promise.resolve(bytesOf(chunk));
      }
    })();
    return { incoming: { headers: { get: () => length }, body }, read: () => read };
  };

  it("puts the chunks together", async () => {
    const bytes = await readLimited(request(["a", "b", "", "c"]).incoming, 3);
    expect(new TextDecoder().decode(bytes)).toBe("abc");
    expect(await readLimited({ headers: { get: () => null }, body: null }, 3)).toHaveLength(0);
  });

  it("stops where it is too much, and does not begin where the caller says so", async () => {
    const long = request(["aaa", "b", "c"]);
    expect(await readLimited(long.incoming, 3)).toBeUndefined();
    expect(long.read()).toBe(2);
    const declared = request(["a"], "4");
    expect(await readLimited(declared.incoming, 3)).toBeUndefined();
    expect(declared.read()).toBe(0);
    expect(await readLimited(request(["a"], "no number").incoming, 3)).toHaveLength(1);
  });
});

describe("recent ids", () => {
  it("are known for their time", async () => {
    const clock = createVirtualClock();
    const recent = createRecentIds({ clock, forMs: 1_000, most: 10 });
    recent.add("a");
    await clock.advance(999);
    expect([recent.has("a"), recent.has("b")]).toEqual([true, false]);
    await clock.advance(1);
    expect(recent.has("a")).toBe(false);
  });

  it("are never more than allowed: the oldest go", () => {
    const recent = createRecentIds({ clock: createVirtualClock(), forMs: 1_000, most: 3 });
    for (const id of ["a", "b", "c", "a", "d"]) recent.add(id);
    expect(["a", "b", "c", "d"].map((id) => recent.has(id))).toEqual([true, false, true, true]);
  });
});
