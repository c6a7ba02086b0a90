// Product and simulation as one file.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

const substitute = fileURLToPath(new URL("../test/simulation/compiled-once.ts", import.meta.url));

/** `ajv` by another door, so that the door itself can be taken by what compiles each schema once. */
const compiledOnce = {
  name: "compiled-once",
  setup(setup) {
    setup.onResolve({ filter: /^ajv$/ }, () => ({ path: substitute }));
  },
};

/**
 * What is imported late is then there in a few turns of the promise queue, always the same: through a loader it would come when it comes,
 * and a seed would not be the same history twice. It is also twice as fast.
 */
export async function bundleSimulation(outfile) {
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: ["test/simulation/index.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // Never loaded here: nothing leaves the process.
    external: ["undici", "@azure/*", "lmdb"],
    plugins: [compiledOnce],
    logLevel: "error",
  });
}
