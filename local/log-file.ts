import { closeSync, createWriteStream, openSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "./make-folder.ts";
import { usable } from "./usable.ts";

export interface LogFile {
  write(line: string): void;
  close(): Promise<void>;
}

/** A file that took no line (a full disk) is tried again this much later. */
const TRY_AGAIN_MS = 60_000;

/**
 * A file that grows a line at a time. It must be there at the start; what fails later is told once, and the product goes on without
 * it: it is worth more than its log.
 */
export function openLogFile(path: string, tell: (message: string) => void): LogFile {
  usable(`the log ${path}`, () => {
    makeFolder(dirname(path));
    closeSync(openSync(path, "a", 0o600));
  });
  let failedAt: number | undefined;
  let stream: WriteStream | undefined = openStream();

  function openStream(): WriteStream {
    const opened = createWriteStream(path, { flags: "a", mode: 0o600 });
    opened.on("error", (error) => {
      if (failedAt === undefined) tell(`the log ${path} cannot be written (${error.message}); going on without it`);
      failedAt = Date.now();
      if (stream === opened) stream = undefined;
    });
    return opened;
  }

  return {
    write(line) {
      if (stream === undefined && Date.now() - (failedAt ?? 0) >= TRY_AGAIN_MS) {
        stream = openStream();
        // What failed may have left half a line.
        stream.write("\n");
      }
      stream?.write(`${line}\n`);
    },
    close: () =>
      new Promise((resolve) => {
        if (stream === undefined) return resolve();
        // The last lines may be what fails.
        stream.once("close", resolve);
        stream.end();
      }),
  };
}
