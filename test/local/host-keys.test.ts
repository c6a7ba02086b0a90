import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readHostKeys } from "../../local/host-keys.ts";
import { readRunningFile } from "../../local/running-file.ts";
import { PermanentError } from "../../shared/errors.ts";
import { temporaryFolder } from "../product-process.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

describe("the keys of the host", () => {
  it("are made once, for their owner alone", () => {
    const made = readHostKeys(folder.path);
    expect(readHostKeys(folder.path)).toEqual(made);
    expect(statSync(join(folder.path, "host-keys.json")).mode & 0o077).toBe(0);
  });

  it.each(["x", "null", "[]", "{}", '{"master":"","default":"d"}', '{"master":1,"default":"d"}', ""])(
    "in a file with %j are refused, and the file is kept",
    (content) => {
      const file = join(folder.path, "host-keys.json");
      writeFileSync(file, content);
      expect(() => readHostKeys(folder.path)).toThrow(PermanentError);
      expect(() => readHostKeys(folder.path)).toThrow(file);
      expect(readFileSync(file, "utf8")).toBe(content);
    },
  );

  it("in what is no file are refused", () => {
    mkdirSync(join(folder.path, "host-keys.json"));
    expect(() => readHostKeys(folder.path)).toThrow(PermanentError);
  });
});

describe("the file that says where the product runs", () => {
  it.each(["null", "{", '{"url":1}', "[]"])("says nothing with %j in it", (content) => {
    writeFileSync(join(folder.path, "running.json"), content);
    expect(readRunningFile(folder.path)).toBeUndefined();
  });
});
