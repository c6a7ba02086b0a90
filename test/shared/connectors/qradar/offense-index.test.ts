import { expect, it } from "vitest";
import { createOffenseIndex } from "../../../../shared/connectors/qradar/offense-index.ts";
import type { WireOffense } from "../../../../shared/connectors/qradar/schema.ts";
import { RetryableError } from "../../../../shared/errors.ts";

const OFFENSE: WireOffense = { id: 101, status: "OPEN", offense_source: "mdx:tenant:29" };

/** A console that answers a list once it is told to, and not at all after the caller gave up. */
function createIndex() {
  const asked: Array<() => void> = [];
  const index = createOffenseIndex({
    clock: { now: () => 0 },
    isOurs: () => true,
    client: {
      offenses: (_filter, _from, signal) =>
        new Promise((resolve, reject) => {
          asked.push(() => resolve([OFFENSE]));
          signal.addEventListener("abort", () => reject(new RetryableError("timeout", "no time was left")));
        }),
    },
  });
  return { index, asked };
}

it("one list serves all who ask meanwhile", async () => {
  const { index, asked } = createIndex();
  const { signal } = new AbortController();
  const found = Promise.all([index.of(["mdx:tenant:29"], signal), index.of(["mdx:tenant:30"], signal)]);
  asked[0]?.();
  await expect(found).resolves.toEqual([[OFFENSE], []]);
  expect(asked).toHaveLength(1);
});

it("a list whose beginner ran out of time fails nobody else", async () => {
  const { index, asked } = createIndex();
  const late = new AbortController();
  const { signal } = new AbortController();
  const first = index.of(["mdx:tenant:29"], late.signal);
  const others = Promise.all([index.of(["mdx:tenant:29"], signal), index.of(["mdx:tenant:29"], signal)]);
  late.abort();
  await expect(first).rejects.toMatchObject({ reason: "timeout" });
  await expect.poll(() => asked.length).toBe(2);
  asked[1]?.();
  await expect(others).resolves.toEqual([[OFFENSE], [OFFENSE]]);
  expect(asked).toHaveLength(2);
});
