import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openLogFile } from "../../local/log-file.ts";
import { PermanentError } from "../../shared/errors.ts";
import { temporaryFolder } from "../product-process.ts";

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, "logs", "dex-sync.ndjson");
});
afterEach(() => {
  vi.useRealTimers();
  folder.remove();
});

describe("a log file", () => {
  it("has a line for each that was written", async () => {
    const log = openLogFile(path, () => undefined);
    log.write("a");
    log.write("b");
    await log.close();
    expect(readFileSync(path, "utf8")).toBe("a\nb\n");
  });

  it("that cannot be written at the start is refused with the mend", () => {
    mkdirSync(path, { recursive: true });
    expect(() => openLogFile(path, () => undefined)).toThrow(PermanentError);
    expect(() => openLogFile(path, () => undefined)).toThrow(`the log ${path} cannot be used`);
  });

  it("that takes no more lines is told of once, ends nothing, and is tried again a minute later", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const told: string[] = [];
    const log = openLogFile(path, (message) => told.push(message));
    // The stream opens when this turn is over, and meets a folder in its place.
    rmSync(path);
    mkdirSync(path);
    log.write("lost");
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told[0]).toMatch(/cannot be written \(.+\); going on without it/);
    log.write("lost too");
    rmSync(path, { recursive: true });
    vi.setSystemTime(Date.now() + 60_000);
    log.write("here again");
    await log.close();
    expect(readFileSync(path, "utf8")).toBe("\nhere again\n");
    expect(told).toHaveLength(1);
  });

  it.each(["/dev/full"].filter((device) => existsSync(device)))("on a full disk (%s) ends nothing", async (device) => {
    mkdirSync(join(folder.path, "logs"));
    symlinkSync(device, path);
    const told: string[] = [];
    const log = openLogFile(path, (message) => told.push(message));
    log.write("a");
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told[0]).toContain("ENOSPC");
    await log.close();
  });
});
