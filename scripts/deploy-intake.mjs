// After `azd deploy`: the same package goes to the intake, where there is one. azd itself deploys a service to one app.
import { spawnSync } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const name = process.env.INTAKE_FUNCTION_NAME ?? "";
if (name !== "") {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const { status } = spawnSync("func", ["azure", "functionapp", "publish", name, "--javascript", "--no-build"], {
    cwd: `${root}.package`,
    stdio: "inherit",
    shell: process.platform === "win32",
    // Core Tools are an optional dependency: where npm could install them they are here.
    env: { ...process.env, PATH: `${process.env.PATH}${delimiter}${root}node_modules/.bin` },
  });
  if (status !== 0) {
    console.error(
      `the intake ${name} runs what it ran before: install Azure Functions Core Tools 4, run npm run package, then node scripts/deploy-intake.mjs with INTAKE_FUNCTION_NAME set`,
    );
    process.exit(1);
  }
}
