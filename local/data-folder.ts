import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PermanentError } from "../shared/errors.ts";

/** Raised when what lies in the folder changes its form. */
const FORMAT = 1;

/** Makes the folder where needed, and refuses one that this version cannot use, each time with the mend. */
export function openDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw new PermanentError("misconfigured", `the data folder ${path} cannot be used (${code})`, {
      mend: "give this account the right to read and write it, or name another with --data DIR",
      cause: error,
    });
  }
  const marker = join(path, "dex-sync-data.json");
  const format = readFormat(marker);
  if (format === undefined) {
    writeFileSync(marker, `${JSON.stringify({ format: FORMAT })}\n`);
    return;
  }
  if (format !== FORMAT) {
    throw new PermanentError(
      "misconfigured",
      `the data folder ${path} was written by another version (format ${format})`,
      {
        mend: `run the version that wrote it, or name a new folder with --data DIR (this version writes format ${FORMAT})`,
      },
    );
  }
}

function readFormat(marker: string): number | string | undefined {
  try {
    const value = JSON.parse(readFileSync(marker, "utf8")) as { format?: unknown };
    return typeof value.format === "number" ? value.format : "unreadable";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (error instanceof SyntaxError) return "unreadable";
    throw error;
  }
}
