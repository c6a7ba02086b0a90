import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as Simulation from "./index.ts";

/** The simulation as `scripts/bundle-simulation.mjs` makes it: only as one file is a seed the same history each time. */
export function loadSimulation(name: string): typeof Simulation {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const outfile = `${root}test-artifacts/simulation/${name}.cjs`;
  const script = `import { bundleSimulation } from "./scripts/bundle-simulation.mjs"; await bundleSimulation(${JSON.stringify(outfile)});`;
  const made = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: root, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`the simulation cannot be bundled: ${made.stderr}`);
  return createRequire(import.meta.url)(outfile) as typeof Simulation;
}
