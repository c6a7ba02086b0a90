import { benchColdStart } from "./cold-start.ts";
import { benchEndToEnd } from "./e2e.ts";
import { benchReading } from "./reading.ts";
import { benchThroughput } from "./throughput.ts";

const BENCHES: Readonly<Record<string, () => void | Promise<void>>> = {
  "cold-start": benchColdStart,
  reading: benchReading,
  throughput: benchThroughput,
  e2e: benchEndToEnd,
};

await BENCHES[process.argv[2] ?? ""]?.();
