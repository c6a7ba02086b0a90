import { describe, expect, it } from "vitest";
import { createMemoryTables } from "../../../local/store/memory-tables.ts";
import type { ConnectorId } from "../../../shared/connectors/connector.ts";
import { PermanentError, RetryableError } from "../../../shared/errors.ts";
import { type Breaker, createBreaker, readBreaker } from "../../../shared/pipeline/breaker.ts";
import type { Clock } from "../../../shared/pipeline/ports/clock.ts";
import type { Table } from "../../../shared/pipeline/ports/table.ts";
import { readOverview } from "../../../shared/pipeline/overview/read-overview.ts";
import { createRecordingLog } from "../../recording-log.ts";
import { createVirtualClock } from "../../virtual-clock.ts";

const DOWN = new RetryableError("unavailable", "503");

/** Two processes over one table. */
function twoWorkers() {
  const clock = createVirtualClock();
  const { control } = createMemoryTables();
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  const worker = (): Breaker =>
    createBreaker({ connector: "itsm" as ConnectorId, control, clock, log: { info: note, warn: note, error: note } });
  return { clock, lines, one: worker(), other: worker() };
}

function breakerOf(control: Table, clock: Clock): Breaker {
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return createBreaker({ connector: "itsm" as ConnectorId, control, clock, log: silent });
}

async function fail(breaker: Breaker, times: number, failure: unknown = DOWN): Promise<void> {
  for (let time = 0; time < times; time += 1) await breaker.tell(failure);
}

describe("a breaker", () => {
  it("opens after five failures in a row, for every worker, and says so once", async () => {
    const { one, other, lines, clock } = twoWorkers();
    await fail(one, 4);
    expect(await one.admit()).toEqual({ kind: "closed" });
    await fail(one, 1);
    expect(await one.admit()).toMatchObject({ kind: "open", until: clock.now() + 60_000 });
    expect(await other.admit()).toMatchObject({ kind: "open" });
    await fail(other, 10);
    expect(lines.filter((line) => line.includes("opened"))).toHaveLength(1);
  });

  it.each([
    [new RetryableError("unauthorized", "ServiceNow refuses this account (words of the tool)"), /goes on by itself$/],
    [
      new PermanentError("misconfigured", "ServiceNow refuses this account", { mend: "name another" }),
      /^name another$/,
    ],
  ])("says why it opened and what mends it, in no words of the tool", async (failure, mend) => {
    const tables = createMemoryTables();
    const { control } = tables;
    const clock = createVirtualClock();
    const log = createRecordingLog();
    const connector = "itsm" as ConnectorId;
    const breaker = createBreaker({ connector, control, clock, log });
    await breaker.tell(failure);
    const said = "ServiceNow refuses this account";
    expect(log.lines).toMatchObject([
      { level: "error", fields: { error: said, mend: expect.stringMatching(mend) as string } },
    ]);
    expect(await readBreaker(control, connector)).toMatchObject({ isOpen: true, said });
    const { connectors } = await readOverview({
      tables,
      clock,
      isDemo: false,
      pollIntervalMs: 15_000,
      tenants: [],
      connectors: [{ id: connector, kind: "servicenow", url: "", tenantIds: [] }],
    });
    expect(connectors[0]?.problem).toContain(`(${failure.reason}: ${said}); it is probed once a minute`);
    await breaker.tell(undefined);
    expect(await readBreaker(control, connector)).not.toHaveProperty("said");
  });

  it("stays closed where a success comes in between", async () => {
    const { one } = twoWorkers();
    await fail(one, 4);
    await one.tell(undefined);
    await fail(one, 4);
    expect(await one.admit()).toEqual({ kind: "closed" });
  });

  it.each([
    ["a refused credential", new RetryableError("unauthorized", "401")],
    ["a wrong setting", new PermanentError("misconfigured", "refused address")],
  ])("opens at once for %s", async (_name, failure) => {
    const { one } = twoWorkers();
    await fail(one, 1, failure);
    expect(await one.admit()).toMatchObject({ kind: "open" });
  });

  it.each([
    ["a record's own refusal", new PermanentError("rejected", "400")],
    ["a quota", new RetryableError("throttled", "429", { retryAfterMs: 1_000 })],
    ["a lost ETag", new RetryableError("conflict", "412")],
  ])("never opens for %s", async (_name, failure) => {
    const { one } = twoWorkers();
    await fail(one, 20, failure);
    expect(await one.admit()).toEqual({ kind: "closed" });
  });

  it("lets one probe through a minute, whoever asks", async () => {
    const { one, other, clock } = twoWorkers();
    await fail(one, 5);
    let probes = 0;
    for (let second = 0; second < 600; second += 1) {
      await clock.advance(1_000);
      for (const worker of [one, other]) if ((await worker.admit()).kind === "probe") probes += 1;
    }
    expect(probes).toBe(10);
  });

  it("gives the probe to one of two who ask at the same moment", async () => {
    const { one, other, clock } = twoWorkers();
    await fail(one, 5);
    await clock.advance(61_000);
    const kinds = await Promise.all([one.admit(), other.admit()]);
    expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(["open", "probe"]);
  });

  it("closes for everybody with the first success, and stays open with a failed probe", async () => {
    const { one, other, clock } = twoWorkers();
    await fail(one, 5);
    await clock.advance(61_000);
    expect(await one.admit()).toEqual({ kind: "probe" });
    await one.tell(DOWN);
    expect(await one.admit()).toMatchObject({ kind: "open" });
    await clock.advance(61_000);
    expect(await other.admit()).toEqual({ kind: "probe" });
    await other.tell(undefined);
    await clock.advance(5_001);
    expect(await one.admit()).toEqual({ kind: "closed" });
  });

  it("is probed within minutes though a clock that ran a day ahead opened it", async () => {
    const { control } = createMemoryTables();
    const clock = createVirtualClock();
    const ahead = breakerOf(control, createVirtualClock(clock.now() + 86_400_000));
    await fail(ahead, 5);
    const right = breakerOf(control, clock);
    expect(await right.admit()).toEqual({ kind: "probe" });
    expect(await right.admit()).toMatchObject({ kind: "open", until: clock.now() + 60_000 });
    await right.tell(undefined);
    expect(await right.admit()).toEqual({ kind: "closed" });
  });

  it("hears that another opened it though its process's clock was set back by an hour", async () => {
    const { control } = createMemoryTables();
    const clock = createVirtualClock();
    let stepMs = 0;
    const stepped = breakerOf(control, { ...clock, now: () => clock.now() + stepMs });
    const other = breakerOf(control, clock);
    expect(await stepped.admit()).toEqual({ kind: "closed" });
    await fail(other, 1, new RetryableError("unauthorized", "401"));
    stepMs = -3_600_000;
    expect((await stepped.admit()).kind).not.toBe("closed");
  });

  it("costs a table read no more often than every five seconds while it is closed", async () => {
    const clock = createVirtualClock();
    const { control } = createMemoryTables();
    let reads = 0;
    const counting = {
      ...control,
      get: (...args: Parameters<typeof control.get>) => ((reads += 1), control.get(...args)),
    };
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const breaker = createBreaker({ connector: "itsm" as ConnectorId, control: counting, clock, log: silent });
    for (let second = 0; second < 60; second += 1) {
      await breaker.admit();
      await breaker.tell(undefined);
      await clock.advance(1_000);
    }
    expect(reads).toBeLessThanOrEqual(13);
  });
});
