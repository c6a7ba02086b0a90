import { PermanentError } from "../shared/errors.ts";

const MENDS: Readonly<Record<string, string>> = {
  EADDRINUSE: "end the program that has it, or name another with --port N",
  EACCES: "name one from 1024 on with --port N: those below are not for every account",
};

/** Why a port cannot be had, where it is that; else undefined. */
export function portRefusal(port: number, error: unknown): PermanentError | undefined {
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined) ?? "";
  const mend = MENDS[code];
  if (mend === undefined) return undefined;
  return new PermanentError("misconfigured", `port ${port} on 127.0.0.1 cannot be had (${code})`, {
    mend,
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
