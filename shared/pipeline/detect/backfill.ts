import type { TenantId } from "../../incident/incident.ts";
import { type Revision, maxRevision, minRevision, revisionFromMs, revisionOf } from "../../incident/revision.ts";
import type { RowCounts } from "./judge-rows.ts";
import { type Backfill, type PollState, changePollState, readPollState } from "../poll-state.ts";
import type { Clock } from "../ports/clock.ts";
import type { Tables } from "../ports/table.ts";

export interface BackfillRequest {
  /** ISO 8601: incidents last updated in [since, until]. */
  readonly since: string;
  readonly until: string;
  readonly isDryRun: boolean;
  /** True where nobody said until when: then a running one of the same beginning is the same. */
  readonly isOpenEnded?: boolean;
}

export type BackfillAnswer =
  | { readonly kind: "asked"; readonly backfill: Backfill }
  /** Another one of this tenant is not over; asking for the same one again goes on with it. */
  | { readonly kind: "busy"; readonly backfill: Backfill }
  | { readonly kind: "refused"; readonly problem: string };

/**
 * Puts a window among those that the tenant's polls have still to read: on the same idempotent path, within the same budget, live changes
 * first, and where a kill leaves it the next poll goes on. The age bound of the scope does not hold for it, everything else does.
 */
export async function askBackfill(
  deps: { readonly tables: Tables; readonly clock: Clock },
  tenantId: TenantId,
  request: BackfillRequest,
): Promise<BackfillAnswer> {
  const from = momentOf(request.since);
  const to = momentOf(request.until);
  if (from === undefined)
    return { kind: "refused", problem: "since: must be a moment like 2026-01-01T00:00:00Z, or a day" };
  if (to === undefined)
    return { kind: "refused", problem: "until: must be a moment like 2026-01-01T00:00:00Z, or a day" };
  if (from > to) return { kind: "refused", problem: "since: lies after until" };
  let answer: BackfillAnswer | undefined;
  const found = await changePollState(deps.tables.control, tenantId, (state) => {
    const running = state.backfill;
    if (running !== undefined && running.finishedAt === null) {
      answer = { kind: isSame(running, request) ? "asked" : "busy", backfill: running };
      return undefined;
    }
    const { isOpenEnded: _isOpenEnded, ...asked } = request;
    const backfill: Backfill = {
      ...asked,
      askedAt: deps.clock.now(),
      finishedAt: null,
      pages: 0,
      rows: 0,
      created: 0,
      changed: 0,
      unchanged: 0,
      outOfScope: 0,
    };
    answer = { kind: "asked", backfill };
    // What is newer than the cursor is read by every poll anyway.
    const end = state.cursor === undefined ? to : minRevision(to, maxRevision(state.cursor, from));
    return { ...state, backfill, unread: [...state.unread, { stream: "backfill", from, to: end }] } satisfies PollState;
  });
  if (!found || answer === undefined) {
    return {
      kind: "refused",
      problem: "tenant: it was never read yet; its first run reads what its scope names by itself",
    };
  }
  return answer;
}

export async function readBackfill(tables: Tables, tenantId: TenantId): Promise<Backfill | undefined> {
  return (await readPollState(tables.control, tenantId))?.state.backfill;
}

/** The progress once a page of `rows` rows was taken. */
export function withPage(backfill: Backfill, rows: number, counts: RowCounts): Backfill {
  return {
    ...backfill,
    pages: backfill.pages + 1,
    rows: backfill.rows + rows,
    created: backfill.created + counts.created,
    changed: backfill.changed + counts.changed,
    unchanged: backfill.unchanged + counts.unchanged,
    outOfScope: backfill.outOfScope + counts.outOfScope,
  };
}

function isSame(running: Backfill, request: BackfillRequest): boolean {
  return (
    running.since === request.since &&
    (request.isOpenEnded === true || running.until === request.until) &&
    running.isDryRun === request.isDryRun
  );
}

function momentOf(text: string): Revision | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return revisionOf(text);
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) ? undefined : revisionFromMs(ms);
}
