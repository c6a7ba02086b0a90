import type { GraphSimulator } from "../../local/simulators/graph/start-graph.ts";
import { CHANGED } from "./large-tenant.ts";
import { POLL_MS, type Reader, newStatus } from "./reader.ts";

/** What is wrong while 1,000 incidents change, or after. */
export interface Condition {
  readonly name: string;
  readonly changed: number;
  /** Makes the changes; answers the incidents that must be published now. */
  change(reader: Reader): Promise<readonly string[]>;
  /** True once what this is about was read as well. */
  isDone?(reader: Reader): Promise<boolean>;
  /** Goes on with the same reader. */
  readonly next?: Condition;
  /** Requests that it may cost beyond the bar. */
  readonly extra?: number;
}

/** Comes up by itself later than the overlap reaches back. */
const LATE_MS = 8 * 60_000;
const BEFORE_THE_OTHERS_MS = 5 * 60_000;
/** Requests that one search for what a page cannot hold may cost. */
const A_SEARCH = 40;
/** What cannot be listed is tried again after this. */
const TRIED_AGAIN_MS = 60 * 60_000;
const TOUCHED_A_PAGE = 10;
const POISONED = 20;

const FEW: readonly Condition[] = [0, 1, 50].map((changed) => ({
  name: changed === 0 ? "idle" : "clean",
  changed,
  change: (reader) => changeSome(reader, changed),
}));

export const CONDITIONS: readonly Condition[] = [
  ...FEW,
  all("clean", changeEvery),
  all("503 on page 7", (reader) => changeWith(reader, (graph) => strikePage(graph, 7, { status: 503 }))),
  all("503 on page 15", (reader) => changeWith(reader, (graph) => strikePage(graph, 15, { status: 503 }))),
  all("429 on page 7, Retry-After: 30", (reader) =>
    changeWith(reader, (graph) => strikePage(graph, 7, { status: 429, retryAfter: 30 })),
  ),
  all("429 on page 7, no Retry-After", (reader) =>
    changeWith(reader, (graph) => strikePage(graph, 7, { status: 429 })),
  ),
  // A row that moves up pushes those above its old place onto the next page once more.
  { ...all("10 rows touched after each page", changeWhileRead), extra: 2 },
  ...[20, 200].map((late) => all(`${late} rows late, behind the watermark`, (reader) => changeLate(reader, late))),
  ...[10, 50, 51, 200, 600].map((same) => all(`${same} of one stamp`, (reader) => changeTogether(reader, same))),
  {
    ...all(`$expand fails for ${POISONED}`, async (reader) => {
      for (const id of lastOf(reader)) reader.tenant.graph.poisoned.add(id);
      return changeEvery(reader);
    }),
    next: {
      name: `  then: the alerts of those ${POISONED}`,
      changed: 0,
      change: wantAlertsOfPoisoned,
      isDone: haveAlerts,
    },
  },
  {
    ...all("1 cannot be listed: the others", changeAroundUnlistable),
    extra: A_SEARCH,
    next: { name: "  then: that one, once it can be", changed: 1, change: mendUnlistable },
  },
];

function all(name: string, change: Condition["change"]): Condition {
  return { name, changed: CHANGED, change };
}

async function changeSome(reader: Reader, count: number): Promise<readonly string[]> {
  const ids = reader.tenant.ids.slice(0, count);
  await reader.changeAll(ids, newStatus);
  return ids;
}

function changeEvery(reader: Reader): Promise<readonly string[]> {
  return changeSome(reader, CHANGED);
}

function changeWith(reader: Reader, prepare: (graph: GraphSimulator) => void): Promise<readonly string[]> {
  prepare(reader.tenant.graph);
  return changeEvery(reader);
}

/** Once. */
function strikePage(graph: GraphSimulator, page: number, fault: { status: number; retryAfter?: number }): void {
  let read = 0;
  graph.onPage(() => {
    read += 1;
    if (read !== page - 1) return;
    graph.faults.add({ match: "GET /v1.0/security/incidents", kind: "status", times: 1, ...fault });
  });
}

/** After each page of the first poll half of those touched were read already and half were not; both move to the top. */
async function changeWhileRead(reader: Reader): Promise<readonly string[]> {
  const { graph, ids } = reader.tenant;
  await changeEvery(reader);
  let pages = 0;
  graph.onPage(() => {
    pages += 1;
    if (pages > CHANGED / 50) return;
    for (let count = 0; count < TOUCHED_A_PAGE; count += 1) {
      const at = (pages - 1) * (TOUCHED_A_PAGE / 2) + (count >> 1);
      const id = count % 2 === 0 ? ids[at] : ids[CHANGED - 1 - at];
      if (id !== undefined) graph.incidents.change(id, { status: count % 4 < 2 ? "resolved" : "active" });
    }
  });
  return ids;
}

/** The late ones change first and are seen last, when those that changed after them were read long ago. */
async function changeLate(reader: Reader, late: number): Promise<readonly string[]> {
  const { clock, ids } = reader.tenant;
  await reader.changeAll(ids.slice(0, late), newStatus, LATE_MS);
  for (let waited = 0; waited < BEFORE_THE_OTHERS_MS; waited += POLL_MS) {
    await reader.wait();
    await reader.poll();
  }
  await reader.changeAll(ids.slice(late), newStatus);
  await clock.advance(1_000);
  return ids;
}

async function changeTogether(reader: Reader, same: number): Promise<readonly string[]> {
  const { clock, graph, ids } = reader.tenant;
  const before = (CHANGED - same) / 2;
  await reader.changeAll(ids.slice(0, before), newStatus);
  await clock.advance(10);
  graph.incidents.changeTogether(ids.slice(before, before + same), { status: "inProgress" });
  await reader.changeAll(ids.slice(before + same), newStatus);
  return ids;
}

async function changeAroundUnlistable(reader: Reader): Promise<readonly string[]> {
  const one = middleOf(reader);
  reader.tenant.graph.unlistable.add(one);
  const ids = await changeEvery(reader);
  return ids.filter((id) => id !== one);
}

async function mendUnlistable(reader: Reader): Promise<readonly string[]> {
  reader.tenant.graph.unlistable.clear();
  await reader.tenant.clock.advance(TRIED_AGAIN_MS);
  return [middleOf(reader)];
}

function middleOf({ tenant }: Reader): string {
  return tenant.ids[CHANGED / 2] ?? "";
}

/** Their turn comes at once: how long a thousand take is another matter. */
async function wantAlertsOfPoisoned(reader: Reader): Promise<readonly string[]> {
  await reader.wantOnly(lastOf(reader));
  return [];
}

function lastOf({ tenant }: Reader): readonly string[] {
  return tenant.ids.slice(-POISONED);
}

async function haveAlerts(reader: Reader): Promise<boolean> {
  const snapshots = await Promise.all(lastOf(reader).map((id) => reader.snapshot(id)));
  return snapshots.every((snapshot) => snapshot?.incident.alerts?.rows.length === 1);
}
