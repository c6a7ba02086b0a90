import type { Diagnosis, DoctorFinding } from "../../shared/pipeline/doctor/diagnosis.ts";
import { grouped } from "../data/grouped.ts";
import { counted } from "./words.ts";

const AREA_WORDS = {
  configuration: "Configuration",
  secrets: "Secrets",
  graph: "Microsoft Graph",
  connector: "Tools",
  tables: "Tables",
  bus: "Queues",
  clock: "Clocks",
} as const satisfies Record<DoctorFinding["area"], string>;

export const VERDICT_WORDS = {
  error: "Wrong",
  warning: "To know",
  ok: "Fine",
  notLooked: "Not looked at",
} as const satisfies Record<DoctorFinding["verdict"], string>;

/** The worst first. */
const ORDER = Object.keys(VERDICT_WORDS);

export interface ExaminedArea {
  readonly name: string;
  readonly worst: DoctorFinding["verdict"];
  /** The worst first. */
  readonly findings: readonly DoctorFinding[];
}

/** By area, those with the worst finding first. A verdict of a later version is shown first of all. */
export function examinedAreas({ findings }: Diagnosis): readonly ExaminedArea[] {
  const rank = ({ verdict }: DoctorFinding): number => ORDER.indexOf(verdict);
  const sorted = findings.toSorted((a, b) => rank(a) - rank(b));
  return [...grouped(sorted, ({ area }) => area)].map(([area, found]) => ({
    name: Object.hasOwn(AREA_WORDS, area) ? AREA_WORDS[area as DoctorFinding["area"]] : area,
    worst: found[0]?.verdict ?? "notLooked",
    findings: found,
  }));
}

/** What is read out once it is there. */
export function diagnosisSummary({ findings }: Diagnosis): string {
  const count = (wanted: DoctorFinding["verdict"]): number =>
    findings.filter(({ verdict }) => verdict === wanted).length;
  const others = [
    ...(count("warning") > 0 ? [`${count("warning")} to know`] : []),
    ...(count("notLooked") > 0 ? [`${count("notLooked")} not looked at`] : []),
    `${count("ok")} fine`,
  ];
  const first = count("error") === 0 ? "Nothing is wrong" : `${counted(count("error"), "thing")} to mend`;
  return `${first}: ${others.join(", ")}.`;
}
