import { describe, expect, it } from "vitest";
import { createMemoryTables } from "../../../local/store/memory-tables.ts";
import type { ConnectorId } from "../../../shared/connectors/connector.ts";
import { PermanentError, RetryableError } from "../../../shared/errors.ts";
import { type Breaker, createBreaker } from "../../../shared/pipeline/breaker.ts";
import { createVirtualClock } from "../../virtual-clock.ts";

const MEND = "give it the role";
const READ_ONLY = new RetryableError("unauthorized", "403", { isOfWrites: true, mend: MEND });
const SECOND_WRITER = new PermanentError("misconfigured", "two would write", { mend: MEND });

/** Two processes over one table; the tool refused a write. */
async function openedWorkers(by: RetryableError | PermanentError = READ_ONLY) {
  const clock = createVirtualClock();
  const { control } = createMemoryTables();
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  const worker = (): Breaker =>
    createBreaker({ connector: "itsm" as ConnectorId, control, clock, log: { info: note, warn: note, error: note } });
  const [one, other] = [worker(), worker()];
  await one.tell(by, "write");
  return { clock, lines, one, other };
}

describe("a breaker that is open because writes are refused", () => {
  it("says what is missing", async () => {
    const { one, other } = await openedWorkers();
    for (const worker of [one, other])
      expect(await worker.admit()).toMatchObject({ kind: "open", reason: "unauthorized", mend: MEND });
  });

  it.each([
    ["a look-up that works", undefined, "lookUp"],
    ["a write that was not sent, for its quota is spent", new RetryableError("throttled", "429"), "write"],
    ["a record's own refusal", new PermanentError("rejected", "400"), "write"],
  ] as const)("is not closed by %s", async (_name, failure, call) => {
    const { one, other, clock, lines } = await openedWorkers();
    for (let minute = 0; minute < 10; minute += 1) {
      await clock.advance(60_000);
      expect(await other.admit()).toEqual({ kind: "probe" });
      await other.tell(failure, call);
      await other.tell(READ_ONLY, "write");
      expect(await one.admit()).toMatchObject({ kind: "open" });
    }
    expect(lines).toHaveLength(1);
  });

  it.each([
    ["a role that only reads", READ_ONLY],
    ["a setting that only writes meet", SECOND_WRITER],
  ])("(%s) is closed for everybody by a write that works", async (_name, by) => {
    const { one, other, clock } = await openedWorkers(by);
    await clock.advance(60_000);
    expect(await other.admit()).toEqual({ kind: "probe" });
    await other.tell(undefined, "lookUp");
    expect(await one.admit()).toMatchObject({ kind: "open", mend: MEND });
    await other.tell(undefined, "write");
    await clock.advance(5_001);
    expect(await one.admit()).toEqual({ kind: "closed" });
  });

  it("lets the next one try at once where the probe had nothing to write", async () => {
    const { one, other, clock } = await openedWorkers();
    await clock.advance(60_000);
    expect(await one.admit()).toEqual({ kind: "probe" });
    expect(await other.admit()).toMatchObject({ kind: "open" });
    await one.giveBack();
    expect(await one.admit()).toEqual({ kind: "probe" });
  });

  it("keeps the minute of every other cause", async () => {
    const { one, clock } = await openedWorkers();
    await one.tell(undefined, "write");
    await one.tell(new RetryableError("unauthorized", "401"), "lookUp");
    await clock.advance(60_000);
    expect(await one.admit()).toEqual({ kind: "probe" });
    await one.giveBack();
    expect(await one.admit()).toMatchObject({ kind: "open" });
    await one.tell(undefined, "lookUp");
    expect(await one.admit()).toEqual({ kind: "closed" });
  });
});
