import { PermanentError } from "../shared/errors.ts";

const RIGHTS = "give this account the right to read and write it, or name another folder with --data DIR";
const FOLDER = "name a folder with --data DIR";
const ROOM = "make room on the disk, or name a folder on another with --data DIR";

/** What the file system refuses here is a person's to mend: rights, a wrong path, no room. LMDB gives the number where Node gives the name. */
const MENDS: Readonly<Record<string, string>> = {
  EACCES: RIGHTS,
  13: RIGHTS,
  EPERM: RIGHTS,
  1: RIGHTS,
  EROFS: RIGHTS,
  30: RIGHTS,
  ENOTDIR: FOLDER,
  20: FOLDER,
  EEXIST: FOLDER,
  EISDIR: FOLDER,
  21: FOLDER,
  ENOENT: FOLDER,
  2: FOLDER,
  ENOSPC: ROOM,
  28: ROOM,
};
const IS_A_FILE = ["ENOTDIR", "EEXIST", "20"];

/** Work on `what` ("the data folder /x"): where the file system refuses it, `PermanentError` with the mend. */
export function usable<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const mend = MENDS[code];
    if (mend === undefined) throw error;
    const why = IS_A_FILE.includes(code) ? "it is a file, or lies below one" : (error as Error).message;
    throw new PermanentError("misconfigured", `${what} cannot be used: ${why}`, { mend, cause: error });
  }
}
