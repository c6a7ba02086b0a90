import { setTimeout as sleep } from "node:timers/promises";
import type { BackfillOfTenant } from "../shared/pipeline/operate/operate-backfill.ts";
import { type Answer, type Place, callOperation, exitCodeOf, withPlace } from "./operations-client.ts";
import type { StartOptions } from "./start.ts";

export interface BackfillOptions {
  readonly since: string;
  readonly until: string | undefined;
  readonly tenant: string | undefined;
  readonly isDryRun: boolean;
  readonly reason: string;
  readonly isJson: boolean;
  /** Says nothing where all goes well. */
  readonly isQuiet?: boolean;
  /** A product that runs elsewhere, and its master key. */
  readonly remote: Place | undefined;
}

const LOOK_EVERY_MS = 500;
const SILENT_LOOKS = 10;

/**
 * Asks the product that runs on this data folder (or elsewhere) for a backfill and shows how far it is; where none runs, one runs for as
 * long as it takes. Broken off, it goes on where it was: with the product, or with the same command. Answers the exit code.
 */
export function backfill(options: BackfillOptions, start: StartOptions): Promise<number> {
  return withPlace("backfill", options.remote, start, (place) => follow(options, place));
}

async function follow(options: BackfillOptions, place: Place): Promise<number> {
  const { since, until, tenant, isDryRun, reason } = options;
  const order = { since, ...(until === undefined ? {} : { until }), ...(tenant === undefined ? {} : { tenant }) };
  const asked = await callOperation(place, "POST", "backfill", { ...order, dryRun: isDryRun, reason });
  const problem = exitCodeOf("backfill", place, asked);
  if (problem !== undefined) return problem;
  let shown = "";
  let silent = 0;
  for (;;) {
    const told = await callOperation(place, "GET", "backfill");
    silent = told === undefined ? silent + 1 : 0;
    if (silent >= SILENT_LOOKS) {
      console.error("dex-sync backfill: the product no longer answers; it goes on where it was once it runs again");
      return 1;
    }
    const tenants = tenantsIn(told ?? asked).filter(
      (row) => row.backfill !== null && (tenant === undefined || row.tenantId === tenant),
    );
    const text = tenants.map(lineOf).join("\n");
    const isSilent = options.isJson || options.isQuiet === true;
    if (!isSilent && text !== shown) console.log(text);
    shown = text;
    if (tenants.every((row) => row.backfill?.finishedAt !== null)) {
      if (options.isJson) console.log(JSON.stringify({ tenants }));
      return 0;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function tenantsIn(answer: Answer | undefined): readonly BackfillOfTenant[] {
  return (answer?.body["tenants"] ?? []) as readonly BackfillOfTenant[];
}

function lineOf({ name, backfill: progress }: BackfillOfTenant): string {
  if (progress === null) return `${name}: none`;
  const { pages, rows, created, changed, unchanged, outOfScope, finishedAt, isDryRun } = progress;
  const verb = isDryRun ? "would be " : "";
  const counts = [
    `${created} ${verb}new`,
    `${changed} ${verb}changed`,
    `${unchanged} unchanged`,
    ...(outOfScope > 0 ? [`${outOfScope} out of scope`] : []),
  ];
  return `${name}: ${pages} pages, ${rows} incidents: ${counts.join(", ")}${finishedAt === null ? " …" : "; done"}`;
}
