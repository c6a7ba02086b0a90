import type { Tenant } from "../start-tenant.ts";
import type { Demo, DemoPlay } from "./parse-demo.ts";
import { type Play, playScenario } from "./play-scenario.ts";
import type { Assignees } from "./scenario.ts";
import { type StoryClock, wallStoryClock } from "./story-clock.ts";

export interface DemoOptions {
  readonly tenant: Pick<Tenant, "graph" | "serviceNow" | "jira">;
  /** On top of each play's own. */
  readonly compression?: number;
  readonly clock?: StoryClock;
  readonly assignees?: Assignees;
  /** Told what went wrong in a play; the others go on. */
  onError(error: unknown): void;
}

export interface DemoRun {
  /** Plays begun so far. */
  begun(): number;
  stop(): void;
}

/** Goes on for good, with fresh incidents each round and bounded memory. */
export function playDemo(demo: Demo, options: DemoOptions): DemoRun {
  const { tenant, compression = 1, clock = wallStoryClock } = options;
  const running = new Set<Play>();
  const timers = new Map<DemoPlay, () => void>();
  let over: string[] = [];
  let begun = 0;
  let isStopped = false;

  function begin(play: DemoPlay): void {
    begun += 1;
    timers.set(
      play,
      clock.after(play.everyMs / compression, () => begin(play)),
    );
    const current = playScenario(play.scenario, {
      graph: tenant.graph,
      serviceNow: tenant.serviceNow,
      clock,
      compression: play.compression * compression,
      ...(options.assignees === undefined ? {} : { assignees: options.assignees }),
    });
    running.add(current);
    current.done
      .catch((error: unknown) => options.onError(error))
      .finally(() => {
        running.delete(current);
        if (!isStopped) retire(current);
      });
  }

  /** Forgets the oldest incidents that are over, with their tickets. */
  function retire(play: Play): void {
    over.push(...play.ids.values());
    const dropped = over.slice(0, Math.max(0, over.length - demo.keep));
    over = over.slice(dropped.length);
    const { graph, serviceNow, jira } = tenant;
    for (const id of dropped) {
      graph.incidents.drop(id);
      for (const ticket of serviceNow.tickets.byCorrelation(`mdx:${graph.tenantId}:${id}`))
        serviceNow.tickets.delete(ticket.sysId);
      for (const issue of jira.issues.labelled(`mdx_${graph.tenantId}_${id}`)) jira.issues.delete(issue.id);
    }
  }

  for (const play of demo.plays)
    timers.set(
      play,
      clock.after(play.atMs / compression, () => begin(play)),
    );
  return {
    begun: () => begun,
    stop() {
      isStopped = true;
      for (const callOff of timers.values()) callOff();
      for (const play of running) play.stop();
    },
  };
}
