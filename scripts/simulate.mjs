// `npm run simulate -- [--seeds N] [--from K] [--minutes M] [--seed X]`: histories under virtual time, sharded over the cores; fails on a violation.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { bundleSimulation } from "./bundle-simulation.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = `${root}test-artifacts/simulation`;
const bundle = `${folder}/simulation.cjs`;
/** What a time-boxed run remembers: the next seed, and how many histories there have been in all. */
const memory = `${folder}/progress.json`;
const SHARE = 20;
const DAY_MS = 86_400_000;

if (isMainThread) await main();
else work();

function work() {
  // A stack for each of a million errors that are wanted costs more than all the rest.
  Error.stackTraceLimit = 0;
  const { runHistory } = createRequire(import.meta.url)(bundle);
  parentPort.on("message", async ({ from, to }) => {
    const results = [];
    for (let seed = from; seed < to; seed += 1) results.push(plain(await runSeed(runHistory, seed)));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's, not a window's
    parentPort.postMessage(results);
  });
}

async function runSeed(runHistory, seed) {
  try {
    return await runHistory(seed);
  } catch (error) {
    throw new Error(`seed ${seed} could not be run: ${String(error)}`, { cause: error });
  }
}

function plain({ seed, violations, known, faults, virtualMs, changes, incidents }) {
  return { seed, violations, known, faults: [...faults], virtualMs, changes, incidents };
}

async function main() {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string" },
      from: { type: "string" },
      minutes: { type: "string" },
      seed: { type: "string" },
      workers: { type: "string" },
    },
  });
  await bundleSimulation(bundle);
  if (values.seed !== undefined) return replay(Number(values.seed));
  const before = values.minutes === undefined ? { next: 1, histories: 0, violating: [] } : remembered();
  const from = values.from === undefined ? before.next : Number(values.from);
  const deadline = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
  const end = values.minutes === undefined ? from + Number(values.seeds ?? 10_000) : Infinity;
  const workers = Number(values.workers ?? availableParallelism());
  const total = await run({ from, end, deadline, workers });
  print(total);
  if (values.minutes !== undefined) {
    const histories = before.histories + total.histories;
    const violating = [...before.violating, ...total.violating].slice(0, 1_000);
    writeFileSync(memory, `${JSON.stringify({ next: total.next, histories, violating })}\n`);
    console.log(
      `in all time-boxed runs so far: ${histories} histories, ${violating.length} with a violation; the next seed is ${total.next}`,
    );
  }
  if (total.violating.length > 0) process.exitCode = 1;
}

function remembered() {
  try {
    return JSON.parse(readFileSync(memory, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return { next: 1, histories: 0, violating: [] };
  }
}

function run({ from, end, deadline, workers }) {
  const startedAt = Date.now();
  const total = {
    histories: 0,
    days: 0,
    changes: 0,
    incidents: 0,
    faults: new Map(),
    violating: [],
    known: new Map(),
    next: from,
  };
  const timer = setInterval(() => progress(total, startedAt), 10_000);
  const shards = Array.from({ length: workers }, () => {
    const worker = new Worker(fileURLToPath(import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: 64 } });
    return new Promise((resolve, reject) => {
      worker.on("error", reject);
      worker.on("message", (results) => {
        for (const result of results) add(total, result);
        give();
      });
      give();
      function give() {
        if (total.next >= end || Date.now() >= deadline) return worker.terminate().then(resolve, reject);
        const to = Math.min(end, total.next + SHARE);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's, not a window's
        worker.postMessage({ from: total.next, to });
        total.next = to;
      }
    });
  });
  return Promise.all(shards)
    .finally(() => clearInterval(timer))
    .then(() => ({ ...total, ms: Date.now() - startedAt }));
}

function add(total, result) {
  total.histories += 1;
  total.days += result.virtualMs / DAY_MS;
  total.changes += result.changes;
  total.incidents += result.incidents;
  for (const [kind, count] of result.faults) total.faults.set(kind, (total.faults.get(kind) ?? 0) + count);
  for (const name of new Set(result.known)) total.known.set(name, [...(total.known.get(name) ?? []), result.seed]);
  if (result.violations.length === 0) return;
  total.violating.push(result.seed);
  const [first] = result.violations;
  console.log(
    `seed ${result.seed}: ${first.kind}, ${first.tool} of tenant ${first.tenant}, incident ${first.incidentId}: ${first.what.slice(0, 200)}`,
  );
}

function progress(total, startedAt) {
  const perSecond = total.histories / ((Date.now() - startedAt) / 1_000);
  console.log(
    `… ${total.histories} histories, ${perSecond.toFixed(1)} a second, ${total.violating.length} with a violation`,
  );
}

function print(total) {
  const faults = [...total.faults].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`);
  console.log(`faults: ${faults.join(", ")}`);
  console.log(
    `${total.histories} histories in ${(total.ms / 1_000).toFixed(1)} s: ${total.days.toFixed(0)} simulated days, ${total.incidents} incidents, ${total.changes} changes of the source`,
  );
  for (const [name, found] of total.known) {
    console.log(
      `known, not mended yet, in ${found.length} histories (seeds ${found.slice(0, 5).join(", ")} …): ${name}`,
    );
  }
  const seeds = total.violating.toSorted((a, b) => a - b);
  console.log(seeds.length === 0 ? "no new violation" : `${seeds.length} with a violation: seeds ${seeds.join(", ")}`);
}

async function replay(seed) {
  const { runHistory } = createRequire(import.meta.url)(bundle);
  const result = await runHistory(seed, { isTraceKept: true });
  for (const line of result.lines) console.log(line);
  for (const violation of result.violations) console.log("VIOLATION", violation);
  for (const name of result.known) console.log("KNOWN", name);
  console.log(`seed ${seed}: digest ${result.digest}, ${result.violations.length} violations`);
  if (result.violations.length > 0) process.exitCode = 1;
}
