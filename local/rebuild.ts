import { setTimeout as sleep } from "node:timers/promises";
import type { RebuildOfTenant } from "../shared/pipeline/operate/operate-rebuild.ts";
import { type Answer, type Place, callOperation, exitCodeOf, withPlace } from "./operations-client.ts";
import type { StartOptions } from "./start.ts";
import { printable } from "./terminal-words.ts";

export interface RebuildOptions {
  readonly connector: string;
  readonly since: string;
  readonly tenant: string | undefined;
  readonly reason: string;
  readonly isJson: boolean;
  /** A product that runs elsewhere, and its master key. */
  readonly remote: Place | undefined;
}

const LOOK_EVERY_MS = 500;
const SILENT_LOOKS = 10;

/**
 * Asks the product that runs on this data folder (or elsewhere) to write a connector's tickets anew and shows how far it is; where none
 * runs, one runs for as long as it takes. Broken off, it goes on where it was: with the product, or with the same command. Answers the
 * exit code: 1 where some were parked.
 */
export function rebuild(options: RebuildOptions, start: StartOptions): Promise<number> {
  return withPlace("rebuild", options.remote, start, (place) => follow(options, place));
}

async function follow(options: RebuildOptions, place: Place): Promise<number> {
  const { connector, since, tenant, reason } = options;
  const named = { connector, ...(tenant === undefined ? {} : { tenant }) };
  const asked = await callOperation(place, "POST", "rebuild", { ...named, since, reason });
  const problem = exitCodeOf("rebuild", place, asked);
  if (problem !== undefined) return problem;
  let shown = "";
  let silent = 0;
  for (;;) {
    const told = await callOperation(place, "GET", `rebuild?${new URLSearchParams(named)}`);
    silent = told === undefined ? silent + 1 : 0;
    if (silent >= SILENT_LOOKS) {
      console.error("dex-sync rebuild: the product no longer answers; it goes on where it was once it runs again");
      return 1;
    }
    const rebuilds = rebuildsIn(told ?? asked);
    const text = rebuilds.map(lineOf).join("\n");
    if (!options.isJson && text !== shown) console.log(text);
    shown = text;
    if (rebuilds.every((one) => one.rebuild.finishedAt !== null)) {
      if (options.isJson) console.log(JSON.stringify({ rebuilds }));
      return rebuilds.some((one) => one.rebuild.counts.parked > 0) ? 1 : 0;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function rebuildsIn(answer: Answer | undefined): readonly RebuildOfTenant[] {
  return (answer?.body["rebuilds"] ?? []) as readonly RebuildOfTenant[];
}

function lineOf({ tenantId, connector, rebuild: { counts, onTheirWay, finishedAt } }: RebuildOfTenant): string {
  const parts = [
    `${counts.sent} sent`,
    `${counts.done} as they should be`,
    ...(onTheirWay > 0 ? [`${onTheirWay} on their way`] : []),
    ...(counts.parked > 0 ? [`${counts.parked} parked`] : []),
    ...(counts.unrouted > 0 ? [`${counts.unrouted} not for this tool`] : []),
  ];
  return printable(`${connector} of ${tenantId}: ${parts.join(", ")}${finishedAt === null ? " …" : "; done"}`);
}
