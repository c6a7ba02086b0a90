import { operateRebuild } from "../shared/pipeline/operate/operate-rebuild.ts";
import type { PreviewedIncident } from "../shared/pipeline/preview/previewed.ts";
import { type Answer, type Place, callOperation, exitCodeOf } from "./operations-client.ts";
import { incidentLines, problemLines, totalLines } from "./preview-text.ts";
import { askReadOnly, placeThatFollows } from "./read-only-product.ts";
import type { RebuildOptions } from "./rebuild.ts";
import { type StartOptions, orSayWhy } from "./start.ts";

interface Step {
  readonly tenantId: string;
  /** All that the connector serves. */
  readonly tenants: readonly string[];
  readonly checked: number;
  readonly incidents: readonly PreviewedIncident[];
  readonly problems: readonly string[];
  readonly next?: unknown;
}

const HERE: Place = { url: "", key: "" };

/** What a rebuild would write, step by step; like a preview, it writes nothing, and runs no product. */
export function rebuildDry(options: RebuildOptions, start: StartOptions): Promise<number> {
  return orSayWhy(async () => {
    const { connector, since, reason, isJson } = options;
    const place = options.remote ?? (await placeThatFollows(start));
    const found: PreviewedIncident[] = [];
    const problems: string[] = [];
    let checked = 0;
    let tenant = options.tenant;
    let others: readonly string[] | undefined = options.tenant === undefined ? undefined : [];
    let from: unknown;
    for (;;) {
      const order = { connector, since, reason, dryRun: true, ...(tenant === undefined ? {} : { tenant }) };
      const answer = await ask(place, start, { ...order, ...(from === undefined ? {} : { from }) });
      const code = exitCodeOf("rebuild", place ?? HERE, answer);
      if (code !== undefined) return code;
      const step = answer?.body as unknown as Step;
      others ??= step.tenants.filter((id) => id !== step.tenantId);
      checked += step.checked;
      found.push(...step.incidents);
      problems.push(...step.problems);
      if (!isJson) {
        for (const incident of step.incidents) say(incidentLines(incident, step.tenants.length > 1));
        say(problemLines(step.problems));
      }
      from = step.next;
      tenant = step.tenantId;
      if (from !== undefined) continue;
      [tenant, ...others] = others;
      if (tenant === undefined) break;
    }
    if (isJson) console.log(JSON.stringify({ checked, incidents: found, problems }));
    else
      say([...totalLines(found), `${checked} incidents looked at, ${found.length} to be written; nothing was written`]);
    return 0;
  });
}

function ask(place: Place | undefined, start: StartOptions, order: object): Promise<Answer | undefined> {
  if (place !== undefined) return callOperation(place, "POST", "rebuild", order);
  return askReadOnly(start, (composed) => operateRebuild(composed, JSON.stringify(order)));
}

function say(lines: readonly string[]): void {
  if (lines.length > 0) console.log(lines.join("\n"));
}
