import { PermanentError, RetryableError } from "../../errors.ts";
import { CATEGORY_PREFIX, type FullMapping } from "./mapping-options.ts";
import type { WireStatus, WireTransition } from "./schema.ts";
import { categoryOf, sameName, statusValue } from "./status.ts";
import { fillScreen } from "./transition-fields.ts";

/** More than any sensible workflow has between two statuses. */
const STEPS_MAX = 8;
/** What is known to lead there comes before what may. */
const UNKNOWN_RANK = 100;
/** What the mapping names belongs to another stage: people watch who is in it. */
const NAMED_RANK = 10;

/** One issue on its way. */
export interface Walk {
  readonly label: string;
  readonly from: WireStatus;
  /** In the words of the mapping. */
  readonly target: string;
  readonly resolution: string | undefined;
  /** Where the issue is now. */
  present(): Promise<WireStatus>;
  offered(): Promise<readonly WireTransition[]>;
  take(transition: WireTransition, fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Asked where nothing is offered at all: then it is the account that may be missing a right. */
  mayTransition(): Promise<boolean>;
}

export interface Workflow {
  /** Moves the issue to a status that is the target in the words of the mapping; does nothing where it is there. */
  walk(walk: Walk): Promise<void>;
}

/**
 * Jira tells only the transitions out of the status an issue is in, so a workflow is found by walking it. What was seen is remembered, so
 * that the next issue goes the short way. It does not say which status that is: what is new is remembered, and a way given up, only where the
 * issue is still there, for people move issues too.
 */
export function createWorkflow(mapping: FullMapping): Workflow {
  const seen = new Map<string, readonly WireStatus[]>();

  return {
    async walk(walk) {
      const passed = [walk.from];
      for (let step = 0; step < STEPS_MAX; step += 1) {
        const at = passed.at(-1) ?? walk.from;
        if (isTarget(at, walk.target)) return;
        const offered = (await walk.offered()).filter((transition) => transition.isAvailable !== false);
        if (!isKnown(at, offered)) await remember(at, offered, walk);
        const next = choose(offered, walk);
        if (next === undefined) {
          await checkStillAt(at, walk);
          throw await noWay(walk, passed, offered);
        }
        await walk.take(next.transition, next.fields);
        passed.push(next.transition.to);
      }
      if (!isTarget(passed.at(-1) ?? walk.from, walk.target)) throw await noWay(walk, passed, []);
    },
  };

  function isKnown(at: WireStatus, offered: readonly WireTransition[]): boolean {
    const known = seen.get(at.id)?.map(({ id }) => id);
    const now = passable(offered).map(({ id }) => id);
    return known?.length === now.length && now.every((id) => known.includes(id));
  }

  async function remember(at: WireStatus, offered: readonly WireTransition[], walk: Walk): Promise<void> {
    await checkStillAt(at, walk);
    seen.set(at.id, passable(offered));
  }

  /** Whatever the walk is for: that a resolution can be given is seen where it is wanted. */
  function passable(offered: readonly WireTransition[]): readonly WireStatus[] {
    const given = { resolution: {}, ...mapping.transitionFields };
    return offered
      .filter((transition) => fillScreen(transition, given, undefined).missing.length === 0)
      .map(({ to }) => to);
  }

  function choose(
    offered: readonly WireTransition[],
    walk: Walk,
  ): { readonly transition: WireTransition; readonly fields: Readonly<Record<string, unknown>> } | undefined {
    const filled = offered.map((transition) => ({
      transition,
      ...fillScreen(transition, mapping.transitionFields, walk.resolution),
    }));
    const ready = filled.filter(({ missing }) => missing.length === 0);
    const blocked = filled.find(({ transition }) => isTarget(transition.to, walk.target));
    if (blocked !== undefined && !ready.some(({ transition }) => isTarget(transition.to, walk.target)))
      throw screenNotFilled(walk, blocked.transition, blocked.missing);
    return ready
      .map((option) => ({ ...option, rank: rankOf(option.transition.to, walk.target) }))
      .filter(({ rank }) => Number.isFinite(rank))
      .toSorted((a, b) => a.rank - b.rank)[0];
  }

  /**
   * Steps still to go where they are known; else to the next status of which it is not known where it leads, work before closing; infinite
   * where there is no way. So each step comes nearer or sees something new. Nothing is closed on the way to being open.
   */
  function rankOf(from: WireStatus, target: string): number {
    const reached = new Set<string>();
    let unknown = Number.POSITIVE_INFINITY;
    let edge = open([from], target, reached);
    for (let steps = 1; edge.length > 0; steps += 1) {
      if (edge.some((status) => isTarget(status, target))) return steps;
      for (const status of edge) {
        if (!seen.has(status.id)) unknown = Math.min(unknown, UNKNOWN_RANK + steps + rankOfStatus(status));
      }
      edge = open(
        edge.flatMap(({ id }) => seen.get(id) ?? []),
        target,
        reached,
      );
    }
    return unknown;
  }

  function open(statuses: readonly WireStatus[], target: string, reached: Set<string>): readonly WireStatus[] {
    return statuses.filter((status) => {
      if (reached.has(status.id) || (categoryOf(status) === "done" && !isClosing(target))) return false;
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

async function checkStillAt(at: WireStatus, walk: Walk): Promise<void> {
  const { id, name } = await walk.present();
  if (id !== at.id) throw new RetryableError("conflict", `${walk.label} was moved to "${name}" meanwhile`);
}

function screenNotFilled(walk: Walk, transition: WireTransition, missing: readonly string[]): PermanentError {
  return new PermanentError(
    "rejected",
    `${walk.label}: the screen of the transition "${transition.name}" requires ${missing.join("; ")}`,
    {
      mend: "give these fields in mapping.transitionFields of the connector (a resolution in mapping.resolutions), or take them off the screen; then replay this work",
    },
  );
}

/** One that was closed and has no way back takes no more changes of its status: when Defender reopens the incident, a new issue continues it. */
async function noWay(
  walk: Walk,
  passed: readonly WireStatus[],
  offered: readonly WireTransition[],
): Promise<PermanentError> {
  const way = passed.map(({ name }) => `"${name}"`).join(", then ");
  if (offered.length === 0 && passed.length === 1 && !(await walk.mayTransition())) {
    return new PermanentError("rejected", `${walk.label}: this account may not change its status`, {
      mend: "give the account the permission Transition Issues in the project; then replay this work",
    });
  }
  const isClosed = passed.length === 1 && categoryOf(walk.from) === "done";
  const offers = offered.map(({ name, to }) => `"${name}" to "${to.name}"`).join(", ");
  return new PermanentError(
    isClosed ? "final" : "rejected",
    `${walk.label}: no way through the workflow leads from ${way} to "${walk.target}"${offers === "" ? "" : ` (there is ${offers})`}`,
    {
      mend: isClosed
        ? "nothing, where that is meant: when Defender reopens the incident, a new issue continues it; or add a transition that reopens issues, and replay this work"
        : "name in mapping.statuses a status that the workflow leads to, or add the transition in Jira; then replay this work",
    },
  );
}
