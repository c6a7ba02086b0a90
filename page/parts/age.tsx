import { createContext } from "preact";
import type { VNode } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { exactTime, machineTime } from "../view/exact-time.ts";
import { formatAge } from "../view/format-duration.ts";

/** The server's time, once a second. Only the ages listen, so a tick touches nothing but their texts. */
export interface Ticker {
  now(): number;
  setSkew(skewMs: number): void;
  /** Returns how to stop listening. */
  listen(onTick: () => void): () => void;
}

export function createTicker(now: () => number): Ticker {
  const listeners = new Set<() => void>();
  let skewMs = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  function tick(): void {
    for (const listener of listeners) listener();
  }
  return {
    now: () => now() + skewMs,
    setSkew(next) {
      skewMs = next;
    },
    listen(onTick) {
      listeners.add(onTick);
      timer ??= setInterval(tick, 1_000);
      return () => {
        listeners.delete(onTick);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}

export const TickerContext = createContext<Ticker>(createTicker(Date.now));

/** How long ago a moment was; the moment itself on hover and for machines. */
export function Age({
  since,
  whenUnknown = "not known",
}: {
  readonly since: number;
  readonly whenUnknown?: string;
}): VNode {
  const ticker = useContext(TickerContext);
  const [, setText] = useState("");
  const text = formatAge(ticker.now() - since);
  useEffect(() => ticker.listen(() => setText(formatAge(ticker.now() - since))), [ticker, since]);
  const machine = machineTime(since);
  if (machine === undefined) return <span class="age">{whenUnknown}</span>;
  return (
    <time class="age" dateTime={machine} title={exactTime(since)}>
      {text}
    </time>
  );
}
