import type { CheckFinding } from "../../shared/connectors/connector.ts";
import { printable } from "../terminal-words.ts";

/** `place` begins at the configuration's top; `connector` is "" for what belongs to none. */
export interface PlacedFinding extends CheckFinding {
  readonly connector: string;
}

export interface LintReport {
  readonly config: string;
  readonly isOffline: boolean;
  readonly findings: readonly PlacedFinding[];
  /** Connectors that were compared with their tools, and those whose tool gave no answer. */
  readonly compared: readonly string[];
  readonly unreachable: readonly string[];
}

const LINE_MAX = 1_000;

export function tellReport(report: LintReport, isJson: boolean): void {
  if (isJson) console.log(JSON.stringify(report));
  else for (const line of linesOf(report)) console.log(line);
}

function linesOf({ config, isOffline, findings, compared, unreachable }: LintReport): readonly string[] {
  const count = (severity: CheckFinding["severity"]): number =>
    findings.filter((finding) => finding.severity === severity).length;
  return [
    ...findings.map(lineOf),
    `${config}: ${counted(count("error"), "error")}, ${counted(count("warning"), "warning")}`,
    ...(isOffline ? ["offline: nothing was compared with the tools"] : []),
    ...(compared.length === 0 ? [] : [`compared with the tools: ${compared.join(", ")}`]),
    ...(unreachable.length === 0 ? [] : [`not compared, for the tool gave no answer: ${unreachable.join(", ")}`]),
  ];
}

function lineOf({ severity, connector, place, problem, mend }: PlacedFinding): string {
  const whose = connector === "" ? "-" : connector;
  return printable(`${severity.padEnd(7)}  ${whose}  ${place}: ${problem}; mend: ${mend}`, LINE_MAX);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
