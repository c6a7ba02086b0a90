import { AsyncLocalStorage } from "node:async_hooks";

/**
 * The trace of the work under way, as W3C Trace Context writes it: from a bell or a timer over the messages to the write in a tool. Kept where
 * every bundle of this process finds it.
 */
const KEPT = Symbol.for("dex-sync.trace");
/** The message property by which Functions' Service Bus triggers, and Application Insights behind them, join what belongs together. */
export const TRACE_PROPERTY = "Diagnostic-Id";

const TRACE_PARENT = /^[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** Runs the work as part of a trace; one that is none is as good as no trace. */
export function inTrace<T>(traceParent: unknown, work: () => T): T {
  return isTraceParent(traceParent) ? storage().run(traceParent, work) : work();
}

export function currentTrace(): string | undefined {
  return storage().getStore();
}

export function currentTraceId(): string | undefined {
  return TRACE_PARENT.exec(currentTrace() ?? "")?.[1];
}

export function isTraceParent(value: unknown): value is string {
  return typeof value === "string" && TRACE_PARENT.test(value);
}

function storage(): AsyncLocalStorage<string> {
  const kept = globalThis as { [KEPT]?: AsyncLocalStorage<string> };
  return (kept[KEPT] ??= new AsyncLocalStorage<string>());
}
