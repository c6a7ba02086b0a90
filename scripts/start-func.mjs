// `func start` on the same bundle; says what is missing where it is.
import { spawnSync } from "node:child_process";

const version = spawnSync("func", ["--version"], { encoding: "utf8", shell: process.platform === "win32" });
if (version.status !== 0) {
  console.error(
    [
      "Azure Functions Core Tools are not on this machine, or could not be started.",
      "  install them: https://learn.microsoft.com/azure/azure-functions/functions-run-local (version 4, with Node 22 or later)",
      "  then copy local.settings.sample.json to local.settings.json and fill it in",
      "  without them: npm start runs the same bundle on this machine",
    ].join("\n"),
  );
  process.exit(1);
}
const { status } = spawnSync("func", ["start"], { stdio: "inherit", shell: process.platform === "win32" });
process.exit(status ?? 1);
