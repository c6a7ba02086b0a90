import type { RequestCount } from "../../local/simulators/http/request-counters.ts";
import type { PollReport } from "../../shared/pipeline/detect/detect-changes.ts";
import { minRevision, revisionFromMs } from "../../shared/incident/revision.ts";
import type { PollState } from "../../shared/pipeline/poll-state.ts";
import { OVERLAP_MS } from "../tenant-plan.ts";
import { POLL_MS, type Reader } from "./reader.ts";

/** The window that finds late rows is read every quarter of an hour: what is not published after 25 minutes counts as lost. */
const MOST_POLLS = (25 * 60_000) / POLL_MS;
const OVERLAP_EVERY_MS = 60_000;
const PAGE = 50;

/** What it cost until everything was published. */
export interface Measured {
  readonly polls: number;
  /** Of the clock that simulator and product share. */
  readonly tookMs: number;
  readonly streams: Readonly<Record<string, number>>;
  /** Requests that lists may cost by what docs/measured.md promises. */
  readonly bar: number;
  readonly listBytes: number;
  readonly bytes: number;
  /** Not published after 25 minutes. */
  readonly lost: number;
  /** False where all was published, and what the condition is about was not read. */
  readonly isDone: boolean;
}

/** Polls until these incidents are published as they are, and `isDone`; for 25 minutes at most. */
export async function pollUntil(
  reader: Reader,
  ids: readonly string[],
  isDone: () => Promise<boolean>,
): Promise<Measured> {
  let missing = ids;
  let isRead = false;
  const costs = await polls(reader, async () => {
    missing = await unpublished(reader, missing);
    // What was published may have changed again since.
    if (missing.length === 0) missing = await unpublished(reader, ids);
    isRead = await isDone();
    return missing.length === 0 && isRead;
  });
  return { ...costs, lost: missing.length, isDone: isRead };
}

/** What polls cost for so long. */
export async function pollFor(reader: Reader, ms: number): Promise<Measured> {
  const until = reader.tenant.clock.now() + ms;
  const costs = await polls(reader, () => Promise.resolve(reader.tenant.clock.now() >= until), ms / POLL_MS);
  return { ...costs, lost: 0, isDone: true };
}

type Costs = Omit<Measured, "lost" | "isDone">;

async function polls(reader: Reader, isOver: () => Promise<boolean>, most = MOST_POLLS): Promise<Costs> {
  const { clock, graph } = reader.tenant;
  const before = graph.requests.read();
  const startedAt = clock.now();
  const streams: Record<string, number> = {};
  let bar = 0;
  let made = 0;
  for (;;) {
    const state = await reader.state();
    const pollAt = clock.now();
    const report = await reader.poll();
    made += 1;
    bar += allowed(reader, state, pollAt, report, await reader.state());
    for (const [stream, count] of Object.entries(report.streams)) streams[stream] = (streams[stream] ?? 0) + count;
    if ((await isOver()) || made >= most) break;
    await reader.wait();
  }
  const bytes = bytesSince(before, graph.requests.read());
  return { polls: made, tookMs: clock.now() - startedAt, streams, bar, ...bytes };
}

async function unpublished(reader: Reader, ids: readonly string[]): Promise<readonly string[]> {
  const isPublished = await Promise.all(ids.map((id) => reader.isPublished(id)));
  return ids.filter((_id, index) => isPublished[index] !== true);
}

/**
 * ⌈rows / 50⌉ + 1 for each poll, of the rows that changed since its cursor, once a minute of those in the overlap too: what changed in the
 * three minutes before the last poll. A poll that was stopped and kept nothing may have cost what it read until then.
 */
function allowed(reader: Reader, before: PollState, at: number, report: PollReport, after: PollState): number {
  if (report.outcome === "paused" || report.outcome === "held" || before.cursor === undefined) return 0;
  const rows = reader.tenant.graph.incidents.index.rows();
  const isOverlapDue = at - before.overlapReadAt >= OVERLAP_EVERY_MS;
  const overlap = revisionFromMs(before.lastTriedAt - OVERLAP_MS - OVERLAP_EVERY_MS);
  const from = isOverlapDue ? minRevision(before.cursor, overlap) : before.cursor;
  const changed = rows.size() - rows.rank((row) => row.updatedTicks <= from);
  const whole = Math.ceil(changed / PAGE) + 1;
  if (report.outcome !== "failed") return whole;
  // What was read is kept, and the request that failed is made again; or nothing was kept.
  return after.cursor === before.cursor ? Math.min(whole, listsOf(report.streams)) : whole + 1;
}

/** Requests for lists that follow the live changes, and for what those polls could not read at once. */
export function listsOf(streams: Readonly<Record<string, number>>): number {
  return (streams["list"] ?? 0) + (streams["history"] ?? 0);
}

function bytesSince(before: RequestCount, after: RequestCount): Pick<Measured, "listBytes" | "bytes"> {
  const of = ({ bytesByKind }: RequestCount, isWanted: (kind: string) => boolean): number =>
    Object.entries(bytesByKind).reduce((sum, [kind, bytes]) => sum + (isWanted(kind) ? bytes : 0), 0);
  const isList = (kind: string): boolean => kind === "list incidents" || kind === "next page of incidents";
  const isAny = (): boolean => true;
  return { listBytes: of(after, isList) - of(before, isList), bytes: of(after, isAny) - of(before, isAny) };
}
