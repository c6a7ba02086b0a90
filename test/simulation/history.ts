import { checkEvents } from "./check-events.ts";
import { checkAtTheEnd } from "./final-check.ts";
import { knownAs } from "./known.ts";
import type { Watch } from "./life.ts";
import { startOperations } from "./operations.ts";
import { checkParked, isLetBe, seeSent } from "./operations-check.ts";
import { emptyRecord } from "./operations-record.ts";
import { createOracle } from "./oracle.ts";
import { type Plan, planOf } from "./plan.ts";
import { tenantIdOf } from "./product-config.ts";
import { rulesOf } from "./tool-rules.ts";
import { startTimer, startTrouble } from "./trouble.ts";
import type { Violation } from "./verdict.ts";
import { type Plant, type World, createWorld } from "./world.ts";

export interface HistoryResult {
  readonly seed: number;
  /** Those that are not known yet; and names of those that are. */
  readonly violations: readonly Violation[];
  readonly known: readonly string[];
  readonly faults: ReadonlyMap<string, number>;
  readonly virtualMs: number;
  readonly changes: number;
  readonly incidents: number;
  readonly digest: string;
  readonly lines: readonly string[];
}

export interface HistoryOptions {
  readonly plan?: Plan;
  readonly isTraceKept?: boolean;
  readonly plant?: Plant;
  readonly watch?: (world: () => World) => Watch;
  /** What happens, instead of the lives that the experts' script leads incidents through. */
  readonly script?: (world: World) => void;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Failed work waits ten minutes at most, a breaker a minute: after hours everything has been tried again. */
const SETTLE_MS = 3 * HOUR;
/** A difference is looked at again three times, ten minutes apart. */
const LAST_COPIES_MS = 45 * MINUTE;
/** Rows later than half an hour are found by the daily look. */
const DAY_SETTLE_MS = 49 * HOUR;
/** All links are walked once a day, and what a walk finds is sent again. */
const WALK_SETTLE_MS = 28 * HOUR;

const CUTTING = [
  "crash",
  "lock lost",
  "table turned away",
  "table done unseen",
  "http timeoutBefore",
  "http timeoutAfter",
  "http refused",
  "http unavailable",
  "http garbled",
  "http slow",
];

/** The bus gives to another worker what one may still be at. */
const CUTTING_DELIVERIES = ["lock lost", "process ended", "bus lost"];

/** One history from its seed: what happens, then quiet, then judgement. */
export async function runHistory(seed: number, options: HistoryOptions = {}): Promise<HistoryResult> {
  const plan = options.plan ?? planOf(seed);
  const operations = emptyRecord();
  const world: World = createWorld({
    plan,
    isTraceKept: options.isTraceKept === true,
    ...(options.watch === undefined ? {} : { watch: options.watch(() => world) }),
    ...(options.plant === undefined ? {} : { plant: options.plant }),
    onWrite: (place, record, write) => oracle.see(place, record, write),
    onSent: (queue, body) => seeSent(oracle, operations, queue, body, world.timeline.now()),
  });
  const tenantOf = (name: string) => world.tenants.find((tenant) => tenant.name === name);
  const keyOf = (tenant: string, incidentId: string): string =>
    `mdx:${tenantIdOf(tenant === "b" ? "b" : "a")}:${incidentId}`;
  const wereClaimsCutShort = (): boolean => CUTTING.some((kind) => world.trace.faults.has(kind));
  const oracle = createOracle({
    incidents: (tenant) => tenantOf(tenant)?.incidents ?? new Map(),
    records({ tenant, tool }) {
      const { serviceNow, jira } = tenantOf(tenant) ?? {};
      return (tool === "jira" ? jira : serviceNow)?.records.values() ?? [];
    },
    rules: ({ tool }) => rulesOf(tool, plan),
    twins: (tenant) => tenantOf(tenant)?.sentinel?.twins ?? [],
    keyOf,
    now: () => world.timeline.now() - world.startedAt,
    note: (text) => world.trace.note("oracle", text),
    hints: () => [...world.trace.faults.keys()],
    wereClaimsCutShort,
    operations,
  });

  world.start();
  startTimer(world);
  startTrouble(world);
  const operated = startOperations(world, operations);
  if (options.script === undefined) for (const tenant of world.tenants) tenant.experts.start(world.until);
  else options.script(world);
  const isOver = (): boolean => world.broker.busyLoop() !== undefined;
  await world.timeline.run(world.until, isOver);
  if (!isOver()) await calmDown(world);
  const calmAt = world.timeline.now();
  operated.finish();
  await world.timeline.run(world.timeline.now() + settleMs(plan), isOver);
  world.stopTimer();
  await world.timeline.run(world.timeline.now() + LAST_COPIES_MS, isOver);
  const listing = operated.list();
  if (listing !== undefined) await world.timeline.run(world.timeline.now() + MINUTE);

  const nowhere = { tenant: "", tool: "servicenow" } as const;
  const busy = world.broker.busyLoop();
  if (busy !== undefined) oracle.report("busy loop", nowhere, "", busy);
  else if (world.broker.waiting() > 0 || world.broker.deadLetters.length > 0) {
    const { deadLetters } = world.broker;
    const what = `${world.broker.waiting()} messages wait, ${deadLetters.length} are dead: ${deadLetters[0]?.text ?? ""}`;
    oracle.report("not quiet", nowhere, "", what);
  }
  for (const { name, incidents, serviceNow, jira, sentinel } of isOver() ? [] : world.tenants) {
    checkAtTheEnd(oracle, {
      tenant: name,
      incidents,
      records: plan.ticketTools[name].includes("servicenow") ? [...serviceNow.records.values()] : undefined,
      issues: jira === undefined ? undefined : { records: [...jira.records.values()], workflow: plan.jira.workflow },
      twins: sentinel?.twins,
      experts: plan.experts,
      mergedAs: plan.source.mergedAs,
      onHold: plan.onHold,
      wereClaimsCutShort: wereClaimsCutShort(),
      isJournalReadable: plan.serviceNow.isJournalReadable,
      keyOf: (incidentId) => keyOf(name, incidentId),
      isLetBe: (place, incident) => isLetBe(operations, place, incident),
      stateLostAt: operations.stateLostAt.at(-1),
    });
  }
  for (const { name, incidents, receiver, reads } of isOver() ? [] : world.tenants) {
    if (receiver === undefined) continue;
    const place = { tenant: name, tool: "webhook" } as const;
    checkEvents(oracle, {
      place,
      tenantId: tenantIdOf(name),
      incidents,
      reads,
      deliveries: receiver.deliveries,
      calls: receiver.calls,
      severities: plan.receiver?.severities,
      experts: plan.experts,
      mergedAs: plan.source.mergedAs,
      moments: {
        cuts: CUTTING_DELIVERIES.flatMap((kind) => world.trace.faultsAt(kind)),
        replays: world.trace.faultsAt("order: replay"),
        resumes: world.trace.faultsAt("order: resume"),
        stateLosses: operations.stateLostAt,
        calmAt,
        areTablesShaky: plan.faults.tableFails > 0,
      },
      wasStateGarbled: plan.operations.poisonRows > 0,
      keyOf: (incidentId) => keyOf(name, incidentId),
      isLetBe: (incident) => isLetBe(operations, place, incident),
    });
  }
  if (listing !== undefined && !isOver()) {
    checkParked(oracle, operations, await listing, (tenant, incidentId) =>
      [...(tenantOf(tenant)?.serviceNow.records.values() ?? [])].filter(
        (record) => record.values["correlation_id"] === keyOf(tenant, incidentId),
      ),
    );
  }
  const incidents = world.tenants.flatMap((tenant) => [...tenant.incidents.values()]);
  for (const life of world.lives()) life.kill();
  return {
    seed,
    violations: oracle.violations.filter((violation) => knownAs(violation) === undefined),
    known: oracle.violations.flatMap((violation) => knownAs(violation) ?? []),
    faults: world.trace.faults,
    virtualMs: world.timeline.now() - world.startedAt,
    changes: incidents.reduce((sum, incident) => sum + incident.versions.length, 0),
    incidents: incidents.length,
    digest: world.trace.digest(),
    lines: world.trace.lines,
  };
}

/** The clock is set right like it jumped: while no claim of a write is alive. Then a process is there, and nothing fails any more. */
async function calmDown(world: World): Promise<void> {
  for (let minutes = 0; minutes < 60; minutes += 1) {
    if (world.timeline.now() - world.network.lastWriteAt() > 60_000) break;
    await world.timeline.run(world.timeline.now() + 60_000);
  }
  world.calm();
  if (world.lives().length === 0) world.start();
}

function settleMs(plan: Plan): number {
  const isDayLate = plan.source.lateRow > 0 && plan.source.lateMaxMs > 25 * 60_000;
  if (isDayLate) return DAY_SETTLE_MS + plan.source.lateMaxMs;
  const { busLosses, isLeftToTheWalk } = plan.operations;
  return busLosses > 0 && isLeftToTheWalk ? WALK_SETTLE_MS : SETTLE_MS;
}
