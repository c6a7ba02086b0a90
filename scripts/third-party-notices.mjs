// The licences of what the build put into the bundle: they ask to go with every copy.
import { readFile, readdir } from "node:fs/promises";

/** `dist/packages.json` is the build's list of them. */
export async function thirdPartyNotices(root) {
  const packages = JSON.parse(await readFile(`${root}dist/packages.json`, "utf8"));
  const notices = await Promise.all(packages.map((folder) => noticeOf(root, folder)));
  return notices.join(`\n${"-".repeat(80)}\n\n`);
}

async function noticeOf(root, folder) {
  const { name, version, license } = JSON.parse(await readFile(`${root}${folder}/package.json`, "utf8"));
  const names = await readdir(`${root}${folder}`);
  const files = names.filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(`${root}${folder}/${file}`, "utf8")));
  return [`${name} ${version} (${license})`, "", ...texts].join("\n");
}
