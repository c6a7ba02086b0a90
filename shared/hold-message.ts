import { azureBus } from "./compose-azure.ts";
import type { Provided } from "./composition.ts";
import { ConfigError } from "./config/config.ts";
import { readSettings } from "./config/settings.ts";
import { PermanentError } from "./errors.ts";
import { shardOf } from "./pipeline/delta-message.ts";
import type { IncidentId, TenantId } from "./incident/incident.ts";
import { createJsonLog, systemClock, systemRandom } from "./system.ts";

const HELD_MS = 60_000;

export interface Held {
  readonly queue: string;
  readonly message: unknown;
  readonly isInSession: boolean;
}

/** True for what a person mends in the configuration or the settings, and no repetition does. */
export function isMisconfigured(error: unknown): boolean {
  return error instanceof ConfigError || (error instanceof PermanentError && error.reason === "misconfigured");
}

/**
 * While the configuration cannot be used, a message is put off by a minute, as it is, instead of burning its deliveries: nothing that is
 * mended in a file may cost work. Needs nothing of the configuration but the bus.
 */
export async function holdMessage(provided: Provided, held: Held, reason: unknown): Promise<void> {
  const { queue, message, isInSession } = held;
  const log = provided.log ?? createJsonLog((_level, line) => process.stdout.write(`${line}\n`));

  const own = provided.bus === undefined ? azureBus(readSettings()) : undefined;
  const clock = provided.clock ?? systemClock;
  const random = provided.random ?? systemRandom;
  try {
    await (provided.bus ?? own)?.send(queue, [
      {
        messageId: `held:${random.uuid()}`,
        body: message,
        scheduledAt: clock.now() + HELD_MS,
        ...(isInSession ? { sessionId: sessionOf(message) } : {}),
      },
    ]);
    log.error("the configuration cannot be used; a message is put off by a minute", {
      queue,
      error: reason instanceof Error ? reason.message.slice(0, 500) : String(reason),
    });
  } finally {
    await own?.close();
  }
}

function sessionOf(message: unknown): string {
  const { tenantId, incidentId } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return shardOf(text(tenantId) as TenantId, text(incidentId) as IncidentId);
}
