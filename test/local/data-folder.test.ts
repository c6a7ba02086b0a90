import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDataFolder } from "../../local/data-folder.ts";
import { openEnvironment } from "../../local/store/lmdb-environment.ts";
import { PermanentError } from "../../shared/errors.ts";
import { temporaryFolder } from "../product-process.ts";

let folder: ReturnType<typeof temporaryFolder>;
let data: string;
beforeEach(() => {
  folder = temporaryFolder();
  data = join(folder.path, "data");
});
afterEach(() => folder.remove());

/** Every refusal has its mend. */
function refusalOf(use: "product" | "demo", path = data): PermanentError {
  const error = thrownBy(() => openDataFolder(path, use));
  expect(error).toBeInstanceOf(PermanentError);
  expect(error).toMatchObject({ mend: expect.stringContaining("--data DIR") });
  return error as PermanentError;
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was refused");
}

function marker(): string {
  return join(data, "dex-sync-data.json");
}

describe("a data folder", () => {
  it("is made for this account alone, marked, and opens again", async () => {
    await openDataFolder(data, "product")();
    expect(statSync(data).mode & 0o077).toBe(0);
    expect(statSync(marker()).mode & 0o077).toBe(0);
    expect(JSON.parse(readFileSync(marker(), "utf8"))).toEqual({ format: 1, use: "product" });
    await openDataFolder(data, "product")();
  });

  it.each(["null", "[]", "1", '"x"', "garbage", "", '{"format":"1"}'])("with the marker %j is refused", (content) => {
    mkdirSync(data);
    writeFileSync(marker(), content);
    expect(refusalOf("product").message).toContain("written by another version (format unreadable)");
  });

  it("with a folder for a marker is refused", () => {
    mkdirSync(marker(), { recursive: true });
    expect(refusalOf("product").message).toContain(`the file ${marker()} cannot be used`);
  });

  it("that is a file, or lies below one, is refused as a file", () => {
    writeFileSync(data, "");
    expect(refusalOf("product").message).toContain("it is a file, or lies below one");
    expect(refusalOf("product", join(data, "below")).message).toContain("it is a file, or lies below one");
  });

  it("where none can be made is refused, and soon", () => {
    expect(refusalOf("product", "/proc/dex-sync").message).toContain("cannot be used");
  });

  it("is for one process at a time", async () => {
    const leave = openDataFolder(data, "product");
    expect(refusalOf("product").message).toContain("in use by process");
    await leave();
    await openDataFolder(data, "product")();
  });
});

describe("a demo's folder", () => {
  async function demoWith(name: string): Promise<void> {
    await openDataFolder(data, "demo")();
    mkdirSync(join(data, "state"));
    writeFileSync(join(data, "state", name), "");
  }

  it("is emptied by the next demo", async () => {
    await demoWith("data.mdb");
    const leave = openDataFolder(data, "demo");
    expect(readdirSync(data).filter((name) => !name.startsWith("presence"))).toEqual(["dex-sync-data.json"]);
    await leave();
  });

  it("is not emptied while another demo uses it", async () => {
    await demoWith("data.mdb");
    const leave = openDataFolder(data, "demo");
    writeFileSync(join(data, "kept"), "");
    expect(refusalOf("demo").message).toContain("in use by process");
    expect(existsSync(join(data, "kept"))).toBe(true);
    await leave();
  });

  it.each([
    ["that nobody marked", () => undefined],
    ["that is a product's", () => writeFileSync(marker(), '{"format":1,"use":"product"}')],
    ["of a version that did not say whose", () => writeFileSync(marker(), '{"format":1}')],
  ])("%s is left alone", (_name, mark) => {
    mkdirSync(data);
    writeFileSync(join(data, "thesis.txt"), "years of work");
    mark();
    expect(refusalOf("demo").message).toContain(`${data} is not known to be a demo's`);
    expect(readdirSync(data)).toContain("thesis.txt");
    expect(readdirSync(data)).not.toContain("presence.mdb");
  });

  it("is no product's either", async () => {
    await demoWith("data.mdb");
    expect(refusalOf("product").message).toContain("the next demo empties it");
  });
});

describe("the folders of state and bus", () => {
  it("are closed to others where they were open", async () => {
    mkdirSync(data);
    chmodSync(data, 0o755);
    await openEnvironment({ path: data, content: "test", version: 1 }).close();
    expect(statSync(data).mode & 0o777).toBe(0o700);
  });
});
