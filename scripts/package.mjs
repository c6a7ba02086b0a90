// npm run package: `.package` is what Azure gets, all of it and nothing else. Wants the build and the configuration.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readConfig } from "./azure/plan.mjs";
import { thirdPartyNotices } from "./third-party-notices.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const argument = process.argv.indexOf("--config");
const configFile =
  argument < 0 ? process.env.DEX_SYNC_CONFIG || `${root}dex-sync.config.json` : (process.argv[argument + 1] ?? "");
const folderArgument = process.argv.indexOf("--out");
const out = folderArgument < 0 ? `${root}.package` : (process.argv[folderArgument + 1] ?? "");

try {
  const config = readConfig(configFile);
  await rm(out, { recursive: true, force: true });
  await mkdir(`${out}/dist`, { recursive: true });
  const { name, version, license } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
  const manifest = { name, version, license, private: true, main: "dist/functions.cjs" };
  await writeFile(`${out}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(`${out}/dex-sync.config.json`, `${JSON.stringify(config, null, 2)}\n`);
  for (const file of ["host.json", "LICENSE", "dist/functions.cjs", "dist/work.cjs"]) {
    await copyFile(`${root}${file}`, `${out}/${file}`);
  }
  await writeFile(`${out}/THIRD-PARTY-NOTICES.txt`, await thirdPartyNotices(root));
  console.log(`staged in ${out}`);
} catch (error) {
  console.error(`dex-sync: nothing was staged: ${error.message}`);
  process.exit(1);
}
