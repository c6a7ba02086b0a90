import {
  cutText,
  visibleLine,
  visibleText,
  withoutHtml,
  withoutHtmlInQuery,
  withoutLinks,
  withoutMentions,
} from "./neutralise.ts";

/**
 * For ServiceNow, benign text (see `neutralise.ts`) is also without addresses, mentions and the marks `[code]` and `[mdx:`; in a journal
 * moreover without `<` before a letter, `/`, `!` or `?`, and without `&` that begins a character reference. It survives byte for byte.
 */

/** A field of several lines that is shown as it is (`description`, `close_notes`). Idempotent for the same length. */
export function plainText(text: string, maxLength: number): string {
  return cutText(inert(visibleText(text)), maxLength);
}

/** A field of one line (`short_description`); lists of these are exported to spreadsheets. Idempotent for the same length. */
export function plainLine(text: string, maxLength: number): string {
  return cutText(inert(visibleLine(text, maxLength)), maxLength);
}

/**
 * A query that is to be copied and run, in a field of several lines: of it only what ServiceNow itself would act on is broken. Addresses
 * stay, for with a defanged one it would find nothing. Idempotent for the same length.
 */
export function plainQuery(text: string, maxLength: number): string {
  return cutText(brokenMarks(visibleText(text)), maxLength);
}

/**
 * An entry of a journal (`work_notes`, `comments`). There `[code]…[/code]` is HTML, and mail that quotes a journal is HTML: so no element and
 * no character reference can begin. Not idempotent: what was escaped is escaped again.
 */
export function journalText(text: string): string {
  return withoutHtml(inert(visibleText(text)));
}

/** A query in a journal that is to be copied and run: no element can begin, and addresses stay. Not idempotent. */
export function journalQuery(text: string): string {
  return withoutHtmlInQuery(brokenMarks(visibleText(text)));
}

function brokenMarks(query: string): string {
  return withoutMarks(query).replace(STORED_MENTION, "\u{FF20}");
}

function inert(text: string): string {
  return withoutMarks(withoutMentions(withoutLinks(text)));
}

function withoutMarks(text: string): string {
  return text.replace(MARK_START, "\u{FF3B}");
}

/** `[code]`, `[/code]`, with spaces and in any case; and our own marker, which only we may set. Every character of the run is looked at once. */
const MARK_START = /\[(?=[\s/]*(?:code|mdx\s*:))/gi;
/** `@[sys_user:…]`; the `@[` of a regular expression is not one. */
const STORED_MENTION = /@(?=\[\w+:)/g;
