import { parseTimeSpan } from "./time-span.ts";

/** What this host takes from host.json. */
export interface HostConfig {
  readonly routePrefix: string;
  /** Absent where host.json says -1: without end. */
  readonly functionTimeoutMs: number | undefined;
  readonly serviceBus: ServiceBusConfig;
}

export interface ServiceBusConfig {
  readonly autoCompleteMessages: boolean;
  readonly maxConcurrentCalls: number;
  readonly maxConcurrentSessions: number;
  readonly maxMessageBatchSize: number;
  readonly maxAutoLockRenewalMs: number;
  readonly sessionIdleTimeoutMs: number;
  readonly prefetchCount: number;
}

/** Read by extension 4 and older only: where version 5 runs they are ignored without a word, which is worse than refusing them. */
const OLD_NAMES = {
  sessionHandlerOptions: "maxConcurrentSessions, sessionIdleTimeout and maxAutoLockRenewalDuration",
  messageHandlerOptions: "maxConcurrentCalls, autoCompleteMessages and maxAutoLockRenewalDuration",
  batchOptions: "maxMessageBatchSize",
  autoComplete: "autoCompleteMessages",
} as const;

/** The defaults are those of the Functions host 4 and its Service Bus extension 5. */
export function readHostJson(hostJson: unknown): HostConfig {
  const root = section(hostJson, "host.json");
  if (root["version"] !== "2.0")
    throw new Error(`host.json: "version" must be "2.0", it is ${JSON.stringify(root["version"])}`);
  const extensions = section(root["extensions"], "host.json: extensions");
  const http = section(extensions["http"], "host.json: extensions.http");
  const prefix = http["routePrefix"] ?? "api";
  if (typeof prefix !== "string")
    throw new Error("host.json: extensions.http.routePrefix must be a text, it may be empty");
  return {
    routePrefix: prefix.replaceAll(/^\/+|\/+$/g, ""),
    functionTimeoutMs: functionTimeout(root["functionTimeout"]),
    serviceBus: readServiceBus(section(extensions["serviceBus"], "host.json: extensions.serviceBus")),
  };
}

function readServiceBus(options: Readonly<Record<string, unknown>>): ServiceBusConfig {
  for (const [old, now] of Object.entries(OLD_NAMES)) {
    if (Object.hasOwn(options, old)) {
      throw new Error(
        `host.json: extensions.serviceBus.${old} is a name of Service Bus extension 4 that version 5 ignores; use ${now}`,
      );
    }
  }
  return {
    autoCompleteMessages: flag(options, "autoCompleteMessages", true),
    maxConcurrentCalls: count(options, "maxConcurrentCalls", 16, 1),
    maxConcurrentSessions: count(options, "maxConcurrentSessions", 8, 1),
    maxMessageBatchSize: count(options, "maxMessageBatchSize", 1000, 1),
    maxAutoLockRenewalMs: span(options, "maxAutoLockRenewalDuration", 5 * 60_000),
    sessionIdleTimeoutMs: span(options, "sessionIdleTimeout", 60_000),
    prefetchCount: count(options, "prefetchCount", 0, 0),
  };
}

function functionTimeout(value: unknown): number | undefined {
  if (value === undefined) return 30 * 60_000;
  if (value === "-1") return undefined;
  const parsed = typeof value === "string" ? parseTimeSpan(value) : undefined;
  if (parsed === undefined || parsed === 0)
    throw new Error('host.json: functionTimeout must be like "00:05:00", or "-1" for none');
  return parsed;
}

function section(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${where} must be an object`);
}

function flag(options: Readonly<Record<string, unknown>>, name: string, fallback: boolean): boolean {
  const value = options[name] ?? fallback;
  if (typeof value === "boolean") return value;
  throw new Error(`host.json: extensions.serviceBus.${name} must be true or false`);
}

function count(options: Readonly<Record<string, unknown>>, name: string, fallback: number, least: number): number {
  const value = options[name] ?? fallback;
  if (Number.isInteger(value) && (value as number) >= least) return value as number;
  throw new Error(`host.json: extensions.serviceBus.${name} must be a whole number of at least ${least}`);
}

function span(options: Readonly<Record<string, unknown>>, name: string, fallbackMs: number): number {
  const value = options[name];
  if (value === undefined) return fallbackMs;
  const parsed = typeof value === "string" ? parseTimeSpan(value) : undefined;
  if (parsed === undefined) throw new Error(`host.json: extensions.serviceBus.${name} must be a time like "00:01:00"`);
  return parsed;
}
