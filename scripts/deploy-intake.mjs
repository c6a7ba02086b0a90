// After `azd deploy`: the same package goes to the intake, where there is one. azd itself deploys a service to one app.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const name = process.env.INTAKE_FUNCTION_NAME ?? "";
if (name !== "") {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const { status } = spawnSync("func", ["azure", "functionapp", "publish", name, "--javascript", "--no-build"], {
    cwd: `${root}.package`,
    stdio: "inherit",
    shell: process.platform === "win32",
    env: {
      ...process.env,
      PATH: `${root}node_modules/.bin${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`,
    },
  });
  if (status !== 0) {
    console.error(
      `the intake ${name} still runs what it ran before: install Azure Functions Core Tools 4, then azd hooks run postdeploy --service sync`,
    );
    process.exit(1);
  }
}
