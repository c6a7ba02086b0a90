import fc from "fast-check";
import { expect, it } from "vitest";
import { type Condition, ConflictError, type Row, type Table, type Write } from "../../shared/pipeline/ports/table.ts";
import type { FreshPartition } from "./fresh-partition.ts";

/** A plain map that counts its own versions; the real ETags are remembered beside. */
type Model = Map<string, { readonly value: number; readonly etag: string }>;

type Aim = "absent" | "any" | "current" | "stale";

interface Step {
  readonly kind: "put" | "delete" | "batch" | "read";
  readonly writes: readonly { readonly row: string; readonly aim: Aim; readonly isDelete: boolean }[];
  readonly from: string;
  readonly to: string;
  readonly limit: number;
}

const NAMES = ["a", "b", "link:a", "link:ä", "🦊"];
const name = fc.constantFrom(...NAMES);
const write = fc.record({
  row: name,
  aim: fc.constantFrom<Aim>("absent", "any", "current", "stale"),
  isDelete: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("put", "delete", "batch", "read"),
  writes: fc.uniqueArray(write, { minLength: 1, maxLength: 4, selector: (each) => each.row }),
  from: name,
  to: name,
  limit: fc.integer({ min: 0, max: 6 }),
});

/** Any run of operations does to the table what it does to a map. */
export function describeModel(fresh: () => FreshPartition, runs: number): void {
  it("behaves as a map with versions", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        await runSteps(fresh(), steps);
      }),
      { numRuns: runs },
    );
  });
}

async function runSteps({ table, partition }: FreshPartition, steps: readonly Step[]): Promise<void> {
  const model: Model = new Map();
  const stale = new Map<string, string>();
  let value = 0;

  async function attempt(writes: readonly Write[], perform: () => Promise<readonly string[]>): Promise<void> {
    const isMet = writes.every((each) => isConditionMet(model, each));
    const etags = await unlessConflict(perform());
    expect(etags !== undefined).toBe(isMet);
    if (etags === undefined) return;
    for (const [index, each] of writes.entries()) {
      const before = model.get(each.row);
      if (before !== undefined) stale.set(each.row, before.etag);
      if (each.kind === "delete") model.delete(each.row);
      else model.set(each.row, { value: Number(each.value), etag: etags[index] ?? "" });
    }
  }

  function conditionOf(row: string, aim: Aim): Condition {
    if (aim === "absent" || aim === "any") return aim;
    const current = model.get(row)?.etag;
    return { etag: (aim === "current" ? current : stale.get(row)) ?? "no version" };
  }

  function writeOf({ row, aim, isDelete }: Step["writes"][number]): Write {
    value += 1;
    const condition = conditionOf(row, aim);
    if (!isDelete) return { kind: "put", row, value, condition };
    return { kind: "delete", row, condition: typeof condition === "string" ? "any" : condition.etag };
  }

  for (const { kind, writes, from, to, limit } of steps) {
    const [first] = writes;
    if (kind === "batch") {
      const batch = writes.map(writeOf);
      await attempt(batch, () => table.batch(partition, batch));
    } else if (kind !== "read" && first !== undefined) {
      const single = writeOf({ ...first, isDelete: kind === "delete" });
      await attempt([single], () => performSingle(table, partition, single));
    }
    const all = modelRows(model);
    expect(await table.getMany(partition, NAMES)).toEqual(new Map(all.map((row) => [row.row, row])));
    if (kind === "read") await checkReads({ from, to, limit }, all);
  }

  async function checkReads(
    { from, to, limit }: Pick<Step, "from" | "to" | "limit">,
    all: readonly Row[],
  ): Promise<void> {
    const part = all.filter(({ row }) => row >= from && row < to).slice(0, limit);
    expect(await table.range(partition)).toEqual(all);
    expect(await table.range(partition, { from, to, limit })).toEqual(part);
    expect(await table.get(partition, from)).toEqual(all.find(({ row }) => row === from));
  }
}

async function unlessConflict<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConflictError) return undefined;
    throw error;
  }
}

async function performSingle(table: Table, partition: string, single: Write): Promise<readonly string[]> {
  if (single.kind === "put") return [await table.put(partition, single.row, single.value, single.condition)];
  await table.delete(partition, single.row, single.condition);
  return [""];
}

function isConditionMet(model: Model, { row, condition }: Write): boolean {
  const current = model.get(row)?.etag;
  if (condition === "any") return true;
  if (condition === "absent") return current === undefined;
  return current === (typeof condition === "string" ? condition : condition.etag);
}

function modelRows(model: Model): readonly Row[] {
  return [...model]
    .map(([row, kept]) => ({ row, value: kept.value, etag: kept.etag }))
    .toSorted((a, b) => (a.row < b.row ? -1 : 1));
}
