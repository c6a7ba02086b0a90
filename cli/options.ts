import type { ParseArgsConfig } from "node:util";
import type { StartOptions } from "../local/start.ts";
import { tablesProblem } from "../local/tables-problem.ts";

/** Where configuration, state and page are, alike in every command. */
export const PLACE_OPTIONS = {
  config: { type: "string" },
  data: { type: "string" },
  port: { type: "string" },
  tables: { type: "string" },
  json: { type: "boolean" },
} as const satisfies ParseArgsConfig["options"];

const CONNECTION_STRINGS =
  '"UseDevelopmentStorage=true" for Azurite, or "DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…" of a storage account';

/** What `read` makes of the arguments; undefined where the call is wrong, which is said. */
export function orSay<T>(command: string, usage: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    console.error(`dex-sync ${command}: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return undefined;
  }
}

interface PlaceValues {
  readonly config?: string | undefined;
  readonly data?: string | undefined;
  readonly port?: string | undefined;
  readonly tables?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What the arguments name, or the environment does; undefined where they are wrong, which is said. */
export async function placeOf(command: string, values: PlaceValues): Promise<StartOptions | undefined> {
  const blank = (["config", "data", "port"] as const).find((name) => values[name]?.trim() === "");
  if (blank !== undefined) {
    console.error(`dex-sync ${command}: --${blank} is followed by nothing; give it a value, or leave it out`);
    return undefined;
  }
  const port = Number(values.port ?? "7071");
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error(`dex-sync ${command}: --port takes a number from 0 to 65535, not "${values.port}"`);
    return undefined;
  }
  const problem = values.tables === undefined ? undefined : await tablesProblem(values.tables);
  if (problem !== undefined) {
    console.error(`dex-sync ${command}: --tables takes a connection string: ${CONNECTION_STRINGS} (${problem})`);
    return undefined;
  }
  const named = process.env["DEX_SYNC_CONFIG"] ?? "";
  return {
    configFile: values.config ?? (named === "" ? undefined : named),
    dataFolder: values.data ?? ".dex-sync",
    port,
    tables: values.tables,
    isJsonLog: values.json === true,
  };
}
