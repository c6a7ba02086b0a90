import { accessSync, constants, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PermanentError } from "../shared/errors.ts";
import { makeFolder } from "./make-folder.ts";
import { PRESENCE_FILE, enterFolder } from "./store/presence.ts";
import { usable } from "./usable.ts";

/** Raised when what lies in the folder changes its form. */
const FORMAT = 1;
const MARKER = "dex-sync-data.json";

/** A demo empties its folder, so that one is never anybody else's. */
type FolderUse = "product" | "demo";

/**
 * Makes the folder where needed, for this process alone until what is answered is called, and refuses one that it cannot or must not
 * use, each time with the mend. A demo's is emptied: its simulated tenant forgets, so the state must too.
 */
export function openDataFolder(path: string, use: FolderUse): () => Promise<void> {
  const what = `the data folder ${path}`;
  usable(what, () => {
    makeFolder(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    checkMarker(path, use);
  });
  const leave = usable(what, () => enterFolder(path));
  if (use === "demo") usable(what, () => removeContents(path));
  return leave;
}

function checkMarker(path: string, use: FolderUse): void {
  const file = join(path, MARKER);
  const marker = usable(`the file ${file}`, () => readMarker(file));
  if (marker === undefined) {
    if (use === "demo" && readdirSync(path).length > 0) throw notOfADemo(path);
    writeFileSync(file, `${JSON.stringify({ format: FORMAT, use })}\n`, { mode: 0o600 });
    return;
  }
  if (marker.format !== FORMAT) {
    const format = typeof marker.format === "number" ? marker.format : "unreadable";
    throw new PermanentError(
      "misconfigured",
      `the data folder ${path} was written by another version (format ${format})`,
      {
        mend: `run the version that wrote it, or name a new folder with --data DIR (this version writes format ${FORMAT})`,
      },
    );
  }
  const isOfADemo = marker.use === "demo";
  if (use === "demo" && !isOfADemo) throw notOfADemo(path);
  if (use === "product" && isOfADemo) {
    throw new PermanentError("misconfigured", `the data folder ${path} is a demo's, and the next demo empties it`, {
      mend: "name another folder with --data DIR",
    });
  }
}

function notOfADemo(path: string): PermanentError {
  return new PermanentError("misconfigured", `${path} is not known to be a demo's, and a demo empties its folder`, {
    mend: `move ${path} away, or remove it yourself; or name another folder with --data DIR`,
  });
}

interface Marker {
  readonly format?: unknown;
  readonly use?: unknown;
}

/** Undefined where there is none; without a format where it cannot be read as one. */
function readMarker(file: string): Marker | undefined {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as Marker | null) ?? {};
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** But what says whose the folder is, and that somebody uses it. */
function removeContents(path: string): void {
  const kept = [MARKER, PRESENCE_FILE, `${PRESENCE_FILE}-lock`];
  for (const name of readdirSync(path)) {
    if (!kept.includes(name)) rmSync(join(path, name), { recursive: true, force: true });
  }
}
