import type { Choices } from "../http/behaviour.ts";

/** How the simulated console behaves. Change the fields at any time. */
export interface QRadarBehaviour {
  /** How long after an event its offense is there. */
  offenseDelayMs: number;
  /** Off: nobody has made the rule, so events raise no offense. */
  ruleOn: boolean;
  /** The property that the rule indexes offenses by. */
  indexBy: "mdxKey" | "mdxIncidentId";
  /** Whether this release filters by last_persisted_time. */
  persistedTimeFilter: "supported" | "refused";
  /** Calls a minute, for a proxy before the console; 0 for no limit. QRadar itself documents none. */
  callsPerMinute: number;
  /** Whether the account may read and make log sources and properties. */
  admin: boolean;
}

export const QRADAR_CHOICES = {
  indexBy: ["mdxKey", "mdxIncidentId"],
  persistedTimeFilter: ["supported", "refused"],
} as const satisfies Choices;

export function defaultQRadarBehaviour(): QRadarBehaviour {
  return {
    offenseDelayMs: 0,
    ruleOn: true,
    indexBy: "mdxKey",
    persistedTimeFilter: "supported",
    callsPerMinute: 0,
    admin: true,
  };
}
