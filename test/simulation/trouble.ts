import { hostOf } from "./product-config.ts";
import type { World } from "./world.ts";

const MINUTE = 60_000;
/** Either side: together a little less than the margin that claims and leases have on one machine. */
const SMALL_JUMP_MS = 950;
const LARGE_JUMP_MS = 10 * MINUTE;
/** As long as a claim lives, and the time that a tool's search may lag. */
const CLAIM_MS = 60_000;

/** Deaths, deployments, outages and clocks that jump, each at its moment. */
export function startTrouble(world: World): void {
  const { plan, timeline, trace, until, startedAt } = world;
  const random = world.random.fork("trouble");
  const { faults } = plan;
  let isFarOff = false;
  // Half of all trouble comes in the moments after something has changed.
  const sometime = (work: () => void): void => void timeline.at(random.between(startedAt, until), work);
  const repeat = (times: number, work: () => void): void => {
    for (let time = 0; time < times; time += 1) sometime(work);
  };
  repeat(faults.crashes, crashSoon);
  repeat(faults.overlaps, overlap);
  repeat(faults.outages, outage);
  repeat(faults.clockJumps, jump);

  /** While something is under way, where anything is under way soon. */
  function crashSoon(tries = 200): void {
    if (world.isCalm()) return;
    if (tries > 0 && world.broker.inHand() === 0) {
      timeline.after(random.between(10, 2_000), () => crashSoon(tries - 1));
      return;
    }
    timeline.after(random.between(0, 400), crash);
  }

  function crash(): void {
    const [life] = world.lives();
    if (life === undefined || world.isCalm()) return;
    trace.fault("crash");
    world.kill(life);
    const awayMs = random.pick([100, 5_000, MINUTE, 30 * MINUTE]);
    if (world.lives().length === 0) timeline.after(awayMs, () => world.start());
  }

  function overlap(): void {
    if (world.isCalm()) return;
    trace.fault("two processes");
    world.start();
    timeline.after(random.between(MINUTE, 20 * MINUTE), () => {
      const [oldest, ...others] = world.lives();
      if (oldest !== undefined && others.length > 0) world.kill(oldest);
    });
  }

  function outage(): void {
    const tenant = random.pick([...plan.tenants]);
    const kind = random.pick(["graph", "sentinel", ...plan.ticketTools[tenant], ...plan.ticketTools[tenant]]);
    trace.fault(`outage of ${kind}`);
    world.network.fail(hostOf(kind, tenant), timeline.now() + random.pick([3 * MINUTE, 20 * MINUTE, 4 * 60 * MINUTE]));
  }

  /**
   * Within the margin at any time. A jump of minutes only where no write is under way and no claim of one is alive: beyond their margin
   * claims are not promised to hold (ARCHITECTURE.md, invariant 8), so such a jump would test nothing that is promised.
   */
  function jump(): void {
    if (world.isCalm()) return;
    if (!isFarOff && random.chance(0.5)) {
      trace.fault("clock off within its margin");
      world.skew(random.between(-SMALL_JUMP_MS, SMALL_JUMP_MS));
      return;
    }
    const isQuiet = timeline.now() - world.network.lastWriteAt() > CLAIM_MS;
    if (!isQuiet) {
      timeline.after(MINUTE, jump);
      return;
    }
    trace.fault("clock jump of minutes");
    isFarOff = true;
    world.skew(random.between(-LARGE_JUMP_MS, LARGE_JUMP_MS));
  }
}

/** The longest that the timer is not called. */
const LONGEST_IDLE_MS = 8 * 60 * MINUTE;
/** Rows that are half an hour late are promised to be found by a look each quarter of an hour, so the timer must be called as often. */
const QUARTER_MS = 14 * MINUTE;
const LATE_MS = 50 * MINUTE;

/**
 * The timer. The longer nothing has happened, the more of its times are left out, as if the app slept: else a history would be the same
 * poll again and again.
 */
export function startTimer(world: World): void {
  const { plan, timeline } = world;
  let lastAt = Number.NEGATIVE_INFINITY;
  let callOff: (() => void) | undefined;
  world.onActivity(arm);
  arm();

  /** Only times at which it may be called are events: most of a history is sleep. */
  function arm(): void {
    callOff?.();
    if (!world.isTimed()) return;
    const leastMs = Math.min(plan.source.lateRow > 0 ? QUARTER_MS : LONGEST_IDLE_MS, untouchedMs());
    const earliest = Math.max(timeline.now() + 1, lastAt + leastMs);
    callOff = timeline.at(Math.ceil(earliest / plan.intervalMs) * plan.intervalMs, tick);
  }

  function tick(): void {
    const isLateNear = plan.source.lateRow > 0 && timeline.now() - world.lastActivityAt() < LATE_MS;
    const idleMs = Math.min(isLateNear ? QUARTER_MS : LONGEST_IDLE_MS, untouchedMs());
    if (timeline.now() - lastAt >= idleMs) {
      const [life] = world.lives();
      lastAt = timeline.now();
      // A timer that fails is called again at its next time.
      void life?.tick().catch(() => undefined);
    }
    arm();
  }

  function untouchedMs(): number {
    return 4 * (lastAt - world.lastActivityAt());
  }
}
