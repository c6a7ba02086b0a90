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
 * Text for a Sentinel comment, which portals show as Markdown with some HTML: no element, link, image, heading, list, quote, table or
 * emphasis can begin, in either. For Sentinel, benign text (see `neutralise.ts`) is also without addresses, mentions, and the characters
 * below where they would mean something; it survives byte for byte. Not idempotent: what was escaped is escaped again.
 */
export function commentText(text: string): string {
  return withoutHtml(withoutMentions(withoutLinks(visibleText(text))))
    .replace(INLINE_MARK, "\\$&")
    .replace(BLOCK_MARK, "$1\\$2")
    .replace(ORDERED_ITEM, "$1$2\\$3");
}

/** One line of a field that shows no markup: a title, a name. Not idempotent. */
export function plainLine(text: string, maxLength: number): string {
  return cutText(withoutHtml(withoutMentions(withoutLinks(visibleLine(text, maxLength)))), maxLength);
}

/** A query as a block of code, to be copied and run: nothing in it can end the block, and no element of HTML can begin. */
export function commentQuery(text: string): string {
  const query = withoutHtmlInQuery(visibleText(text));
  const longest = Math.max(2, ...(query.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}kusto\n${query}\n${fence}`;
}

/** A backslash means something before punctuation only, an underscore only at the edge of a word. */
const INLINE_MARK = /\\(?=[!-/:-@[-`{-~])|[`*[\]~|]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
/** What begins a heading, quote, list, table rule or heading's underline, at the start of a line. */
const BLOCK_MARK = /^([ \t]{0,40})([#>+=-])/gm;
const ORDERED_ITEM = /^([ \t]{0,40})(\d{1,9})([.)])(?=\s|$)/gm;
