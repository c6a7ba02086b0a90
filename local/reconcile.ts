import { backfill } from "./backfill.ts";
import { callOperation, exitCodeOf, withPlace, type Place } from "./operations-client.ts";
import type { StartOptions } from "./start.ts";
import { printable } from "./terminal-words.ts";

export interface ReconcileOptions {
  /** Milliseconds: incidents that changed in so long a time. */
  readonly windowMs: number;
  readonly tenant: string | undefined;
  readonly isRepairing: boolean;
  readonly reason: string;
  readonly isJson: boolean;
  readonly remote: Place | undefined;
}

interface Step {
  readonly tenantId: string;
  readonly checked: number;
  readonly differences: readonly Difference[];
  readonly next?: unknown;
}

interface Difference {
  readonly kind: string;
  readonly incidentId: string;
  readonly connector?: string;
  readonly detail?: string;
}

/** What `--repair` sends on its way again. */
const REPAIRED: ReadonlySet<string> = new Set(["behind", "claim ended", "owed", "lost"]);

/**
 * Source against snapshots (as a backfill that only counts, or with repair one that saves), then snapshots against links against tickets,
 * step by step. Exit code 0 where all agree, or what does not was sent on its way again; 1 where something is left for a person.
 */
export function reconcile(options: ReconcileOptions, start: StartOptions): Promise<number> {
  return withPlace("reconcile", options.remote, start, async (place) => {
    const since = new Date(Date.now() - options.windowMs).toISOString();
    const read = await backfill(
      {
        since,
        until: undefined,
        tenant: options.tenant,
        isDryRun: !options.isRepairing,
        reason: options.reason,
        isJson: false,
        isQuiet: options.isJson,
        remote: place,
      },
      start,
    );
    if (read !== 0) return read;
    const tenants = await tenantsOf(place, options.tenant);
    if (typeof tenants === "number") return tenants;
    const found: (Difference & { readonly tenantId: string })[] = [];
    let checked = 0;
    for (const { tenantId, isBehind } of tenants) {
      // Without repair, what the source has and we have not is all that is known of it.
      if (isBehind && !options.isRepairing) found.push({ tenantId, kind: "stale", incidentId: "" });
      let from: unknown;
      do {
        const order = { tenant: tenantId, since, repair: options.isRepairing, reason: options.reason };
        const answer = await callOperation(place, "POST", "reconcile", {
          ...order,
          ...(from === undefined ? {} : { from }),
        });
        const code = exitCodeOf("reconcile", place, answer);
        if (code !== undefined) return code;
        const step = answer?.body as unknown as Step;
        checked += step.checked;
        found.push(...step.differences.map((difference) => ({ ...difference, tenantId })));
        if (!options.isJson)
          for (const difference of step.differences) console.log(lineOf(tenantId, difference, options));
        from = step.next;
      } while (from !== undefined);
    }
    const left = found.filter(({ kind }) => !options.isRepairing || !REPAIRED.has(kind)).length;
    if (options.isJson) console.log(JSON.stringify({ since, checked, differences: found }));
    else console.log(`${checked} incidents compared: ${found.length} differences, ${left} left for a person`);
    return left === 0 ? 0 : 1;
  });
}

/** Tenants, and whether their last backfill counted what we do not have as the source has it. */
async function tenantsOf(
  place: Place,
  named: string | undefined,
): Promise<readonly { readonly tenantId: string; readonly isBehind: boolean }[] | number> {
  const answer = await callOperation(place, "GET", "backfill");
  const code = exitCodeOf("reconcile", place, answer);
  if (code !== undefined) return code;
  const rows = (answer?.body["tenants"] ?? []) as readonly {
    tenantId: string;
    backfill: { created: number; changed: number } | null;
  }[];
  return rows
    .filter(({ tenantId }) => named === undefined || named === tenantId)
    .map((row) => ({
      tenantId: row.tenantId,
      isBehind: (row.backfill?.created ?? 0) + (row.backfill?.changed ?? 0) > 0,
    }));
}

function lineOf(
  tenantId: string,
  { kind, incidentId, connector, detail }: Difference,
  options: ReconcileOptions,
): string {
  const where = connector === undefined ? "" : ` in ${connector}`;
  const what = detail === undefined || detail === "" ? "" : `: ${detail}`;
  const done = options.isRepairing && REPAIRED.has(kind) ? " (sent again)" : "";
  return printable(`${kind}: incident ${incidentId} of ${tenantId}${where}${what}${done}`);
}
