import { doctorDeps } from "../shared/compose-doctor.ts";
import type { Diagnosis, DoctorFinding } from "../shared/pipeline/doctor/diagnosis.ts";
import { examine } from "../shared/pipeline/doctor/examine.ts";
import { type Place, callProduct, exitCodeOf } from "./operations-client.ts";
import { askReadOnly, placeThatFollows } from "./read-only-product.ts";
import { type StartOptions, orSayWhy } from "./start.ts";
import { printable } from "./terminal-words.ts";

export interface DoctorOptions {
  readonly isJson: boolean;
  readonly remote: Place | undefined;
}

const HERE: Place = { url: "", key: "" };
const LINE_MAX = 1_000;
const VERDICTS = {
  ok: "ok",
  warning: "warning",
  error: "ERROR",
  notLooked: "-",
} satisfies Record<DoctorFinding["verdict"], string>;

/**
 * Asks the product that runs elsewhere or on this data folder to examine itself; where none runs, the configuration is examined from here,
 * without a table or a queue of the product's. Answers the exit code: 0 nothing is wrong, 1 something is, 2 the call or the configuration is.
 */
export function doctor(options: DoctorOptions, start: StartOptions): Promise<number> {
  return orSayWhy(async () => {
    const place = options.remote ?? (await placeThatFollows(start));
    const answer =
      place === undefined
        ? await askReadOnly(start, async (composed) => ({
            status: 200,
            body: await examine(doctorDeps(composed, undefined)),
          }))
        : await callProduct(place, "GET", "doctor");
    const code = exitCodeOf("doctor", place ?? HERE, answer);
    if (code !== undefined) return code;
    const seen = answer?.body as unknown as Diagnosis;
    console.log(options.isJson ? JSON.stringify(seen) : doctorText(seen));
    return seen.status === "error" ? 1 : 0;
  });
}

export function doctorText({ findings, status }: Diagnosis): string {
  const lines = findings.flatMap(({ area, about, verdict, seen, mend }) => [
    printable(`${VERDICTS[verdict].padEnd(8)} ${area.padEnd(13)} ${about === "" ? "" : `${about}: `}${seen}`, LINE_MAX),
    ...(mend === "" ? [] : [printable(`${" ".repeat(23)}mend: ${mend}`, LINE_MAX)]),
  ]);
  const count = (verdict: DoctorFinding["verdict"]): number =>
    findings.filter((finding) => finding.verdict === verdict).length;
  const total = `${count("ok")} ok, ${count("warning")} to know, ${count("error")} to mend`;
  return [...lines, status === "ok" ? `${total}: all is well` : total].join("\n");
}
