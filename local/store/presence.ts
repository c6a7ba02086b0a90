import { join } from "node:path";
import { open } from "lmdb";
import { PermanentError } from "../../shared/errors.ts";
import { checkLmdbFile } from "./lmdb-file.ts";

export const PRESENCE_FILE = "presence.mdb";

/**
 * Says that this process uses a folder, until what is answered is called; `PermanentError` where another one does. LMDB keeps a list of
 * readers whose entries the operating system frees when a process dies, however it dies; a read of an otherwise empty file, held as long
 * as the folder is open, says that somebody is there.
 */
export function enterFolder(path: string): () => Promise<void> {
  const file = join(path, PRESENCE_FILE);
  checkLmdbFile(file);
  const presence = open(file, { noSubdir: true, overlappingSync: false });
  presence.readerCheck();
  const read = presence.useReadTransaction();
  const leave = async (): Promise<void> => {
    read.done();
    await presence.close();
  };
  const present = readerIds(presence.readerList());
  if (present.length === 1) return leave;
  void leave();
  const other = present.find((id) => id !== process.pid) ?? process.pid;
  throw new PermanentError("misconfigured", `the data folder ${path} is in use by process ${other}`, {
    mend: `stop process ${other}, or name another folder with --data DIR`,
  });
}

/** One line a reader below the heading: process, thread, transaction. */
function readerIds(list: string): readonly number[] {
  return list
    .split("\n")
    .map((line) => /^\s*(\d+)\s+\w+\s+\S+\s*$/.exec(line)?.[1])
    .filter((id) => id !== undefined)
    .map(Number);
}
