// The Azure CLI, with the sign-in of whoever runs the hook. Bodies travel in files: an argument is seen by every process of the machine.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The answer of `az`, parsed; an Error with its first line where it fails. */
export function az(args) {
  const run =
    process.platform === "win32"
      ? // `az` is a script there, which only a shell starts.
        spawnSync(["az", ...args.map((arg) => `"${arg.replaceAll('"', '\\"')}"`)].join(" "), {
          encoding: "utf8",
          shell: true,
        })
      : spawnSync("az", args, { encoding: "utf8" });
  if (run.error !== undefined) throw new Error(`the Azure CLI could not be started (${run.error.code})`);
  if (run.status !== 0) throw new Error(run.stderr.trim() || `az ${args[0]} ended with ${run.status}`);
  return run.stdout.trim() === "" ? undefined : JSON.parse(run.stdout);
}

export function isThere() {
  const run = spawnSync("az", ["version"], { encoding: "utf8", shell: process.platform === "win32" });
  return run.status === 0;
}

export function rest(method, url, body) {
  const args = ["rest", "--method", method, "--url", url];
  if (body === undefined) return az(args);
  const folder = mkdtempSync(join(tmpdir(), "dex-sync-"));
  try {
    const file = join(folder, "body.json");
    writeFileSync(file, JSON.stringify(body), { mode: 0o600 });
    return az([...args, "--headers", "Content-Type=application/json", "--body", `@${file}`]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Addresses of the cloud that `az` is signed in to, without a slash at the end. */
export function cloudEndpoints() {
  const { endpoints } = az(["cloud", "show", "--output", "json"]);
  const bare = (url) => url.replace(/\/$/, "");
  return { graph: bare(endpoints.microsoftGraphResourceId), arm: bare(endpoints.resourceManager) };
}

export function isNotFound(error) {
  return /NotFound|Not Found|does not exist/i.test(error.message);
}

export function isDenied(error) {
  return /Forbidden|AuthorizationFailed|Authorization_RequestDenied|Insufficient privileges/i.test(error.message);
}

/** One line for a person: what a tool prints after it is of no use to them. */
export function firstLine(error) {
  return error.message.split("\n")[0].slice(0, 300);
}
