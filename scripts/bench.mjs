// `npm run bench -- NAME`: measures one thing and prints it. Without a name, all of them.
import { spawnSync } from "node:child_process";

const NAMES = ["cold-start", "reading", "throughput", "e2e"];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`there is no benchmark "${unknown[0]}"; there are ${NAMES.join(", ")}`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : NAMES) {
  console.log(`— ${name}`);
  const { status } = spawnSync(process.execPath, ["--import", "tsx", "bench/main.ts", name], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
