import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type RootDatabase, open } from "lmdb";
import { PermanentError } from "../../shared/errors.ts";
import { makeFolder } from "../make-folder.ts";
import { usable } from "../usable.ts";
import { checkLmdbFile } from "./lmdb-file.ts";
import { enterFolder } from "./presence.ts";

export interface LmdbEnvironment {
  readonly root: RootDatabase;
  close(): Promise<void>;
}

export interface EnvironmentOptions {
  readonly path: string;
  /** What is kept here, and the version of its form: a folder with anything else is refused. */
  readonly content: string;
  readonly version: number;
  /** Beside whoever uses the folder: nothing is made, and nothing can be written. */
  readonly isReadOnly?: boolean;
}

/** Room for two names of 512 characters in UTF-16; the default of 4 KiB pages ends at 1,978 bytes. */
const PAGE_BYTES = 8_192;
/** Every right of anybody but the owner. */
const OTHERS = 0o077;

/**
 * A folder with an LMDB file, for this process alone. What has been committed outlives the process; with the default options of the
 * operating system also a loss of power, as each commit is synced before it is acknowledged.
 */
export function openEnvironment(options: EnvironmentOptions): LmdbEnvironment {
  const { path } = options;
  const dataFile = join(path, "data.mdb");
  const what = `the data folder ${path}`;
  if (options.isReadOnly === true) return usable(what, () => openToRead(options, dataFile));
  usable(what, () => {
    makeFolder(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    keepToOwner(path);
    checkFormat(options, dataFile);
  });
  const leave = usable(what, () => enterFolder(path));
  try {
    // Without overlapping sync a commit is on disk before anybody can read it.
    const root = usable(what, () => {
      checkLmdbFile(dataFile);
      return open(dataFile, { noSubdir: true, overlappingSync: false, eventTurnBatching: false, pageSize: PAGE_BYTES });
    });
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

function openToRead(options: EnvironmentOptions, dataFile: string): LmdbEnvironment {
  checkFormat(options, dataFile);
  checkLmdbFile(dataFile);
  const root = open(dataFile, { noSubdir: true, readOnly: true, pageSize: PAGE_BYTES });
  return { root, close: () => root.close() };
}

/** It holds what incidents say; a folder from before, or made by hand, may be open to everybody on the machine. */
function keepToOwner(path: string): void {
  const { mode, uid } = statSync(path);
  if ((mode & OTHERS) !== 0 && uid === process.getuid?.()) chmodSync(path, mode & 0o700);
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
