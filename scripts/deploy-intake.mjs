// After `azd deploy`: the same package goes to the intake, where there is one. azd itself deploys a service to one app.
import { spawnSync } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { cloudEndpoints, firstLine } from "./azure/az.mjs";
import { vaultOf } from "./azure/secrets.mjs";

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
  // Its role on the doorbells' secrets was given minutes ago: a reference that was read before the role had spread stays unresolved for a day.
  try {
    vaultOf(process.env, cloudEndpoints().arm).refresh();
  } catch (error) {
    console.warn(`note: the intake's references to the vault were not read again: ${firstLine(error)}`);
    console.warn(`  az functionapp restart --resource-group ${process.env.AZURE_RESOURCE_GROUP} --name ${name}`);
  }
}
