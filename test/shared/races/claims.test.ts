import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TicketConnector } from "../../../shared/connectors/connector.ts";
import { RetryableError } from "../../../shared/errors.ts";
import { type LanePlan, type Planted, raceLane } from "./lane-race.ts";
import { ANY_FATE, type Fate, ignoringEtags, caughtAs, expectNone, wrapped } from "./race.ts";

/** A new incident whose workers are cut short at any of their calls, one after the other and at once. */
const plan: fc.Arbitrary<LanePlan> = fc.record({
  changes: fc.array(
    fc.record({
      workers: fc.integer({ min: 1, max: 3 }),
      status: fc.constant("active"),
      isRemarked: fc.boolean(),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  // Some calls are made just before their deadline.
  pauses: fc.array(fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.constantFrom(44_900, 2_200)), { maxLength: 12 }),
  fates: fc.array(
    fc.oneof({ weight: 5, arbitrary: fc.constant<Fate>("answered") }, fc.constantFrom<Fate>(...ANY_FATE)),
    { maxLength: 40 },
  ),
  skewsMs: fc.tuple(fc.integer({ min: -900, max: 900 }), fc.integer({ min: -900, max: 900 })),
  lagMs: fc.integer({ min: 0, max: 5_000 }),
});

const property = (planted?: Planted) =>
  fc.asyncProperty(fc.scheduler(), plan, async (scheduler, drawn) => {
    expectNone(await raceLane(scheduler, drawn, planted));
  });

/** A broken connector: whatever was not answered did not happen. */
function certain(connector: TicketConnector): TicketConnector {
  return wrapped(connector, async (_method, args, call) => {
    try {
      return await call(args);
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      throw new RetryableError(error.reason, error.message);
    }
  });
}

describe("a claim on a new ticket", () => {
  it("is settled, and makes one ticket, wherever its worker is cut short", async () => {
    await fc.assert(property(), { numRuns: 200 });
  });

  it.each<[string, Planted]>([
    [
      "the table ignores ETags",
      { shared: (deps) => ({ ...deps, tables: { ...deps.tables, incident: ignoringEtags(deps.tables.incident) } }) },
    ],
    ["claims end with the delivery", { shared: (deps) => ({ ...deps, marginMs: -deps.deadlineMs }) }],
    [
      "an empty look-up is believed at once",
      { shared: (deps) => ({ ...deps, connector: { ...deps.connector, settleMs: 0 } }) },
    ],
    ["a lost answer counts as not done", { own: (deps) => ({ ...deps, connector: certain(deps.connector) }) }],
  ])("is caught where %s", async (_name, planted) => {
    expect(await caughtAs(property(planted))).toMatch(/a second ticket|a remark twice/);
  });
});
