import { withPage } from "./backfill.ts";
import { isWithin } from "../read/incident-keyset.ts";
import { judgeRows } from "./judge-rows.ts";
import { type PollRun, nextOrder } from "./poll-run.ts";
import type { UnreadWindow } from "../poll-state.ts";
import type { SourceRow } from "../ports/source.ts";
import { processRows } from "./process-rows.ts";

/** Saves what a page of an unread window holds; of a backfill its progress is counted, and a dry run counts only. */
export async function takeRows(
  run: PollRun,
  window: UnreadWindow,
  rows: readonly SourceRow[],
  unread: readonly UnreadWindow[],
): Promise<void> {
  const { backfill } = run.state;
  if (window.stream !== "backfill" || backfill === undefined) {
    await processRows(run, rows, nextOrder(run), { isOfAnyAge: window.isOfAnyAge === true });
    return;
  }
  // What is counted only is counted once: windows share the rows at their edges.
  const counts = backfill.isDryRun
    ? await judgeRows(
        run.deps,
        rows.filter((row) => !unread.some((other) => other.stream === "backfill" && isWithin(other, row))),
      )
    : countsOf(rows.length, await processRows(run, rows, nextOrder(run), { isOfAnyAge: true }));
  run.state = { ...run.state, backfill: withPage(backfill, rows.length, counts) };
}

function countsOf(
  rows: number,
  outcomes: Awaited<ReturnType<typeof processRows>>,
): Awaited<ReturnType<typeof judgeRows>> {
  const created = outcomes.filter(({ isOwing, snapshot }) => isOwing && snapshot.delta.from === undefined).length;
  const changed = outcomes.filter(({ isOwing }) => isOwing).length - created;
  return { created, changed, unchanged: rows - created - changed, outOfScope: 0 };
}
