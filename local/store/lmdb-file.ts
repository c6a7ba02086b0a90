import { closeSync, existsSync, fstatSync, openSync } from "node:fs";
import { PermanentError } from "../../shared/errors.ts";
import { newestMeta, reachesBeyond } from "./lmdb-pages.ts";

/**
 * Refuses a file that the library would crash on: it maps the file and looks at nothing. Found are a file of something else and one that
 * was cut off. Damage inside a page is not: only the library knows what belongs there.
 */
export function checkLmdbFile(file: string): void {
  if (!existsSync(file)) return;
  const descriptor = openSync(file, "r+");
  try {
    const { size } = fstatSync(descriptor);
    // Killed between making the file and its first page.
    if (size === 0) return;
    const meta = newestMeta(descriptor);
    if (meta === undefined) throw damaged(`${file} is damaged, or no file of this program`);
    if (size >= (meta.lastPage + 1) * meta.pageBytes || !reachesBeyond(descriptor, meta, size)) return;
    throw damaged(`${file} is damaged: it was cut off, what it held lay beyond its ${size} bytes`);
  } finally {
    closeSync(descriptor);
  }
}

function damaged(message: string): PermanentError {
  return new PermanentError("misconfigured", message, {
    mend: "put the folder back from a copy, or name a new one with --data DIR: tickets are found again by their keys",
  });
}
