import type { Diagnosis, DoctorFinding } from "../../shared/pipeline/doctor/diagnosis.ts";
import { troubleOf } from "./trouble-of.ts";

export type DiagnosisAnswer = { readonly diagnosis: Diagnosis } | { readonly problem: string };

/** Each question may take 20 s. */
const TIMEOUT_MS = 120_000;

/** Has everything examined, under the master key, which is kept nowhere. */
export async function fetchDiagnosis(masterKey: string): Promise<DiagnosisAnswer> {
  try {
    const response = await fetch("api/doctor", {
      headers: { accept: "application/json", "x-functions-key": masterKey },
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 401) return { problem: "The server refused this key. It wants the master key." };
    return diagnosisIn(await response.json().catch(() => ({})), response.status);
  } catch (error) {
    return { problem: `It could not be examined: ${troubleOf(error)}.` };
  }
}

/** Checks what is shown: a proxy in between may answer with something else. */
export function diagnosisIn(answered: unknown, status: number): DiagnosisAnswer {
  const { findings, problems } = isRecord(answered) ? answered : {};
  if (status === 200 && Array.isArray(findings) && findings.every(isFinding)) {
    return { diagnosis: answered as Diagnosis };
  }
  if (Array.isArray(problems) && problems.length > 0) return { problem: problems.map(String).join("; ") };
  if (status === 200) return { problem: "The answer is no diagnosis of dex-sync." };
  return { problem: `The server answered with status ${status}.` };
}

function isFinding(value: unknown): value is DoctorFinding {
  return isRecord(value) && FIELDS.every((field) => typeof value[field] === "string");
}

const FIELDS = ["area", "about", "verdict", "seen", "mend"] as const satisfies readonly (keyof DoctorFinding)[];

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
