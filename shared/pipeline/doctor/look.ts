import { PermanentError, RetryableError } from "../../errors.ts";
import { startDeadline } from "../deadline.ts";
import type { Clock } from "../ports/clock.ts";
import { withoutToolWords } from "../tool-words.ts";
import type { DoctorFinding } from "./diagnosis.ts";

/** For each question. */
const LONGEST_MS = 20_000;

type About = Pick<DoctorFinding, "area" | "about">;

export function well(about: About, seen: string): DoctorFinding {
  return { ...about, verdict: "ok", seen, mend: "" };
}

/**
 * Asks one question within its time. A failure is a finding with the mend that it brings along, or the one given; an error that should not
 * occur is one as well, for one broken question must not hide the answers to the others.
 */
export async function look(
  clock: Clock,
  about: About,
  fallbackMend: string,
  question: (signal: AbortSignal) => Promise<readonly DoctorFinding[]>,
): Promise<readonly DoctorFinding[]> {
  const deadline = startDeadline(clock, clock.now() + LONGEST_MS);
  try {
    return await question(deadline.signal);
  } catch (error) {
    return [failed(about, error, fallbackMend)];
  } finally {
    deadline.stop();
  }
}

export function failed(about: About, error: unknown, fallbackMend: string): DoctorFinding {
  const isKnown = error instanceof PermanentError || error instanceof RetryableError;
  const mend = isKnown && error.mend !== "" ? error.mend : fallbackMend;
  const text = error instanceof Error ? error.message : String(error);
  // A tool's own words may repeat what an incident says; why it refuses is said by ours.
  return {
    ...about,
    verdict: "error",
    seen: isKnown ? withoutToolWords(text) : `an error of this program: ${text}`,
    mend,
  };
}
