import { durationMs } from "./duration.ts";
import { readJson } from "./read-json.ts";
import type { ConfigFile } from "./schema.ts";

export const DEFAULT_INTERVAL_MS = 15_000;

/** Ids and kinds of the connectors, as far as the file can be read: enough to register a function per lane without checking everything. */
export function readLanes(file: string): readonly { readonly id: string; readonly kind: string }[] {
  const connectors = (readJson(file) as Partial<ConfigFile> | null)?.connectors;
  if (!Array.isArray(connectors)) return [];
  return connectors
    .filter((connector) => typeof connector?.id === "string" && typeof connector.kind === "string")
    .map(({ id, kind }) => ({ id, kind }));
}

/** The poll interval of the file, or the default: enough to register the timer. */
export function readPollInterval(file: string): number {
  const interval = (readJson(file) as Partial<ConfigFile> | null)?.poll?.interval;
  return (typeof interval === "string" ? durationMs(interval) : undefined) ?? DEFAULT_INTERVAL_MS;
}
