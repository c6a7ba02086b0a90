import type { World } from "./world.ts";

const MINUTE = 60_000;
/** Walks over what is open are due every quarter of an hour; a history that has long been quiet is looked at less often. */
const SOON_MS = 15 * MINUTE;
const LATER_MS = 3 * 60 * MINUTE;
const QUIET_MS = 60 * MINUTE;

/** The timer that has a tenant's links walked. A walk that one step does not end goes on with the next minute's. */
export function startWalks(world: World): void {
  const { timeline } = world;
  later();

  function later(): void {
    const isQuiet = timeline.now() - world.lastActivityAt() > QUIET_MS;
    timeline.after(isQuiet ? LATER_MS : SOON_MS, () => {
      if (!world.isTimed()) return;
      for (const minutes of [0, 1]) timeline.after(minutes * MINUTE, walk);
      later();
    });
  }

  function walk(): void {
    const [life] = world.lives();
    void life?.operator.reconcile().catch(() => undefined);
  }
}
