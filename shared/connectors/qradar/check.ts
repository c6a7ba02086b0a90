import type { CheckFinding } from "../connector.ts";
import type { QRadarClient } from "./client.ts";
import { usable } from "./closing-reasons.ts";
import type { Line } from "./line.ts";
import type { FullMapping } from "./mapping-options.ts";
import { findLogSource } from "./setup-calls.ts";

const SETUP = "run `dex-sync setup qradar`";

/** Whether the console has what events and offenses need. Reads only. */
export async function checkConsole(
  options: {
    readonly line: Line;
    readonly client: QRadarClient;
    readonly mapping: FullMapping;
    readonly logSource: string;
    readonly referenceTable: string;
  },
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const { line, client, mapping, logSource, referenceTable } = options;
  await client.offenses(undefined, 0, signal);
  const findings: CheckFinding[] = [...(await sourceFindings(line, logSource, signal))];
  if (referenceTable !== "" && !(await client.hasTable(referenceTable, signal))) {
    const problem = `there is no reference table "${referenceTable}"; the first event makes it`;
    findings.push({
      severity: "warning",
      place: "referenceTable",
      problem,
      mend: `${SETUP}, or give the authorized service the right to make it`,
    });
  }
  if (mapping.close) findings.push(...(await reasonFindings(client, mapping, signal)));
  return findings;
}

async function sourceFindings(line: Line, logSource: string, signal: AbortSignal): Promise<readonly CheckFinding[]> {
  const place = "logSource";
  const found = await findLogSource(line, logSource, signal);
  if (found === "unreadable") {
    const problem = "this account may not read log sources: whether ours is there is not known";
    return [
      { severity: "warning", place, problem, mend: `${SETUP} with an account that may, or look for it in the console` },
    ];
  }
  if (found === undefined) {
    const problem = `there is no log source "${logSource}": events are taken for generic ones until QRadar has found it out itself`;
    return [{ severity: "error", place, problem, mend: SETUP }];
  }
  if (found.coalesce_events !== true) return [];
  const problem = `log source "${logSource}" coalesces events: of several that look alike QRadar keeps one, and the others' payloads are lost`;
  return [{ severity: "error", place, problem, mend: "turn Coalescing Events off for it in the console" }];
}

async function reasonFindings(
  client: QRadarClient,
  mapping: FullMapping,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const reasons = await client.closingReasons(signal);
  return Object.entries(mapping.closingReasons)
    .filter(([, text]) => usable(reasons, text) === undefined)
    .map(([classification, text]) => ({
      severity: "error" as const,
      place: `mapping.closingReasons.${classification}`,
      problem: `QRadar has no closing reason "${text}" that may be used`,
      mend: `${SETUP}, which makes it, or name one of those there are: ${reasons
        .map((reason) => reason.text)
        .join("; ")
        .slice(0, 300)}`,
    }));
}
