import { cutText, visibleLine, visibleText, withoutHtml, withoutLinks, withoutMentions } from "./neutralise.ts";

/**
 * Jira has two syntaxes: wiki markup (Data Center, and requests of Service Management), and Atlassian Document Format (Cloud), whose text
 * nodes have none.
 *
 * For wiki markup, benign text (see `neutralise.ts`) is also without addresses, mentions, and what could begin an element of HTML; without
 * `{`, `[`, `|`, `??` and smileys; with backslashes only singly and before a letter or digit; with `*`, `_`, `-`, `+`, `^` and `~` only after a
 * letter or digit or before a space, and `!` only before a space; and no line of it begins as a list, a heading (`h1.`) or a
 * quote (`bq.`). It survives byte for byte. What is escaped looks, once it is rendered, as it was written. Keys of issues (`ABC-1`) stay:
 * Jira may make links of them, but only to its own issues.
 */

/**
 * Text of several lines, inert wherever wiki markup is rendered. Where a scan of the raw text could find a macro, link, mention or cell, there is no
 * bracket, brace or bar at all: they are written as character references. The rest has a backslash. Not idempotent.
 */
export function wikiText(text: string): string {
  return escaped(withoutHtml(withoutMentions(withoutLinks(visibleText(text)))));
}

/** One line, for a table's cell or after a label of ours; at most `maxLength` UTF-16 units, and what is cut is escaped as it ends then. Not idempotent. */
export function wikiLine(text: string, maxLength: number): string {
  const inert = withoutMentions(withoutLinks(visibleLine(text, maxLength)));
  let kept = maxLength;
  for (;;) {
    const line = escaped(withoutHtml(cutText(inert, kept)));
    if (line.length <= maxLength || kept <= 1) return line;
    kept = Math.max(1, kept - Math.ceil((line.length - maxLength) / LONGEST_ESCAPE));
  }
}

/**
 * A query that is to be copied and run, for the inside of `{noformat}…{noformat}`: there is no other markup in it than the end, which it
 * cannot write itself. Idempotent.
 */
export function wikiQuery(text: string): string {
  return visibleText(text).replace(BLOCK_END, "\u{FF5B}");
}

/** The text of an ADF text node; "" is none. Nothing is markup in it, but clients make links of addresses. Idempotent. */
export function adfText(text: string): string {
  return withoutMentions(withoutLinks(visibleText(text)));
}

function escaped(text: string): string {
  return text
    .replace(LIVE, (mark) => (AS_REFERENCE.has(mark) ? `&#${mark.charCodeAt(0)};` : `\\${mark}`))
    .replace(SMILEY, "$1\\")
    .replace(LIST_START, "$1\\")
    .replace(HEADING_START, "$1&#46;");
}

const LONGEST_ESCAPE = "&#124;".length;
/** Read by macros, links, tables or mentions before backslashes are; and the backslash, which cannot escape itself. */
const AS_REFERENCE: ReadonlySet<string> = new Set(["{", "[", "|", "\\", ":", ";"]);
/**
 * Each mark only where it could begin something, as Jira's renderer decides it: its spaces are ASCII, its letters and digits are L and Nd. A
 * backslash is live before what it escapes, beside another one (a line break), and at an end, where what follows is ours.
 */
const LIVE = new RegExp(
  [
    String.raw`[{[|]`,
    String.raw`\\(?=[\\#*_+?^~|%{}[\]()!@-]|[ \t\n]|$)`,
    String.raw`(?<=\\)\\`,
    String.raw`(?<![\p{L}\p{Nd}])[*_+^~-](?![ \t\n])`,
    String.raw`!(?![ \t\n])`,
    String.raw`\?(?=\?)`,
    String.raw`\((?=(?:[ynix/!+?-]|\*[rgby]?|on|off|flag|flagoff)\))`,
    String.raw`(?<![\p{L}\p{Nd}])[:;](?=[PD](?![\p{L}\p{Nd}]))`,
  ].join("|"),
  "gu",
);
/** `:)`, `;(`: also where a reference of ours ends before a bracket. */
const SMILEY = /([:;])(?=[()])/g;
const LIST_START = /^([^\S\n]*)(?=[#*-])/gm;
const HEADING_START = /^([^\S\n]*(?:h[1-6]|bq))\./gim;
const BLOCK_END = /\{(?=\s*noformat)/gi;
