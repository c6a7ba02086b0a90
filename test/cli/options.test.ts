import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { placeOf } from "../../cli/options.ts";

let said: string;
beforeEach(() => {
  said = "";
  vi.spyOn(console, "error").mockImplementation((text: string) => void (said += text));
  vi.stubEnv("DEX_SYNC_CONFIG", undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("placeOf", () => {
  it.each([
    [undefined, undefined, undefined],
    [undefined, "", undefined],
    [undefined, "named.json", "named.json"],
    ["given.json", "named.json", "given.json"],
  ])("with --config %s and DEX_SYNC_CONFIG=%s takes %s", async (config, named, configFile) => {
    vi.stubEnv("DEX_SYNC_CONFIG", named);
    expect(await placeOf("start", { config })).toMatchObject({ configFile, dataFolder: ".dex-sync", port: 7071 });
  });

  it.each(["garbage", "", "https://account.table.core.windows.net", "AccountName=a;AccountKey=s3cr3t"])(
    "refuses --tables %j and says what is expected",
    async (tables) => {
      expect(await placeOf("start", { tables })).toBeUndefined();
      expect(said).toContain("dex-sync start: --tables takes a connection string");
      expect(said).toContain("UseDevelopmentStorage=true");
      expect(said).not.toContain("s3cr3t");
    },
  );

  it.each(["config", "data", "port"])(
    "refuses --%s with nothing behind it, as an unset variable leaves it",
    async (name) => {
      expect(await placeOf("start", { [name]: "" })).toBeUndefined();
      expect(said).toBe(`dex-sync start: --${name} is followed by nothing; give it a value, or leave it out`);
    },
  );

  it("takes --tables of Azurite", async () => {
    expect(await placeOf("start", { tables: "UseDevelopmentStorage=true" })).toMatchObject({
      tables: "UseDevelopmentStorage=true",
    });
  });

  it.each(["-1", "65536", "7071.5", "many"])("refuses --port %s", async (port) => {
    expect(await placeOf("start", { port })).toBeUndefined();
    expect(said).toContain("--port takes a number from 0 to 65535");
  });
});
