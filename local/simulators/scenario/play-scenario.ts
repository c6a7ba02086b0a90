import type { GraphSimulator } from "../graph/start-graph.ts";
import type { ServiceNowSimulator } from "../servicenow/start-servicenow.ts";
import { type Action, type Assignees, assign, DEFAULT_ASSIGNEES, type Scenario, type Step } from "./scenario.ts";
import { type StoryClock, wallStoryClock } from "./story-clock.ts";

export interface PlayOptions {
  readonly graph: GraphSimulator;
  /** For the steps in which the customer works on a ticket; they are left out without it. */
  readonly serviceNow?: ServiceNowSimulator;
  /** Hours of story become minutes at 60. */
  readonly compression?: number;
  readonly clock?: StoryClock;
  readonly assignees?: Assignees;
}

export interface Play {
  /** The ids of the incidents made so far, by the story's names for them. */
  readonly ids: ReadonlyMap<string, string>;
  /** Ends with the last step, or with `stop`. */
  readonly done: Promise<void>;
  /** Steps on a ticket that never came to be, or that ServiceNow refused. */
  skipped(): number;
  stop(): void;
}

/** How long, and how often, the customer looks for a ticket before giving up. */
const TICKET_WAIT_MS = 60_000;
const TICKET_LOOK_MS = 500;

/** Plays a story, each time with fresh incidents. */
export function playScenario(scenario: Scenario, options: PlayOptions): Play {
  const { graph, serviceNow, compression = 1, clock = wallStoryClock, assignees = DEFAULT_ASSIGNEES } = options;
  const ids = new Map<string, string>();
  const tasks = new Map<string, string>();
  const looks = new Set<() => void>();
  const start = clock.now();
  let next = 0;
  let skipped = 0;
  let callOff: () => void = () => undefined;
  let finish: () => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });

  function advance(): void {
    const elapsed = (clock.now() - start) * compression;
    try {
      for (let step = scenario.steps[next]; step !== undefined && step.atMs <= elapsed; step = scenario.steps[next]) {
        next += 1;
        act(step);
      }
    } catch (error) {
      fail(error);
      return;
    }
    const step = scenario.steps[next];
    if (step === undefined) endIfIdle();
    else callOff = clock.after(Math.max(1, Math.ceil((step.atMs - elapsed) / compression)), advance);
  }

  function endIfIdle(): void {
    if (next >= scenario.steps.length && looks.size === 0) finish();
  }

  function idOf(name: string): string {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`scenario "${scenario.name}": the incident "${name}" has not been created`);
    return id;
  }

  function act({ incident, action }: Step): void {
    switch (action.do) {
      case "create": {
        const { id } = graph.incidents.create(assign(action.set, assignees));
        ids.set(incident, id);
        for (const alert of action.alerts) graph.incidents.addAlert(id, alert);
        return;
      }
      case "change":
      case "reopen":
        graph.incidents.change(idOf(incident), assign(action.set, assignees));
        return;
      case "comment":
        graph.incidents.comment(idOf(incident), action.by, action.text);
        return;
      case "alert":
        graph.incidents.addAlert(idOf(incident), action.alert);
        return;
      case "remediate":
        remediate(graph, idOf(incident), action);
        return;
      case "task":
        tasks.set(action.task, graph.tasks.add(idOf(incident), action.set).id);
        return;
      case "taskStatus":
        graph.tasks.setStatus(tasks.get(action.task) ?? "", action.status, action.by);
        return;
      case "merge":
        graph.incidents.merge(idOf(incident), idOf(action.into));
        return;
      case "ticket":
        if (serviceNow === undefined) skipped += 1;
        else workOnTicket(serviceNow, idOf(incident), action.by, action.set, clock.now() + TICKET_WAIT_MS);
    }
  }

  function workOnTicket(
    desk: ServiceNowSimulator,
    incidentId: string,
    by: string,
    set: Readonly<Record<string, string>>,
    until: number,
  ): void {
    const [ticket] = desk.tickets.byCorrelation(`mdx:${graph.tenantId}:${incidentId}`);
    if (ticket !== undefined) {
      const written = desk.tickets.write(ticket.sysId, set, { userName: by, isAdmin: false });
      if ("detail" in written) skipped += 1;
      return;
    }
    if (clock.now() >= until) {
      skipped += 1;
      return;
    }
    const stopLooking = clock.after(TICKET_LOOK_MS, () => {
      looks.delete(stopLooking);
      workOnTicket(desk, incidentId, by, set, until);
      endIfIdle();
    });
    looks.add(stopLooking);
  }

  advance();
  return {
    ids,
    done,
    skipped: () => skipped,
    stop() {
      callOff();
      for (const stopLooking of looks) stopLooking();
      finish();
    },
  };
}

/** Evidence goes from one remediation status to another by itself: the incident is not touched. */
function remediate(
  { incidents }: GraphSimulator,
  incidentId: string,
  action: Action & { readonly do: "remediate" },
): void {
  const { from, to, investigation } = action;
  for (const { id, evidence } of incidents.alerts.of(incidentId)) {
    if (!evidence.some(({ remediation }) => remediation === from)) continue;
    const changed = evidence.map((item) => (item.remediation === from ? { ...item, remediation: to } : item));
    const investigationState = investigation === "" ? {} : { investigationState: investigation };
    incidents.changeAlert(id, { evidence: changed, ...investigationState }, { keepsStamp: true });
  }
}
