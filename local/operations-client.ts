import { setTimeout as sleep } from "node:timers/promises";
import { readHostKeys } from "./host-keys.ts";
import { readRunningFile } from "./running-file.ts";
import { type StartOptions, dataFolderOf, withProduct } from "./start.ts";

/** Where a product is told to do something. */
export interface Place {
  readonly url: string;
  readonly key: string;
}

export interface Answer {
  readonly status: number;
  readonly problems: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
}

const LOOK_EVERY_MS = 500;

/**
 * Does `work` against the product that runs elsewhere, or on this data folder; where none runs, one runs for as long as the work takes.
 * Answers the exit code.
 */
export async function withPlace(
  command: string,
  remote: Place | undefined,
  start: StartOptions,
  work: (place: Place) => Promise<number>,
): Promise<number> {
  const place = remote ?? (await runningPlace(start));
  if (place !== undefined) return await work(place);
  if (start.configFile === undefined) {
    console.error(
      `dex-sync ${command}: nothing runs on this data folder; name the configuration with --config FILE or DEX_SYNC_CONFIG`,
    );
    return 2;
  }
  return await withProduct(start, async ({ running, dataFolder }) => {
    const own = { url: running.url, key: readHostKeys(dataFolder).master };
    await untilRead(own);
    return await work(own);
  });
}

/** Undefined where what the folder names does not answer. */
export async function runningPlace(start: StartOptions): Promise<Place | undefined> {
  const dataFolder = dataFolderOf(start);
  const running = readRunningFile(dataFolder);
  if (running === undefined) return undefined;
  const place = { url: running.url, key: readHostKeys(dataFolder).master };
  return (await callOperation(place, "GET", "backfill")) === undefined ? undefined : place;
}

/** A product that was only just started has read nothing yet: its first poll comes with its timer. */
async function untilRead(place: Place): Promise<void> {
  for (let looks = 0; looks < 240; looks += 1) {
    const health = await fetch(`${place.url}/api/health`, { headers: { "x-functions-key": place.key } });
    const { tenants } = (await health.json()) as { tenants?: readonly { lastPollAgeMs?: number | null }[] };
    if (tenants?.every((tenant) => typeof tenant.lastPollAgeMs === "number") === true) return;
    await sleep(LOOK_EVERY_MS);
  }
}

/** `operation` may carry a query. Undefined where nobody answers. */
export async function callOperation(
  place: Place,
  method: "GET" | "POST",
  operation: string,
  body?: unknown,
): Promise<Answer | undefined> {
  return await callProduct(place, method, `operations/${operation}`, body);
}

/** `path` lies below `api/`. */
export async function callProduct(
  place: Place,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<Answer | undefined> {
  let response: Response;
  try {
    response = await fetch(`${place.url}/api/${path}`, {
      method,
      headers: { "x-functions-key": place.key, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
  } catch (error) {
    if (error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError"))
      return undefined;
    throw error;
  }
  const answered = (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>>;
  const problems = (answered["problems"] ?? []) as readonly string[];
  const isRefused = response.status === 401;
  return {
    status: response.status,
    problems: isRefused ? ["the key is not this product's master key"] : problems,
    body: answered,
  };
}

/** Says what is wrong with an answer; its exit code, or undefined where nothing is wrong. */
export function exitCodeOf(command: string, place: Place, answer: Answer | undefined): number | undefined {
  if (answer === undefined) {
    console.error(`dex-sync ${command}: nobody answers at ${place.url}`);
    return 1;
  }
  if (answer.status < 400) return undefined;
  for (const problem of answer.problems) console.error(`dex-sync ${command}: ${problem}`);
  return answer.status === 400 ? 2 : 1;
}
