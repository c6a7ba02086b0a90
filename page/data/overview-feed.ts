import type { Overview } from "../../shared/pipeline/overview/overview.ts";
import { compareOverviews } from "./compare-overviews.ts";
import type { FunctionKey } from "./function-key.ts";
import { parseOverview } from "./parse-overview.ts";
import { troubleOf } from "./trouble-of.ts";

const POLL_MS = 2_000;
const POLL_AFTER_ERROR_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;

export type FeedState =
  | { readonly kind: "loading" }
  /** Nothing could be read so far. */
  | { readonly kind: "failed"; readonly problem: string }
  /** The server asks for a function key. */
  | { readonly kind: "locked"; readonly wasRefused: boolean }
  | {
      readonly kind: "showing";
      readonly overview: Overview;
      /** When the server last confirmed it, by this machine's clock. */
      readonly confirmedAt: number;
      /** Add to this machine's clock to get the server's. */
      readonly skewMs: number;
      /** Why the newest try failed; "" while the connection is there. */
      readonly problem: string;
      readonly changed: ReadonlySet<string>;
      readonly announcement: string;
      /** One more with each answer that differs from the one before. */
      readonly version: number;
    };

export interface FeedOptions {
  readonly request: (headers: Record<string, string>, signal: AbortSignal) => Promise<Response>;
  readonly key: FunctionKey;
  readonly now: () => number;
  readonly isVisible: () => boolean;
  readonly onChange: (state: FeedState) => void;
}

export interface OverviewFeed {
  /** Asks now, unless a request is under way or the page is hidden; then keeps asking. */
  readonly wake: () => void;
  readonly unlock: (key: string) => void;
  readonly stop: () => void;
}

type Answer =
  | { readonly kind: "overview"; readonly overview: Overview; readonly etag: string }
  | { readonly kind: "unchanged" }
  | { readonly kind: "locked" }
  | { readonly kind: "trouble"; readonly problem: string };

/** Polls `api/overview` while somebody looks. One request at a time; what was read last stays on show while the connection is lost. */
export function createOverviewFeed(options: FeedOptions): OverviewFeed {
  let state: FeedState = { kind: "loading" };
  let etag = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let underWay: AbortController | undefined;
  let isStopped = false;

  function show(next: FeedState): void {
    state = next;
    options.onChange(next);
  }

  function wake(): void {
    if (isStopped || underWay !== undefined || !options.isVisible()) return;
    clearTimeout(timer);
    void poll();
  }

  async function poll(): Promise<void> {
    const mine = new AbortController();
    underWay = mine;
    const key = options.key.read();
    const answer = await ask(options.request, key, state.kind === "showing" ? etag : "", mine);
    if (underWay !== mine) return;
    underWay = undefined;
    take(answer, key);
    // A locked feed asks again when a key is given.
    if (answer.kind !== "locked") timer = setTimeout(wake, answer.kind === "trouble" ? POLL_AFTER_ERROR_MS : POLL_MS);
  }

  function take(answer: Answer, key: string): void {
    switch (answer.kind) {
      case "overview":
        etag = answer.etag;
        return show(showing(answer.overview));
      case "unchanged":
        if (state.kind === "showing") {
          show({ ...state, confirmedAt: options.now(), problem: "", changed: new Set(), announcement: "" });
        }
        return;
      case "locked":
        options.key.forget();
        return show({ kind: "locked", wasRefused: key !== "" });
      case "trouble":
        if (state.kind === "showing") {
          return show({ ...state, problem: answer.problem, changed: new Set(), announcement: "" });
        }
        return show({ kind: "failed", problem: answer.problem });
    }
  }

  function showing(overview: Overview): FeedState {
    const confirmedAt = options.now();
    const fresh = {
      kind: "showing",
      overview,
      confirmedAt,
      skewMs: overview.generatedAt - confirmedAt,
      problem: "",
    } as const;
    if (state.kind !== "showing") return { ...fresh, changed: new Set(), announcement: "", version: 1 };
    return { ...fresh, ...compareOverviews(state.overview, overview), version: state.version + 1 };
  }

  return {
    wake,
    unlock(key) {
      options.key.keep(key);
      // The form stays while the key is tried, and with it the place of the keyboard.
      show({ kind: "locked", wasRefused: false });
      wake();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
      underWay?.abort();
      underWay = undefined;
    },
  };
}

async function ask(
  request: FeedOptions["request"],
  key: string,
  etag: string,
  controller: AbortController,
): Promise<Answer> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (key !== "") headers["x-functions-key"] = key;
  if (etag !== "") headers["if-none-match"] = etag;
  const deadline = setTimeout(() => controller.abort(), REQUEST_TIMEOUT_MS);
  try {
    const response = await request(headers, controller.signal);
    if (response.status === 304) return { kind: "unchanged" };
    if (response.status === 401) return { kind: "locked" };
    if (!response.ok) return { kind: "trouble", problem: `the server answered with status ${response.status}` };
    const overview = parseOverview(await response.text());
    return { kind: "overview", overview, etag: response.headers.get("etag") ?? "" };
  } catch (error) {
    return { kind: "trouble", problem: troubleOf(error) };
  } finally {
    clearTimeout(deadline);
  }
}
