import { cpus, loadavg } from "node:os";
import { benchBackfill } from "./backfill.ts";
import { benchColdStart } from "./cold-start.ts";
import { benchCost } from "./cost.ts";
import { benchEndToEnd } from "./e2e.ts";
import { benchManyTenants } from "./many-tenants.ts";
import { benchOutage } from "./outage.ts";
import { benchPasses } from "./passes.ts";
import { benchReading } from "./reading.ts";
import { benchSyslog } from "./syslog.ts";
import { benchThroughput } from "./throughput.ts";

type Bench = (args: readonly string[]) => void | boolean | Promise<void | boolean>;

/** Each prints what it measured; false where a bar is missed. */
const BENCHES: Readonly<Record<string, Bench>> = {
  "cold-start": benchColdStart,
  passes: benchPasses,
  reading: benchReading,
  backfill: benchBackfill,
  "many-tenants": benchManyTenants,
  throughput: benchThroughput,
  syslog: benchSyslog,
  outage: benchOutage,
  e2e: benchEndToEnd,
  cost: benchCost,
};

const [name = "", ...args] = process.argv.slice(2);
console.log(
  `${cpus().length} cores, Node ${process.version}; load of the last minute before it began: ${loadavg()[0]?.toFixed(1)}`,
);
const isMet = await BENCHES[name]?.(args);
if (isMet === false) process.exitCode = 1;
