import { PermanentError, RetryableError } from "../../errors.ts";
import { CATEGORY_PREFIX, type FullMapping } from "./mapping-options.ts";
import type { WireStatus } from "./schema.ts";
import { categoryOf, sameName, statusValue } from "./status.ts";
import { fillScreen } from "./transition-fields.ts";
import type { Walk, Way } from "./walk.ts";
import { leftBehind, noWay, screensNotFilled } from "./workflow-refusals.ts";

/** More than any sensible workflow has between two statuses. */
const STEPS_MAX = 8;
/** What is known to lead there comes before what may. */
const UNKNOWN_RANK = 100;
/** What the mapping names belongs to another stage: people watch who is in it. */
const NAMED_RANK = 10;

export interface Workflow {
  /**
   * Moves the issue to a status that is the target in the words of the mapping; does nothing where it is there. Where the workflow refuses,
   * the issue is taken back to where it was, and the refusal thrown.
   */
  walk(walk: Walk): Promise<void>;
}

interface Goal {
  isThere(status: WireStatus): boolean;
  /** Nothing is closed on the way to being open. */
  readonly mayClose: boolean;
}

type Exits = ReadonlyMap<string, readonly WireStatus[]>;

/**
 * Jira tells only the transitions out of the status an issue is in, so a workflow is found by walking it. What was seen is remembered, so
 * that the next issue goes the short way; a wrong memory costs a detour, never a wrong status and never a refusal. Jira does not say which
 * status the transitions are of, and people move issues too: nothing is refused where the issue is not there any more.
 */
export function createWorkflow(mapping: FullMapping): Workflow {
  const remembered = new Map<string, readonly WireStatus[]>();

  return {
    async walk(walk) {
      const own = new Map<string, readonly WireStatus[]>();
      const passed = [walk.from];
      try {
        await walkForth(walk, passed, own);
      } catch (error) {
        if (!(error instanceof PermanentError) || error.reason !== "rejected" || passed.length === 1) throw error;
        const left = await walkBack(walk, passed.at(-1) ?? walk.from, own);
        throw left.id === walk.from.id ? error : leftBehind(error, left, walk.from);
      }
    },
  };

  async function walkForth(walk: Walk, passed: WireStatus[], own: Map<string, readonly WireStatus[]>): Promise<void> {
    const goal: Goal = { isThere: (status) => isTarget(status, walk.target), mayClose: isClosing(walk.target) };
    const blocked = new Map<string, Way>();
    for (let step = 0; step < STEPS_MAX; step += 1) {
      const at = passed.at(-1) ?? walk.from;
      if (goal.isThere(at)) return;
      const ways = await look(walk, at, walk.resolution, own);
      const [open, shut] = [ways.filter(isOpen), ways.filter((way) => !isOpen(way))];
      const direct = shut.filter(({ transition }) => goal.isThere(transition.to));
      if (direct.length > 0 && !open.some(({ transition }) => goal.isThere(transition.to)))
        throw await ifStillAt(at, walk, () => screensNotFilled(walk, direct));
      // What other issues met may have been mended since, or was theirs alone: nothing is refused for it.
      const next = best(open, goal, new Map([...remembered, ...own])) ?? best(open, goal, own);
      for (const way of shut) {
        if (best([way], goal, own) !== undefined) blocked.set(way.transition.id, way);
      }
      if (next === undefined) throw await ifStillAt(at, walk, () => refusal(walk, passed, ways, blocked));
      await walk.take(next.transition, next.fields);
      passed.push(next.transition.to);
    }
    if (!goal.isThere(passed.at(-1) ?? walk.from)) throw await refusal(walk, passed, [], blocked);
  }

  /** Nobody wants the issue where a search ended. Only by ways that the search saw; answers where the issue is left. */
  async function walkBack(walk: Walk, from: WireStatus, own: Map<string, readonly WireStatus[]>): Promise<WireStatus> {
    const goal: Goal = { isThere: ({ id }) => id === walk.from.id, mayClose: categoryOf(walk.from) === "done" };
    let at = from;
    for (let step = 0; step < STEPS_MAX && !goal.isThere(at); step += 1) {
      const open = (await look(walk, at, undefined, own)).filter(isOpen);
      const next = best(open, goal, own);
      if (next === undefined || rankOf(next.transition.to, goal, own) >= UNKNOWN_RANK) return at;
      try {
        await walk.take(next.transition, next.fields);
      } catch (error) {
        if (!(error instanceof PermanentError) || error.reason !== "rejected") throw error;
        return at;
      }
      at = next.transition.to;
    }
    return at;
  }

  async function look(
    walk: Walk,
    at: WireStatus,
    resolution: string | undefined,
    own: Map<string, readonly WireStatus[]>,
  ): Promise<readonly Way[]> {
    const ways = (await walk.offered())
      .filter(({ isAvailable }) => isAvailable !== false)
      .map((transition) => ({ transition, ...fillScreen(transition, mapping.transitionFields, resolution) }));
    const exits = ways.filter(isOpen).map(({ transition }) => transition.to);
    own.set(at.id, exits);
    remembered.set(at.id, exits);
    return ways;
  }

  function best(ways: readonly Way[], goal: Goal, exits: Exits): Way | undefined {
    return ways
      .map((way) => ({ way, rank: rankOf(way.transition.to, goal, exits) }))
      .filter(({ rank }) => Number.isFinite(rank))
      .toSorted((a, b) => a.rank - b.rank)[0]?.way;
  }

  /**
   * Steps still to go where they are known; else to the next status of which it is not known where it leads, work before closing; infinite
   * where there is no way. So each step comes nearer or sees something new.
   */
  function rankOf(from: WireStatus, goal: Goal, exits: Exits): number {
    const reached = new Set<string>();
    let unknown = Number.POSITIVE_INFINITY;
    let edge = entered([from], goal, reached);
    for (let steps = 1; edge.length > 0; steps += 1) {
      if (edge.some((status) => goal.isThere(status))) return steps;
      for (const status of edge) {
        if (!exits.has(status.id)) unknown = Math.min(unknown, UNKNOWN_RANK + steps + rankOfStatus(status));
      }
      edge = entered(
        edge.flatMap(({ id }) => exits.get(id) ?? []),
        goal,
        reached,
      );
    }
    return unknown;
  }

  function entered(statuses: readonly WireStatus[], goal: Goal, reached: Set<string>): readonly WireStatus[] {
    return statuses.filter((status) => {
      if (reached.has(status.id) || (categoryOf(status) === "done" && !goal.mayClose)) return false;
      reached.add(status.id);
      return true;
    });
  }

  function isClosing(target: string): boolean {
    const { resolved, redirected } = mapping.statuses;
    return target === `${CATEGORY_PREFIX}done` || target === resolved || target === redirected;
  }

  function rankOfStatus(status: WireStatus): number {
    const isNamed = !statusValue(status, mapping.statuses).startsWith(CATEGORY_PREFIX);
    const at = ["indeterminate", "new", "done"].indexOf(categoryOf(status));
    return (isNamed ? NAMED_RANK : 0) + (at === -1 ? 3 : at);
  }

  function isTarget(status: WireStatus, target: string): boolean {
    return sameName(statusValue(status, mapping.statuses), target);
  }
}

/** What was offered may be of the status that somebody moved the issue to: then the way is looked for anew. */
async function ifStillAt(
  at: WireStatus,
  walk: Walk,
  refused: () => PermanentError | Promise<PermanentError>,
): Promise<PermanentError | RetryableError> {
  const { id, name } = await walk.present();
  if (id === at.id) return refused();
  return new RetryableError("conflict", `${walk.label} was moved to "${name}" meanwhile`);
}

/** A field that nobody gave may be all that is missing: it is told of first, and is no reason to let go of the issue. */
async function refusal(
  walk: Walk,
  passed: readonly WireStatus[],
  offered: readonly Way[],
  blocked: ReadonlyMap<string, Way>,
): Promise<PermanentError> {
  return blocked.size > 0 ? screensNotFilled(walk, [...blocked.values()]) : noWay(walk, passed, offered);
}

function isOpen({ missing }: Way): boolean {
  return missing.length === 0;
}
