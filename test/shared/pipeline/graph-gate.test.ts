import { describe, expect, it } from "vitest";
import { createMemoryTables } from "../../../local/store/memory-tables.ts";
import { closeGate, openGate, readGate } from "../../../shared/pipeline/graph-gate.ts";
import type { Random } from "../../../shared/pipeline/ports/random.ts";
import { TENANT } from "../../build.ts";
import { createVirtualClock } from "../../virtual-clock.ts";

const without: Random = { next: () => 0, uuid: () => "uuid" };
const most: Random = { next: () => 0.999_999, uuid: () => "uuid" };

function createRig() {
  const clock = createVirtualClock();
  const { control } = createMemoryTables();
  return {
    clock,
    control,
    close: (retryAfterMs?: number, random = without) =>
      closeGate(control, TENANT, clock.now(), retryAfterMs, random).then((gate) => gate.notBefore - clock.now()),
    read: () => readGate(control, TENANT),
    /** A call that is not throttled. */
    serve: async () => openGate(control, TENANT, await readGate(control, TENANT)),
  };
}

describe("the gate of a tenant", () => {
  it("is open where nothing was asked, and costs no write then", async () => {
    const rig = createRig();
    expect(await rig.read()).toEqual({ notBefore: 0, strikes: 0, at: 0, etag: undefined });
    await rig.serve();
    expect(await rig.control.range(TENANT)).toEqual([]);
  });

  it("stays closed for as long as Graph asked, however long, and never less", async () => {
    const rig = createRig();
    expect(await rig.close(7_000)).toBe(7_000);
    const other = createRig();
    expect(await other.close(2 * 3_600_000, most)).toBeGreaterThanOrEqual(2 * 3_600_000);
  });

  it("adds jitter on top, at most a fifth and half a minute", async () => {
    expect(await createRig().close(10_000, most)).toBeLessThanOrEqual(12_000);
    expect(await createRig().close(3_600_000, most)).toBeLessThanOrEqual(3_630_000);
  });

  it("does not believe a header that asks for years", async () => {
    expect(await createRig().close(999_999_999_000)).toBe(24 * 3_600_000);
  });

  it("doubles its own pause with each strike in a row where Graph names none, to a minute", async () => {
    const rig = createRig();
    const pauses: number[] = [];
    for (let strike = 0; strike < 6; strike += 1) {
      const pause = await rig.close();
      pauses.push(pause);
      await rig.clock.advance(pause);
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it("takes Graph's word at the first strike alone, the longer of the two afterwards", async () => {
    const rig = createRig();
    const pauses: number[] = [];
    for (const asked of [1_000, 1_000, 30_000]) {
      const pause = await rig.close(asked);
      pauses.push(pause);
      await rig.clock.advance(pause);
    }
    expect(pauses).toEqual([1_000, 10_000, 30_000]);
  });

  it("counts callers that were under way together once, and never shortens what another wrote", async () => {
    const rig = createRig();
    await Promise.all([rig.close(60_000), rig.close(1_000), rig.close(20_000), rig.close()]);
    const gate = await rig.read();
    expect(gate.notBefore - rig.clock.now()).toBe(60_000);
    expect(gate.strikes).toBe(1);
  });

  it("opens with a success: the next pause begins small again", async () => {
    const rig = createRig();
    await rig.clock.advance(await rig.close());
    await rig.clock.advance(await rig.close());
    await rig.serve();
    expect((await rig.read()).strikes).toBe(0);
    expect(await rig.close()).toBe(5_000);
  });

  it("is not opened by a success of before: what was written since stays", async () => {
    const rig = createRig();
    await rig.clock.advance(await rig.close());
    const seen = await rig.read();
    await rig.close(60_000);
    await openGate(rig.control, TENANT, seen);
    expect(await rig.read()).toMatchObject({ notBefore: rig.clock.now() + 60_000, strikes: 2 });
  });
});
