import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TicketConnector } from "../../../shared/connectors/connector.ts";
import { type LanePlan, type Planted, raceLane } from "./lane-race.ts";
import { type Fate, ignoringEtags, caughtAs, expectNone, wrapped } from "./race.ts";

/** Several changes of one incident, each handled by up to three workers at once; now and then an answer is lost or a worker dies. */
const plan: fc.Arbitrary<LanePlan> = fc.record({
  changes: fc.array(
    fc.record({
      workers: fc.integer({ min: 1, max: 3 }),
      status: fc.constantFrom("active", "inProgress", "awaitingAction", "resolved"),
      isRemarked: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  pauses: fc.array(fc.integer({ min: 0, max: 70_000 }), { maxLength: 12 }),
  fates: fc.array(
    fc.oneof({ weight: 12, arbitrary: fc.constant<Fate>("answered") }, fc.constantFrom<Fate>("refused", "answer lost")),
    { maxLength: 60 },
  ),
  skewsMs: fc.tuple(fc.integer({ min: -900, max: 900 }), fc.integer({ min: -900, max: 900 })),
  lagMs: fc.integer({ min: 0, max: 5_000 }),
});

const property = (planted?: Planted) =>
  fc.asyncProperty(fc.scheduler(), plan, async (scheduler, drawn) => {
    expectNone(await raceLane(scheduler, drawn, planted));
  });

/** A broken connector: it does not end with its signal. */
function unending(connector: TicketConnector): TicketConnector {
  const { signal } = new AbortController();
  return wrapped(connector, async (_method, args, call) =>
    call(args.map((arg) => (arg instanceof AbortSignal ? signal : arg))),
  );
}

describe("workers who race for a link", () => {
  it("make one ticket, end at the newest change, never go back and say nothing twice", async () => {
    await fc.assert(property(), { numRuns: 200 });
  });

  it.each<[string, string, Planted]>([
    [
      "the table ignores ETags",
      "a second ticket",
      { shared: (deps) => ({ ...deps, tables: { ...deps.tables, incident: ignoringEtags(deps.tables.incident) } }) },
    ],
    [
      "the bus loses copies",
      "does not end at the newest change",
      { shared: (deps) => ({ ...deps, bus: { send: () => Promise.resolve() } }) },
    ],
    [
      "a call is made after its deadline",
      "a second ticket",
      { own: (deps) => ({ ...deps, connector: unending(deps.connector) }) },
    ],
  ])("are caught where %s: %s", async (_name, fault, planted) => {
    expect(await caughtAs(property(planted))).toContain(fault);
  });
});
