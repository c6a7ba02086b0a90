import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { POLL_ROW } from "../../../shared/pipeline/keys.ts";
import { startDeadline } from "../../../shared/pipeline/deadline.ts";
import { detectChanges } from "../../../shared/pipeline/detect/detect-changes.ts";
import type { DetectDeps } from "../../../shared/pipeline/detect/detect-deps.ts";
import type { Row, Table } from "../../../shared/pipeline/ports/table.ts";
import type { DeltaMessage } from "../../../shared/pipeline/schema.ts";
import { TENANT } from "../../build.ts";
import { LANES, createTenant } from "../../source-tenant.ts";
import {
  ANY_FATE,
  DEATHS,
  type Fate,
  all,
  caughtAs,
  createLife,
  createRace,
  expectNone,
  ignoringEtags,
  racing,
  wrongClock,
} from "./race.ts";

/** Longer than any lease is believed in. */
const LONGEST_LEASE_MS = 4 * 60_000;
const MINUTE_MS = 60_000;
const LAST_POLLS = 3;

/** Two pollers of one tenant, whose clocks are set while they read. */
interface Plan {
  readonly changes: readonly { readonly id: string; readonly severity: string }[];
  readonly polls: readonly [number, number];
  readonly offsetsMs: readonly [number, number];
  readonly pauses: readonly { readonly ms: number; readonly poller: number; readonly stepMs: number }[];
  readonly fates: readonly Fate[];
}

const step = fc.oneof(fc.constant(0), fc.integer({ min: -900, max: 900 }), fc.constantFrom(-3_600_000, 3_600_000));

const plan: fc.Arbitrary<Plan> = fc.record({
  changes: fc.array(
    fc.record({ id: fc.constantFrom("1", "2", "3"), severity: fc.constantFrom("low", "medium", "high") }),
    { minLength: 1, maxLength: 6 },
  ),
  polls: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  offsetsMs: fc.tuple(step, step),
  pauses: fc.array(
    fc.record({
      ms: fc.integer({ min: 0, max: 30_000 }),
      poller: fc.integer({ min: 0, max: 1 }),
      stepMs: step,
    }),
    { maxLength: 10 },
  ),
  fates: fc.array(
    fc.oneof({ weight: 15, arbitrary: fc.constant<Fate>("answered") }, fc.constantFrom<Fate>(...ANY_FATE)),
    { maxLength: 80 },
  ),
});

type Planted = (control: Table) => Table;

async function racePollers(scheduler: fc.Scheduler, drawn: Plan, planted?: Planted): Promise<readonly string[]> {
  const tenant = createTenant();
  const { clock } = tenant;
  const control = planted === undefined ? tenant.tables.control : planted(tenant.tables.control);
  const race = createRace(scheduler, drawn.fates);
  const faults: string[] = [];
  const fault = (text: string): void => void (faults.includes(text) || faults.push(text));
  const watch = watchedLease(fault);
  const offsets = [...drawn.offsetsMs];
  let poll = 0;

  async function pollOnce(poller: number): Promise<void> {
    const life = createLife();
    const own = wrongClock(clock, () => offsets[poller] ?? 0);
    const { incident, open, report, parked } = tenant.tables;
    const port = <T extends object>(part: T, name: string, may = ANY_FATE): T => racing(part, name, race, life, may);
    const deps: DetectDeps = {
      ...tenant.deps,
      clock: own,
      source: port(tenant.deps.source, "source"),
      bus: port(tenant.deps.bus, "bus", DEATHS),
      tables: {
        incident: port(incident, "incident"),
        open: port(open, "open"),
        report: port(report, "report"),
        parked: port(parked, "parked"),
        control: port(watch(control, (poll += 1)), "control"),
      },
    };
    const deadline = startDeadline(own, own.now() + deps.deadlineMs);
    const polling = detectChanges(deps, [], deadline.signal).catch(() => "failed");
    await Promise.race([polling, life.death]);
    deadline.stop();
  }

  const pollOften = async (poller: number): Promise<void> => {
    for (let left = drawn.polls[poller] ?? 0; left > 0; left -= 1) {
      await scheduler.schedule(Promise.resolve(), `poller ${poller} begins`);
      await pollOnce(poller);
    }
  };
  const change = async (): Promise<void> => {
    for (const [index, { id, severity }] of drawn.changes.entries()) {
      await scheduler.schedule(Promise.resolve(), "the source changes");
      await clock.advance(1);
      tenant.change(id, { severity, title: `after change ${index}` });
    }
  };
  const passTime = async (): Promise<void> => {
    for (const { ms, poller, stepMs } of drawn.pauses) {
      await scheduler.schedule(Promise.resolve(), "time passes");
      offsets[poller] = (offsets[poller] ?? 0) + stepMs;
      await clock.advance(ms);
    }
  };
  await scheduler.waitFor(all([change(), passTime(), pollOften(0), pollOften(1)]));

  await clock.advance(LONGEST_LEASE_MS);
  let outcome = "";
  // A budget that a clock ahead of ours was given is refilled at the second.
  for (let tries = 1; tries <= LAST_POLLS && outcome !== "polled"; tries += 1) {
    const last = { ...tenant.deps, tables: { ...tenant.tables, control: watch(control, (poll += 1)) } };
    outcome = (await detectChanges(last, [], new AbortController().signal)).outcome;
    await clock.advance(MINUTE_MS);
  }
  if (outcome !== "polled") fault(`the lease is not obtained: ${outcome}`);
  await expectPublished(tenant, fault);
  return faults;
}

/** Every incident is kept as it is now, and each lane was told of that. */
async function expectPublished(tenant: ReturnType<typeof createTenant>, fault: (text: string) => void): Promise<void> {
  for (const [id, { title }] of tenant.rows) {
    const snapshot = await tenant.snapshot(id);
    if (snapshot?.incident.title !== title) fault("a change is lost");
    for (const lane of LANES) {
      const isTold = tenant.bus.attempts.some(({ queue, body }) => {
        const delta = body as DeltaMessage;
        return queue === `incident-deltas-${lane}` && delta.incidentId === id && delta.seq === snapshot?.seq;
      });
      if (!isTold) fault("a lane is not told");
    }
  }
}

/** Sees each poll state that is written, and by which poll. */
function watchedLease(fault: (text: string) => void) {
  const owners = new Map<number, number>();
  let newest = { fence: 0, cursor: 0n };
  return (control: Table, poll: number): Table => ({
    ...control,
    async put(partition, row, value, condition) {
      const etag = await control.put(partition, row, value, condition);
      if (partition !== TENANT || row !== POLL_ROW) return etag;
      const state = value as { readonly fence: number; readonly cursor: string | null };
      const cursor = BigInt(state.cursor ?? 0);
      const owner = owners.get(state.fence) ?? poll;
      owners.set(state.fence, owner);
      if (owner !== poll) fault("two polls hold one fencing number");
      if (state.fence < newest.fence) fault("who lost the lease has saved");
      if (cursor < newest.cursor) fault("the cursor went back");
      newest = { fence: state.fence, cursor };
      return etag;
    },
  });
}

const property = (planted?: Planted) =>
  fc.asyncProperty(fc.scheduler(), plan, async (scheduler, drawn) => {
    expectNone(await racePollers(scheduler, drawn, planted));
  });

describe("pollers who race for the lease on reading", () => {
  it("never move the cursor back, save nothing once it is lost, and leave no change behind", async () => {
    await fc.assert(property(), { numRuns: 120 });
  });

  it.each<[string, string, Planted]>([
    ["the table ignores ETags", "two polls hold one fencing number", ignoringEtags],
    ["the table shows what it was", "the lease is not obtained", neverAnew],
  ])("are caught where %s: %s", async (_name, fault, planted) => {
    expect(await caughtAs(property(planted))).toContain(fault);
  });
});

/** A broken table: of what changed it shows the first version for ever. */
function neverAnew(control: Table): Table {
  let first: Row | undefined;
  return {
    ...control,
    async get(partition, row) {
      if (row !== POLL_ROW) return control.get(partition, row);
      first ??= await control.get(partition, row);
      return first;
    },
  };
}
