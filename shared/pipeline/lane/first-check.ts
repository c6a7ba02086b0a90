import type { CheckFinding, ConnectorId, TicketConnector } from "../../connectors/connector.ts";
import { PermanentError, RetryableError } from "../../errors.ts";
import { startDeadline } from "../deadline.ts";
import { CHECKS, checkRow } from "../keys.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Table } from "../ports/table.ts";

/** Compares a connector's configuration with its tool before the first ticket of a process, and again while something is wrong. */
export interface FirstCheck {
  /** Never throws: a ticket is written whether the check could be made or not. */
  run(signal: AbortSignal): Promise<void>;
}

export interface CheckState {
  readonly v: 1;
  readonly at: number;
  readonly findings: readonly CheckFinding[];
}

/** Of a handler's time; what the tool has not answered by then is asked another time. */
const LONGEST_MS = 10_000;
/** After a check that failed, and while something is to be mended. */
const SOON_MS = 60_000;
const MEND_LOOK_MS = 10 * 60_000;
const LATER_MS = 24 * 60 * 60_000;
/** Of findings kept for health. */
const KEPT = 50;

export function createFirstCheck(deps: {
  readonly connector: TicketConnector;
  readonly control: Table;
  readonly clock: Clock;
  readonly log: Log;
}): FirstCheck {
  const { connector, control, clock, log } = deps;
  let nextAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;
  let told = "";

  return {
    async run(signal) {
      if (connector.check === undefined || signal.aborted || clock.now() < nextAt) return;
      // All that come meanwhile wait for the same answer.
      running ??= check(signal).finally(() => {
        running = undefined;
      });
      await running;
    },
  };

  async function check(signal: AbortSignal): Promise<void> {
    nextAt = clock.now() + SOON_MS;
    const deadline = startDeadline(clock, clock.now() + LONGEST_MS);
    try {
      const findings = (await connector.check?.(AbortSignal.any([signal, deadline.signal]))) ?? [];
      const isToMend = findings.some(({ severity }) => severity === "error");
      tell(findings);
      const state: CheckState = { v: 1, at: clock.now(), findings: findings.slice(0, KEPT) };
      await control.put(CHECKS, checkRow(connector.id), state, "any");
      nextAt = clock.now() + (isToMend ? MEND_LOOK_MS : LATER_MS);
    } catch (error) {
      if (!(error instanceof RetryableError) && !(error instanceof PermanentError)) throw error;
      log.warn("a configuration could not be compared with its tool", {
        connector: connector.id,
        reason: error.reason,
      });
    } finally {
      deadline.stop();
    }
  }

  /** Once for the same findings. */
  function tell(findings: readonly CheckFinding[]): void {
    const words = JSON.stringify(findings);
    if (words === told) return;
    told = words;
    for (const { severity, place, problem, mend } of findings) {
      const fields = { connector: connector.id, place, problem, mend };
      if (severity === "error") log.error("the configuration does not fit the tool", fields);
      else log.warn("the configuration may not fit the tool", fields);
    }
  }
}

/** What the last check of any process found. */
export async function readFindings(control: Table, connector: ConnectorId): Promise<readonly CheckFinding[]> {
  const row = await control.get(CHECKS, checkRow(connector));
  return (row?.value as CheckState | undefined)?.findings ?? [];
}
