import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type RootDatabase, open } from "lmdb";
import { PermanentError } from "../../shared/errors.ts";

export interface LmdbEnvironment {
  readonly root: RootDatabase;
  close(): Promise<void>;
}

export interface EnvironmentOptions {
  readonly path: string;
  /** What is kept here, and the version of its form: a folder with anything else is refused. */
  readonly content: string;
  readonly version: number;
}

/** Room for two names of 512 characters in UTF-16; the default of 4 KiB pages ends at 1,978 bytes. */
const PAGE_BYTES = 8_192;
/** Every LMDB file has this number in its first page. The library does not look: it crashes on a file that is none. */
const MAGIC = 0xbeefc0de;
const MAGIC_OFFSET = 24;

/**
 * A folder with an LMDB file, for this process alone. What has been committed outlives the process; with the default options of the
 * operating system also a loss of power, as each commit is synced before it is acknowledged.
 */
export function openEnvironment(options: EnvironmentOptions): LmdbEnvironment {
  const { path } = options;
  const dataFile = join(path, "data.mdb");
  const presenceFile = join(path, "presence.mdb");
  usable(path, () => {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const file of [dataFile, presenceFile]) checkFile(file);
    checkFormat(options, dataFile);
  });
  const leave = usable(path, () => enter(path, presenceFile));
  try {
    // Without overlapping sync a commit is on disk before anybody can read it.
    const root = usable(path, () =>
      open(dataFile, { noSubdir: true, overlappingSync: false, eventTurnBatching: false, pageSize: PAGE_BYTES }),
    );
    return {
      root,
      async close() {
        await root.close();
        await leave();
      },
    };
  } catch (error) {
    void leave();
    throw error;
  }
}

/**
 * Two processes on one folder would each run a host. LMDB keeps a list of readers whose entries the operating system frees when a
 * process dies, however it dies; a read of an otherwise empty file, held as long as the folder is open, says that somebody is there.
 */
function enter(path: string, presenceFile: string): () => Promise<void> {
  const presence = open(presenceFile, { noSubdir: true, overlappingSync: false });
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

function checkFile(file: string): void {
  if (!existsSync(file)) return;
  const head = Buffer.alloc(MAGIC_OFFSET + 4);
  const descriptor = openSync(file, "r+");
  let bytes: number;
  try {
    bytes = readSync(descriptor, head);
  } finally {
    closeSync(descriptor);
  }
  // Empty: killed between making the file and its first page.
  if (bytes === 0 || (bytes === head.length && head.readUInt32LE(MAGIC_OFFSET) === MAGIC)) return;
  throw new PermanentError("misconfigured", `${file} is damaged, or no file of this program`, {
    mend: "put the file back from a backup, or name a new folder with --data DIR: tickets are found again by their keys",
  });
}

function checkFormat({ path, content, version }: EnvironmentOptions, dataFile: string): void {
  const file = join(path, "format.json");
  if (existsSync(file)) {
    const found = readFileSync(file, "utf8");
    if (isFormat(found, content, version)) return;
    throw foreign(path, found.slice(0, 100).trim());
  }
  if (existsSync(dataFile)) throw foreign(path, "it has no format.json");
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify({ content, version })}\n`, { flush: true });
  renameSync(draft, file);
}

function isFormat(text: string, content: string, version: number): boolean {
  try {
    const found = JSON.parse(text) as { content?: unknown; version?: unknown } | null;
    return found?.content === content && found.version === version;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function foreign(path: string, found: string): PermanentError {
  return new PermanentError("misconfigured", `the data folder ${path} was written by another version (${found})`, {
    mend: "start the version that wrote it, or name a new folder with --data DIR",
  });
}

/** What the file system refuses here is a matter of rights or of a wrong path; LMDB gives the number where Node gives the name. */
const UNUSABLE: readonly unknown[] = [
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOTDIR",
  "EEXIST",
  "EISDIR",
  "ENOENT",
  1,
  2,
  13,
  20,
  21,
  30,
];

function usable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (!UNUSABLE.includes(code)) throw error;
    throw new PermanentError("misconfigured", `the data folder ${path} cannot be used (${(error as Error).message})`, {
      mend: "give this account the right to read and write it, or name another folder with --data DIR",
      cause: error,
    });
  }
}
