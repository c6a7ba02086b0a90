/** One event as QRadar takes it. Source: IBM, "Log Event Extended Format (LEEF) version 2". */
export interface LeefEvent {
  /** The identifier of the log source: what QRadar tells by whose event this is. */
  readonly source: string;
  /** When it happened, milliseconds since 1970. */
  readonly at: number;
  /** With the category it names the event; the same words for ever. */
  readonly eventId: string;
  /** In this order; values are safe already, and an empty one is left out. */
  readonly attributes: readonly LeefAttribute[];
}

export type LeefAttribute = readonly [key: string, value: string];

/** Not the default, which is a tab: relays write tabs as `#011`. */
export const LEEF_DELIMITER = "^";

const HEADER = "LEEF:2.0|dex-sync|Defender Experts|1.0";
/** Facility local0, severity informational. */
const PRIORITY = 134;

/** One line, without its end. The header of syslog is the short one that QRadar documents for LEEF: priority, version, time and host. */
export function toLeefLine({ source, at, eventId, attributes }: LeefEvent): string {
  const time = new Date(at).toISOString();
  const written = attributes.filter(([, value]) => value !== "").map(([key, value]) => `${key}=${value}`);
  return `<${PRIORITY}>1 ${time} ${source} ${HEADER}|${eventId}|${LEEF_DELIMITER}|${written.join(LEEF_DELIMITER)}`;
}
