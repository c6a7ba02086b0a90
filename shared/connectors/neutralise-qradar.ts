import { visibleLine, visibleText, withoutHtml, withoutLinks } from "./neutralise.ts";

/**
 * For a value of a LEEF event. LEEF defines no escaping, so what would end a value, a field or the event becomes a space. An equals sign
 * becomes its full-width twin: a property that is taken out of the payload by a regular expression must not find a key inside of a value.
 * Not idempotent: what was escaped is escaped again.
 */
export function leefText(text: string, maxBytes: number): string {
  const split = text.replace(SPLITTING, " ").replaceAll("=", "\u{FF1D}");
  const line = visibleLine(split, maxBytes).replace(/ {2,}/g, " ");
  return cutBytes(withoutHtml(withoutLinks(line)), maxBytes).replace(ESCAPING, "");
}

/** At most so many bytes of UTF-8, no character torn, and an ellipsis where something was left out. */
export function cutBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const room = maxBytes - Buffer.byteLength(ELLIPSIS);
  let bytes = 0;
  let kept = "";
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    kept += character;
  }
  return `${kept.trimEnd()}${ELLIPSIS}`;
}

/**
 * A note of an offense: plain text in the console, which others show as they like. No element of HTML, no address that becomes a link, and
 * not our own marker, which only we may set. Not idempotent.
 */
export function noteText(text: string): string {
  return withoutHtml(withoutLinks(visibleText(text)).replace(MARKER_START, "\u{FF3B}"));
}

const ELLIPSIS = "…";
/** The delimiter of our events, LEEF's own delimiter and that of its header. */
const SPLITTING = /[\t^|]/g;
/** At the end of a value a parser that knows escapes would take the delimiter for a part of it. */
const ESCAPING = /\\+$/;
const MARKER_START = /\[(?=\s*mdx\s*:)/gi;
