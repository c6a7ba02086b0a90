import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "../../local/make-folder.ts";
import { temporaryFolder } from "../product-process.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

function rightsOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

describe("makeFolder", () => {
  it("makes a folder and those above it for this account alone", () => {
    makeFolder(join(folder.path, "a", "b", "c"));
    expect(["a", "a/b", "a/b/c"].map((path) => rightsOf(join(folder.path, path)))).toEqual(["700", "700", "700"]);
  });

  it("leaves what is there as it is", () => {
    mkdirSync(join(folder.path, "open"), { mode: 0o755 });
    const before = rightsOf(join(folder.path, "open"));
    makeFolder(join(folder.path, "open"));
    expect(rightsOf(join(folder.path, "open"))).toBe(before);
  });

  it("refuses what is a file, lies below one, or leads nowhere", () => {
    writeFileSync(join(folder.path, "file"), "");
    symlinkSync(join(folder.path, "nowhere"), join(folder.path, "link"));
    for (const name of ["file", "file/below", "link"]) {
      expect(() => makeFolder(join(folder.path, name))).toThrow(/EEXIST|ENOTDIR/);
    }
  });

  it("ends where the file system has no folders to make", () => {
    expect(() => makeFolder("/proc/dex-sync/below")).toThrow(/mkdir/);
  });
});
