import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** The Bicep compiler: BICEP, or `bicep` on the PATH. `.ci/run` fetches one; undefined where there is none. */
export function findBicep(): string | undefined {
  const named = process.env["BICEP"] ?? "";
  if (named !== "") {
    if (!existsSync(named)) throw new Error(`BICEP names ${named}, which is not there`);
    return named;
  }
  return spawnSync("bicep", ["--version"]).status === 0 ? "bicep" : undefined;
}
