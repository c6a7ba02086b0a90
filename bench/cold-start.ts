import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";

const RUNS = 15;

/** Loads the bundle as a worker does, in a fresh process each time: nothing of an SDK may be evaluated. */
const PROBE = `
const { createRequire } = require("node:module");
const Module = require("node:module");
const original = Module.prototype.require;
Module.prototype.require = function (id) {
  return id === "@azure/functions-core"
    ? { version: "1", hostVersion: "4", registerFunction() { return {}; }, registerHook() { return {}; }, setProgrammingModel() {}, getProgrammingModel() {}, log() {}, Disposable: class {} }
    : original.apply(this, arguments);
};
const before = process.hrtime.bigint();
require(process.argv[1]);
console.log(Number(process.hrtime.bigint() - before) / 1e6);
`;

/** Registration: the bundle loaded in a fresh process. */
export function benchColdStart(): void {
  const bundle = new URL("../dist/functions.cjs", import.meta.url).pathname;
  const empty = timesOf(() => run("console.log(0)"));
  const times = timesOf(() => run(PROBE, bundle));
  console.log(`bundle ${(statSync(bundle).size / 1e6).toFixed(2)} MB`);
  console.log(
    `registration, bundle loaded in a fresh process: median ${median(times).toFixed(1)} ms (min ${Math.min(...times).toFixed(1)}, max ${Math.max(...times).toFixed(1)}, ${RUNS} runs; an empty one: ${median(empty).toFixed(1)} ms)`,
  );
}

function timesOf(once: () => number): number[] {
  return Array.from({ length: RUNS + 1 }, once).slice(1);
}

function run(script: string, ...args: string[]): number {
  const { stdout, status, stderr } = spawnSync(process.execPath, ["-e", script, ...args], {
    encoding: "utf8",
    env: { ...process.env, DEX_SYNC_CONFIG: "/nowhere" },
  });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout.trim().split("\n").at(-1));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
