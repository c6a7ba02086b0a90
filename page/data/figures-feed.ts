import type { FunctionKey } from "./function-key.ts";
import { type Figures, parseFigures } from "./parse-figures.ts";
import { troubleOf } from "./trouble-of.ts";

const POLL_MS = 15_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A sentence; more would be a proxy's own page. */
const SENTENCE_MAX = 200;

export type FiguresState =
  | { readonly kind: "loading" }
  /** They are not kept in this process; the server says where they are. */
  | { readonly kind: "elsewhere"; readonly said: string }
  /** Nothing could be read so far. */
  | { readonly kind: "failed"; readonly problem: string }
  | {
      readonly kind: "showing";
      readonly figures: Figures;
      /** By this machine's clock. */
      readonly readAt: number;
      /** Why the newest try failed; "" where it did not. */
      readonly problem: string;
    };

export interface FiguresFeedOptions {
  readonly request: (headers: Record<string, string>, signal: AbortSignal) => Promise<Response>;
  readonly key: Pick<FunctionKey, "read">;
  readonly now: () => number;
  readonly isVisible: () => boolean;
  readonly onChange: (state: FiguresState) => void;
}

export interface FiguresFeed {
  /** Asks now, unless a request is under way or the page is hidden; then every 15 s. */
  readonly wake: () => void;
  readonly stop: () => void;
}

/** Reads `api/metrics` while somebody looks. What was read last stays on show while it cannot be read. */
export function createFiguresFeed(options: FiguresFeedOptions): FiguresFeed {
  let state: FiguresState = { kind: "loading" };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let underWay: AbortController | undefined;
  let isStopped = false;

  function wake(): void {
    if (isStopped || underWay !== undefined || !options.isVisible()) return;
    clearTimeout(timer);
    void poll();
  }

  async function poll(): Promise<void> {
    underWay = new AbortController();
    const answer = await ask(options, underWay);
    underWay = undefined;
    if (isStopped) return;
    state = answer.kind === "failed" && state.kind === "showing" ? { ...state, problem: answer.problem } : answer;
    options.onChange(state);
    // Where they are elsewhere, they are not here in 15 s either.
    if (answer.kind !== "elsewhere") timer = setTimeout(wake, POLL_MS);
  }

  return {
    wake,
    stop() {
      isStopped = true;
      clearTimeout(timer);
      underWay?.abort();
    },
  };
}

async function ask({ request, key, now }: FiguresFeedOptions, controller: AbortController): Promise<FiguresState> {
  const functionKey = key.read();
  const deadline = setTimeout(() => controller.abort(), REQUEST_TIMEOUT_MS);
  try {
    const response = await request(
      { accept: "text/plain", ...(functionKey === "" ? {} : { "x-functions-key": functionKey }) },
      controller.signal,
    );
    const text = await response.text();
    if (response.status === 404) return { kind: "elsewhere", said: text.trim().slice(0, SENTENCE_MAX) };
    if (response.status === 401) return { kind: "failed", problem: "the server refused the function key" };
    if (!response.ok) return { kind: "failed", problem: `the server answered with status ${response.status}` };
    return { kind: "showing", figures: parseFigures(text), readAt: now(), problem: "" };
  } catch (error) {
    return { kind: "failed", problem: troubleOf(error) };
  } finally {
    clearTimeout(deadline);
  }
}
