import { type Pass, type PassCount, type PassCounter, type Target } from "./count-passes.ts";

/** What one step of an incident's life may cost at a tool: the figures of the connector's README. */
export interface Bar extends Pass {
  /** At most one a change where it is not said. */
  readonly passes?: number;
}

export interface Step {
  readonly name: string;
  readonly bars: Record<Target, Bar>;
  readonly work: (life: Life) => void | Promise<void>;
}

/** The incident that lives through the steps, and another one that it is merged into. */
export interface Life {
  readonly counter: PassCounter;
  id: string;
  survivor: string;
}

/** Jira: a look before and after a change, and a list and a transition for each step that the workflow needs. */
function jira(steps: number, rest: { readonly reads?: number; readonly writes?: number } = {}): Bar {
  return { reads: (steps === 0 ? 1 : 2) + steps + (rest.reads ?? 0), writes: steps + 1 + (rest.writes ?? 0) };
}

function bars(serviceNow: Bar, jiraBar: Bar, sentinel: Bar): Step["bars"] {
  return { ServiceNow: serviceNow, "Jira Cloud": jiraBar, "Jira Data Center": jiraBar, Sentinel: sentinel };
}

const NOTHING: Bar = { reads: 0, writes: 0, passes: 0 };
const ONE_WRITE: Bar = { reads: 0, writes: 1 };
/** `GET`, merge, `PUT`. */
const LABELS: Bar = { reads: 1, writes: 1 };
const QUICK = 20;

export const STEPS: readonly Step[] = [
  {
    name: "create",
    // A look-up each; Jira's issue and its link; Sentinel's twin is found, and gets its labels.
    bars: bars({ reads: 1, writes: 1 }, { reads: 3, writes: 2 }, LABELS),
    work: (life) => void (life.id = incidents(life).create({ severity: "medium" }).id),
  },
  {
    name: "update of one field",
    // Nothing of Sentinel's is ours there: it is compared.
    bars: bars(ONE_WRITE, jira(0), { reads: 1, writes: 0 }),
    work: (life) => void incidents(life).change(life.id, { severity: "high" }),
  },
  {
    name: "stage change",
    bars: bars(ONE_WRITE, jira(1), LABELS),
    work: (life) => void incidents(life).change(life.id, { status: "inProgress", assignedTo: "Defender Experts" }),
  },
  {
    name: "handover",
    bars: bars(ONE_WRITE, jira(1), LABELS),
    work: (life) => void incidents(life).change(life.id, { status: "awaitingAction", assignedTo: "Customer" }),
  },
  {
    name: "comment",
    bars: bars(ONE_WRITE, { reads: 0, writes: 1 }, { reads: 0, writes: 1 }),
    work: (life) => void incidents(life).comment(life.id, "Defender Experts", "Isolate the host."),
  },
  {
    name: "taken back, with a comment",
    bars: bars({ reads: 0, writes: 2 }, jira(1, { writes: 1 }), { reads: 1, writes: 2 }),
    work(life) {
      incidents(life).comment(life.id, "Defender Experts", "The host is isolated.");
      incidents(life).change(life.id, { status: "inProgress", assignedTo: "Defender Experts" });
    },
  },
  {
    name: "resolve with classification",
    // The simulated workflow asks for a review before it closes.
    bars: bars(ONE_WRITE, jira(2), LABELS),
    work(life) {
      const verdict = { classification: "truePositive", determination: "malware" };
      incidents(life).change(life.id, { status: "resolved", ...verdict });
    },
  },
  {
    name: "reopening",
    bars: bars(ONE_WRITE, jira(1), LABELS),
    work: (life) => void incidents(life).change(life.id, { status: "inProgress", assignedTo: "Defender Experts" }),
  },
  {
    name: "merge",
    // The loser, the survivor, and the loser again where it must learn of the survivor's ticket.
    bars: bars(
      { ...ONE_WRITE, passes: 3 },
      { ...jira(2, { reads: 1, writes: 1 }), passes: 3 },
      { ...LABELS, passes: 3 },
    ),
    work: (life) => incidents(life).merge(life.id, life.survivor),
  },
  {
    name: "nothing changed, 5 polls",
    bars: bars(NOTHING, NOTHING, NOTHING),
    async work({ counter }) {
      for (let poll = 0; poll < 5; poll += 1) await counter.detect();
    },
  },
  {
    name: `${QUICK} quick changes, one poll`,
    bars: bars({ ...ONE_WRITE, passes: 2 }, { ...jira(0), passes: 2 }, { ...LABELS, passes: 2 }),
    work(life) {
      for (let change = 1; change <= QUICK; change += 1) quick(life, change);
    },
  },
  {
    name: `${QUICK} quick changes, ${QUICK} polls`,
    bars: bars({ ...ONE_WRITE, passes: 2 }, { ...jira(0), passes: 2 }, { ...LABELS, passes: 2 }),
    async work(life) {
      let release: (() => void) | undefined;
      for (let change = 1; change <= QUICK; change += 1) {
        quick(life, QUICK + change);
        await life.counter.detect();
        // All others are found while the first is written.
        release ??= life.counter.hold();
      }
      release?.();
    },
  },
];

/** The first burst ends with another classification than the second, so that there is something to write in Sentinel too. */
function quick(life: Life, change: number): void {
  const classification = change <= QUICK === (change % 2 === 0) ? "truePositive" : "falsePositive";
  incidents(life).change(life.survivor, { displayName: `Title ${change}`, classification });
}

function incidents({ counter }: Life): PassCounter["product"]["tenant"]["graph"]["incidents"] {
  return counter.product.tenant.graph.incidents;
}

/** An incident and its ticket are there, and so is what a process asks its tool once. */
export async function startLife(counter: PassCounter): Promise<Life> {
  const life: Life = { counter, id: "", survivor: "" };
  await counter.count(() => void (life.survivor = incidents(life).create({ severity: "low" }).id));
  // Jira's workflow is met once a process: another issue has walked it, so that the bars are those of every issue after the first.
  if (counter.product.composition.config.connectors[0]?.kind !== "jira") return life;
  const { id } = incidents(life).create({ severity: "low" });
  await counter.count(() => undefined);
  for (const status of ["inProgress", "awaitingAction", "inProgress", "resolved", "inProgress", "resolved"]) {
    await counter.count(() => void incidents(life).change(id, { status }));
  }
  return life;
}

/** What misses its bar, in words; "" where all is met. */
export function missedBy({ changes, passes }: PassCount, bar: Bar): string {
  const most = bar.passes ?? changes;
  if (passes.length > most) return `${passes.length} passes, at most ${most}`;
  const over = passes.find(({ reads, writes }) => reads > bar.reads || writes > bar.writes);
  return over === undefined ? "" : `a pass with ${over.reads} reads and ${over.writes} writes`;
}
