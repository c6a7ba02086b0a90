import type { QRadarClient } from "./client.ts";
import type { WireReason } from "./schema.ts";

/** Closing reasons by their texts: ids differ from console to console. */
export interface ClosingReasons {
  load(signal: AbortSignal): Promise<void>;
  /** Of those loaded. */
  textOf(id: number): string | undefined;
  /** Undefined where there is none of this text, or it may not be used. */
  idOf(text: string, signal: AbortSignal): Promise<number | undefined>;
}

const FRESH_MS = 10 * 60_000;

export function createClosingReasons(options: {
  readonly client: QRadarClient;
  readonly clock: { now(): number };
}): ClosingReasons {
  let known: readonly WireReason[] = [];
  let readAt = Number.NEGATIVE_INFINITY;

  async function load(signal: AbortSignal): Promise<void> {
    if (options.clock.now() - readAt < FRESH_MS) return;
    known = await options.client.closingReasons(signal);
    readAt = options.clock.now();
  }

  return {
    load,
    textOf: (id) => known.find((reason) => reason.id === id)?.text,
    async idOf(text, signal) {
      await load(signal);
      if (usable(known, text) === undefined) {
        // It may have been made since.
        readAt = Number.NEGATIVE_INFINITY;
        await load(signal);
      }
      return usable(known, text)?.id;
    },
  };
}

export function usable(reasons: readonly WireReason[], text: string): WireReason | undefined {
  return reasons.find(
    (reason) => isSame(reason.text, text) && reason.is_deleted !== true && reason.is_reserved !== true,
  );
}

/** In the configuration's own spelling: the console's is no change that anybody made. */
export function spelledAs(configured: readonly string[], text: string | undefined): string | undefined {
  return configured.find((own) => text !== undefined && isSame(own, text)) ?? text;
}

function isSame(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}
