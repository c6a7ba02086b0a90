import { spawnSync } from "node:child_process";

/** The values of the azd environment that is selected, over those of this process. */
export function azdEnvironment() {
  const { status, stdout } = spawnSync("azd", ["env", "get-values", "--output", "json"], { encoding: "utf8" });
  if (status !== 0) throw new Error("there is no azd environment here: azd env select NAME, or azd up first");
  return { ...process.env, ...JSON.parse(stdout) };
}

/** Kept in the azd environment, as JSON: a parameter of the template, or what a later run has to know. */
export function remember(name, value) {
  const { status } = spawnSync("azd", ["env", "set", name, JSON.stringify(value)], { stdio: "inherit" });
  if (status !== 0) throw new Error("the azd environment could not be written");
}
