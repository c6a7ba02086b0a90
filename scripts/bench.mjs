// `npm run bench -- NAME [--option …]`: measures one thing and prints it. Without a name, all of them. Fails where a bar is missed.
import { spawnSync } from "node:child_process";

const NAMES = ["cold-start", "passes", "reading", "backfill", "many-tenants", "throughput", "syslog", "outage", "e2e"];
/** Only where it is asked for: it reckons, and measures nothing. */
const RECKONED = ["cost"];
const args = process.argv.slice(2);
const firstOption = args.findIndex((arg) => arg.startsWith("-"));
const asked = firstOption === -1 ? args : args.slice(0, firstOption);
const options = firstOption === -1 ? [] : args.slice(firstOption);
const known = [...NAMES, ...RECKONED];
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`there is no benchmark "${unknown[0]}"; there are ${known.join(", ")}`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : NAMES) {
  console.log(`— ${name}`);
  const { status } = spawnSync(process.execPath, ["--import", "tsx", "bench/main.ts", name, ...options], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = status ?? 1;
}
