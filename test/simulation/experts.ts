import { type Ticks, cutTicks, textOfTicks, ticksOf } from "./moments.ts";
import type { Plan } from "./plan.ts";
import type { Prng } from "./prng.ts";
import { type SourceFields, type SourceIncident, newestOf } from "./source-record.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

export interface Experts {
  /** Begins the incidents' lives, all over before `until`. */
  start(until: number): void;
  create(id: string, fields?: Partial<SourceFields>): SourceIncident;
  /** A new version; `n` goes up where something that tickets show has changed. */
  change(incident: SourceIncident, fields: Partial<SourceFields>, options?: ChangeOptions): void;
  comment(incident: SourceIncident): void;
  merge(loser: SourceIncident, survivor: SourceIncident): void;
}

interface ChangeOptions {
  readonly ticks?: Ticks;
  /** Only the stamp moves, or a comment is added: nothing that the fields of a ticket show. */
  readonly isBeside?: boolean;
}

const EXPERTS = "Defender Experts";
const SEVERITIES = ["informational", "low", "medium", "high"] as const;
const VERDICTS = [
  ["truePositive", "malware"],
  ["falsePositive", "notMalicious"],
  ["falsePositive", "notEnoughDataToValidate"],
  ["informationalExpectedActivity", "securityTesting"],
] as const;
const NEXT: Readonly<Record<string, readonly [string, ...string[]]>> = {
  active: ["inProgress", "inProgress", "awaitingAction", "resolved", "quarantined"],
  inProgress: ["awaitingAction", "awaitingAction", "resolved", "active"],
  awaitingAction: ["resolved", "resolved", "inProgress"],
  resolved: ["active", "inProgress", "awaitingAction"],
  quarantined: ["inProgress", "resolved"],
};

/** What Defender Experts, Microsoft's correlation and the customer do to the incidents of one tenant. */
export function createExperts(world: {
  readonly tenant: string;
  readonly plan: Plan;
  readonly random: Prng;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly incidents: Map<string, SourceIncident>;
  onChange(incident: SourceIncident): void;
  /** It can be read from now on. */
  onLateRow(): void;
}): Experts {
  const { tenant, plan, random, timeline, trace, incidents } = world;
  let lastTicks: Ticks | undefined;

  return { start, create, change, comment, merge };

  function start(until: number): void {
    const begin = timeline.now();
    const span = until - begin;
    for (let index = 0; index < plan.incidents; index += 1) {
      timeline.at(begin + random.between(0, 0.6) ** 2 * 1.6 * span, () => {
        const incident = create(String(100 + index));
        live(incident, 1 + random.int(4), until);
      });
    }
  }

  function live(incident: SourceIncident, steps: number, until: number): void {
    if (steps === 0) return;
    const span = until - timeline.now();
    const pauseMs = random.chance(0.7) ? random.between(0, 8_000) : random.between(0, (1.5 * span) / steps);
    timeline.at(Math.min(until, timeline.now() + pauseMs), () => {
      step(incident);
      if (timeline.now() < until) live(incident, steps - 1, until);
    });
  }

  function step(incident: SourceIncident): void {
    const before = newestOf(incident);
    const drawn = random.next();
    if (before.status === "redirected") {
      if (drawn < 0.3) change(incident, {}, { isBeside: true });
      return;
    }
    if (drawn < 0.4) return moveOn(incident);
    if (drawn < 0.5) return change(incident, { severity: random.pick(SEVERITIES) });
    if (drawn < 0.58) return change(incident, { assignedTo: random.pick([EXPERTS, "ann@contoso.com", null]) });
    if (drawn < 0.64) return change(incident, {}, { isBeside: true });
    if (drawn < 0.84) return comment(incident);
    if (drawn < 0.87) return changeTogether();
    const survivors = others(incident);
    const [first, ...more] = survivors;
    if (first !== undefined) merge(incident, random.pick([first, ...more]));
  }

  function moveOn(incident: SourceIncident): void {
    const status = random.pick(NEXT[newestOf(incident).status] ?? ["inProgress"]);
    const [classification, determination] = random.pick(VERDICTS);
    change(incident, {
      status,
      ...(status === "inProgress" ? { assignedTo: EXPERTS } : {}),
      ...(status === "awaitingAction" ? { assignedTo: "Customer", systemTags: [EXPERTS] } : {}),
      ...(status === "resolved" ? { classification, determination, resolvingComment: "done here" } : {}),
    });
  }

  /** As an automation does it: several at once, under one stamp. */
  function changeTogether(): void {
    const ticks = stamp(0n);
    for (const incident of incidents.values()) {
      if (newestOf(incident).status !== "redirected")
        change(incident, { severity: random.pick(SEVERITIES) }, { ticks });
    }
  }

  function others(incident: SourceIncident): readonly SourceIncident[] {
    return [...incidents.values()].filter((other) => other !== incident && newestOf(other).status !== "redirected");
  }

  function create(id: string, fields: Partial<SourceFields> = {}): SourceIncident {
    const ticks = stamp(0n);
    const incident: SourceIncident = { id, tenant, createdAt: ticks, versions: [] };
    incidents.set(id, incident);
    const isOfExperts = random.chance(0.6);
    add(incident, ticks, 1, {
      status: "active",
      severity: random.pick(SEVERITIES),
      assignedTo: null,
      classification: null,
      determination: null,
      resolvingComment: null,
      redirectIncidentId: null,
      customTags: [],
      systemTags: isOfExperts ? [EXPERTS] : [],
      displayName: `Suspicious sign-in ${id} at tenant-${tenant}`,
      comments: [],
      ...fields,
    });
    return incident;
  }

  function change(incident: SourceIncident, fields: Partial<SourceFields>, options: ChangeOptions = {}): void {
    const before = newestOf(incident);
    const ticks = options.ticks ?? stamp(before.ticks);
    add(incident, ticks > before.ticks ? ticks : before.ticks, before.n + (options.isBeside === true ? 0 : 1), {
      ...before,
      ...fields,
    });
  }

  /** Number `n` stands in the tags, where every ticket shows it. */
  function add(incident: SourceIncident, ticks: Ticks, n: number, fields: SourceFields): void {
    const now = timeline.now();
    const isLate = random.chance(plan.source.lateRow);
    if (isLate) trace.fault("late row");
    const lagMs = isLate ? random.between(0, plan.source.lateMaxMs) : random.between(0, 2_000);
    const tags = ["vip", `rev-${n}`];
    incident.versions.push({ ...fields, customTags: tags, n, ticks, madeAt: now, visibleAt: now + lagMs });
    trace.note(
      `source-${tenant}`,
      `${incident.id} rev-${n} ${fields.status} ${textOfTicks(ticks)} seen in ${Math.round(lagMs)} ms`,
    );
    world.onChange(incident);
    if (isLate) timeline.after(lagMs, world.onLateRow);
  }

  /** 0 to 7 digits of a second, and now and then one that was given before. */
  function stamp(least: Ticks): Ticks {
    const exact = ticksOf(timeline.now()) + BigInt(random.int(10_000));
    const own = cutTicks(exact, random.int(8));
    const isShared =
      random.chance(plan.source.sharedStamp) && lastTicks !== undefined && exact - lastTicks < 50_000_000n;
    if (isShared) trace.fault("shared stamp");
    const ticks = isShared && lastTicks !== undefined ? lastTicks : own;
    lastTicks = ticks;
    return ticks > least ? ticks : least + (random.chance(0.2) ? 0n : 1n);
  }

  function comment(incident: SourceIncident): void {
    const { comments } = newestOf(incident);
    const created = { author: EXPERTS, createdAt: textOfTicks(ticksOf(timeline.now())) };
    const text = `remark ${tenant}-${incident.id}-${comments.length + 1}. of tenant-${tenant}`;
    change(incident, { comments: [...comments, { ...created, text }] }, { isBeside: true });
  }

  function merge(loser: SourceIncident, survivor: SourceIncident): void {
    trace.fault("merge");
    change(loser, { status: "redirected", redirectIncidentId: survivor.id });
    if (random.chance(0.6)) change(survivor, {}, { isBeside: random.chance(0.5) });
  }
}
