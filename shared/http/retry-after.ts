/** `Retry-After` in milliseconds from now: seconds or an HTTP date; undefined where it is neither. Source: RFC 9110 section 10.2.3. */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | undefined {
  const text = (header ?? "").trim();
  if (/^\+?\d{1,9}$/.test(text)) return Number(text) * 1_000;
  if (/^-\d+$/.test(text)) return 0;
  const at = httpDate(text);
  return at === undefined ? undefined : Math.max(0, at - nowMs);
}

/** The three forms a receiver must know (RFC 9110 section 5.6.7), the last of which names no zone and means GMT. */
const DATED = /^[A-Za-z]{3,9}, \d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2} (?:GMT|UTC)$/;
const DATED_WITHOUT_ZONE = /^[A-Za-z]{3} [A-Za-z]{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

function httpDate(text: string): number | undefined {
  if (!DATED.test(text) && !DATED_WITHOUT_ZONE.test(text)) return undefined;
  const at = Date.parse(DATED.test(text) ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : at;
}
