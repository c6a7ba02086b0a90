import { SHARDS } from "../pipeline/delta-message.ts";

interface HostJson {
  readonly extensions?: { readonly serviceBus?: Readonly<Record<string, unknown>> };
}

/** Settings of host.json that order and throughput hang on; each problem says why. */
export function hostJsonProblems(hostJson: unknown, deadlineMs: number): readonly string[] {
  const serviceBus = (hostJson as HostJson | null)?.extensions?.serviceBus ?? {};
  const sessions = Number(serviceBus["maxConcurrentSessions"] ?? 8);
  const idleMs = timeSpanMs(serviceBus["sessionIdleTimeout"] ?? "00:01:00");
  const problems: string[] = [];
  if (sessions < SHARDS) {
    problems.push(
      `host.json extensions.serviceBus.maxConcurrentSessions is ${sessions}: below the ${SHARDS} shards of a lane some incidents wait for a session to fall idle; set ${SHARDS} or more`,
    );
  }
  if (idleMs === undefined || idleMs <= deadlineMs) {
    problems.push(
      `host.json extensions.serviceBus.sessionIdleTimeout must be longer than the ${deadlineMs / 1_000} s a handler has: idle counts from the last receive, and a session given away while its work goes on is handled twice at once`,
    );
  }
  return problems;
}

function timeSpanMs(text: unknown): number | undefined {
  const match = typeof text === "string" ? /^(\d{1,2}):(\d{2}):(\d{2})$/.exec(text) : null;
  if (match === null) return undefined;
  const [hours, minutes, seconds] = match.slice(1).map(Number);
  return (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000;
}
