import { closeSync, openSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEnvironment } from "../../../local/store/lmdb-environment.ts";
import { newestMeta } from "../../../local/store/lmdb-pages.ts";
import { PermanentError } from "../../../shared/errors.ts";
import { temporaryFolder } from "../../product-process.ts";

const PAGE_BYTES = 8_192;
const LARGE = "x".repeat(40_000);

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, "data.mdb");
});
afterEach(() => folder.remove());

function openHere() {
  return openEnvironment({ path: folder.path, content: "test", version: 1 });
}

type Work = (put: (key: number, value: string) => void, remove: (key: number) => void) => void;

/** Each piece of work is one transaction. */
async function afterTransactions(...works: readonly Work[]): Promise<void> {
  const { root, close } = openHere();
  const rows = root.openDB<string, number>({ name: "rows", encoding: "string" });
  for (const work of works) {
    root.transactionSync(() =>
      work(
        (key, value) => rows.putSync(key, value),
        (key) => rows.removeSync(key),
      ),
    );
  }
  await close();
}

async function countRows(): Promise<number> {
  const { root, close } = openHere();
  const rows = root.openDB<string, number>({ name: "rows", encoding: "string" });
  const count = [...rows.getRange()].filter(({ value }) => value.length > 0).length;
  await close();
  return count;
}

function missingPages(): number {
  const descriptor = openSync(file, "r");
  const meta = newestMeta(descriptor);
  closeSync(descriptor);
  if (meta === undefined) throw new Error("no LMDB file");
  return meta.lastPage + 1 - statSync(file).size / meta.pageBytes;
}

const manyRows: Work = (put) => {
  for (let key = 0; key < 300; key += 1) put(key, key % 3 === 0 ? LARGE : `row ${key}`);
};

describe("a data file that was cut off", () => {
  it.each([
    ["by its last page", (size: number) => size - PAGE_BYTES],
    ["by a part of its last page", (size: number) => size - 1],
    ["by half", (size: number) => Math.floor(size / 2)],
    ["down to its two first pages", () => 2 * PAGE_BYTES],
    ["down to a part of them", () => 2 * PAGE_BYTES - 1_000 - PAGE_BYTES],
  ])("%s is refused, not crashed on", async (_name, cut) => {
    await afterTransactions(manyRows);
    truncateSync(file, cut(statSync(file).size));
    expect(openHere).toThrow(PermanentError);
    expect(openHere).toThrow(/data\.mdb is damaged/);
  });
});

describe("a data file that is shorter than its last page says", () => {
  const givesBack: Work = (_put, remove) => {
    for (let key = 0; key < 100; key += 1) remove(key);
  };
  /** Pages that one transaction takes at the end and gives back are counted, and never written. */
  const takesAndGivesBack: Work = (put, remove) => {
    for (let key = 1_000; key < 1_100; key += 1) put(key, LARGE);
    for (let key = 1_000; key < 1_100; key += 1) remove(key);
  };

  it("is whole where nothing leads there", async () => {
    await afterTransactions(manyRows, givesBack, takesAndGivesBack);
    expect(missingPages()).toBeGreaterThan(0);
    expect(await countRows()).toBe(200);
  });

  it("is refused where it was cut off besides", async () => {
    await afterTransactions(manyRows, givesBack, takesAndGivesBack);
    truncateSync(file, Math.floor(statSync(file).size / 2));
    expect(openHere).toThrow(/it was cut off/);
  });
});
