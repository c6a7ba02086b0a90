import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEnvironment } from "../../../local/store/lmdb-environment.ts";
import { PermanentError } from "../../../shared/errors.ts";
import { startStoreProcess } from "./start-store-process.ts";

const CONTENT = { content: "test", version: 2 };
const NOBODY = "65534";

describe("a data folder", () => {
  let path: string;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), "dex-sync-folder-"));
  });
  afterEach(async () => {
    await chmod(path, 0o700);
    await rm(path, { recursive: true, force: true });
  });

  function refusal(folder = path): PermanentError {
    const error = thrownBy(() => openEnvironment({ path: folder, ...CONTENT }));
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ reason: "misconfigured", message: expect.stringContaining(folder) });
    expect(error).toMatchObject({ mend: expect.stringContaining("--data DIR") });
    return error as PermanentError;
  }

  async function openAndClose(folder = path): Promise<void> {
    await openEnvironment({ path: folder, ...CONTENT }).close();
  }

  it("is made, also below folders that are not there, and opens again", async () => {
    const deep = join(path, "a", "b.d");
    await openAndClose(deep);
    await openAndClose(deep);
    expect(JSON.parse(await readFile(join(deep, "format.json"), "utf8"))).toEqual(CONTENT);
  });

  it.each([
    ['{"content":"test","version":1}', "version"],
    ['{"content":"test","version":3}', "version"],
    ['{"content":"bus","version":2}', "bus"],
    ["null", "null"],
    ["garbage", "garbage"],
    ["", "another version"],
  ])("of another version is refused: %s", async (format, said) => {
    await openAndClose();
    await writeFile(join(path, "format.json"), format);
    expect(refusal().message).toContain(said);
    expect(await readFile(join(path, "format.json"), "utf8")).toBe(format);
  });

  it("with data but without a format is refused", async () => {
    await openAndClose();
    await rm(join(path, "format.json"));
    expect(refusal().message).toContain("no format.json");
  });

  it.each(["x", "garbage ".repeat(4_000)])("with a damaged file is refused, not crashed on", async (damaged) => {
    await openAndClose();
    await writeFile(join(path, "data.mdb"), damaged);
    expect(refusal().message).toContain("damaged");
  });

  it("whose process died while making the file is made anew", async () => {
    await openAndClose();
    await writeFile(join(path, "data.mdb"), "");
    await openAndClose();
  });

  it.each(["data.mdb", "presence.mdb", "format.json"])("with a folder in place of %s is refused", async (name) => {
    await mkdir(join(path, name));
    refusal();
  });

  it("that is a file, or lies below one, is refused", async () => {
    const file = join(path, "file");
    await writeFile(file, "");
    expect(refusal(file).message).toContain("cannot be used");
    expect(refusal(join(file, "below")).message).toContain("cannot be used");
  });

  it("without rights is refused", async () => {
    await chmod(path, 0o500);
    const user = process.getuid?.() === 0 ? [NOBODY] : [];
    const child = startStoreProcess("open", path, ...user);
    await child.ended();
    expect(child.lines).toHaveLength(1);
    expect(JSON.parse(child.lines[0] ?? "")).toMatchObject({
      name: "PermanentError",
      reason: "misconfigured",
      message: expect.stringContaining("cannot be used"),
      mend: expect.stringContaining("right to read and write"),
    });
  });

  it("in use by another process is refused, and free when that one is killed", async () => {
    const holder = startStoreProcess("hold", path);
    await holder.line("open");
    const second = startStoreProcess("open", path);
    await second.ended();
    expect(JSON.parse(second.lines[0] ?? "")).toMatchObject({
      name: "PermanentError",
      reason: "misconfigured",
      message: expect.stringContaining(`in use by process ${holder.pid}`),
      mend: expect.stringContaining(`stop process ${holder.pid}`),
    });
    await holder.kill();
    const third = startStoreProcess("open", path);
    await third.ended();
    expect(third.lines).toEqual(["open"]);
  });

  it("in use by this process is refused too, and free when closed", async () => {
    const first = openEnvironment({ path, ...CONTENT });
    expect(refusal().message).toContain("in use");
    await first.close();
    await openAndClose();
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
