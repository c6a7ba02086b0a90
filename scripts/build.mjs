// Builds what runs: the functions bundle that package.json's `main` names (with its SDKs beside it), and the `dex-sync` command.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildPage } from "./build-page.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const isQuiet = process.argv.includes("--quiet");
const startedAt = Date.now();

const page = await buildPage({ minify: true });

/** `dex-sync:page` is the built page, so that the app ships as one file. */
const pageModule = {
  name: "page",
  setup(setup) {
    setup.onResolve({ filter: /^dex-sync:page$/ }, () => ({ path: "page", namespace: "dex-sync" }));
    setup.onLoad({ filter: /.*/, namespace: "dex-sync" }, () => ({
      contents: JSON.stringify(page.files.map((file) => ({ ...file, body: Buffer.from(file.body).toString("utf8") }))),
      loader: "json",
    }));
  },
};

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  sourcemap: "linked",
  legalComments: "external",
  logLevel: "warning",
  plugins: [pageModule],
};

await rm(new URL("../dist", import.meta.url), { recursive: true, force: true });
await mkdir(new URL("../dist", import.meta.url), { recursive: true });
/** The worker (or the embedded host) supplies this module. */
const external = ["@azure/functions-core"];
/** The SDKs are in a file of their own, so that a cold start compiles only what registers the functions. */
const workModule = {
  name: "work",
  setup(setup) {
    setup.onResolve({ filter: /\/work\.ts$/ }, () => ({ path: "./work.cjs", external: true }));
  },
};

const [functions, work] = await Promise.all([
  build({
    ...shared,
    entryPoints: ["functions/app.ts"],
    outfile: "dist/functions.cjs",
    minify: true,
    keepNames: true,
    external,
    metafile: true,
    plugins: [pageModule, workModule],
  }),
  build({
    ...shared,
    entryPoints: ["functions/work.ts"],
    outfile: "dist/work.cjs",
    metafile: true,
    minify: true,
    keepNames: true,
    external,
  }),
  build({
    ...shared,
    entryPoints: ["cli/main.ts"],
    outfile: "dist/dex-sync.cjs",
    packages: "external",
    banner: { js: "#!/usr/bin/env node" },
  }),
]);
await writeFile(new URL("../dist/package.json", import.meta.url), '{ "type": "commonjs" }\n');
// For the notices that go with every copy of the bundle.
const inputs = [functions, work].flatMap(({ metafile }) => Object.keys(metafile.inputs)).concat(page.inputs);
const packages = new Set(
  inputs.flatMap((path) => /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []),
);
await writeFile(new URL("../dist/packages.json", import.meta.url), JSON.stringify([...packages].sort(), null, 2));
if (!isQuiet) console.log(`built dist/functions.cjs and dist/dex-sync.cjs in ${Date.now() - startedAt} ms`);
