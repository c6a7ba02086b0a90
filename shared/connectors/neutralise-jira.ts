import { visibleLine, visibleText, withoutLinks, withoutMentions } from "./neutralise.ts";

/** Text of several lines for a field in wiki markup: no element of the markup can begin. Not idempotent: what was escaped is escaped again. */
export function wikiText(text: string): string {
  return inertWiki(visibleText(text));
}

/** The same on one line; cut before it is escaped. */
export function wikiLine(text: string, maxLength: number): string {
  return inertWiki(visibleLine(text, maxLength));
}

/** Text for a text node of an Atlassian document, which has no markup of its own: links and mentions are defanged. Idempotent. */
export function adfText(text: string): string {
  return withoutMentions(withoutLinks(visibleText(text)));
}

function inertWiki(text: string): string {
  return withoutMentions(withoutLinks(text))
    .replace(BRACKET, "\\$&")
    .replace(INLINE_MARK, "\\$&")
    .replace(BLOCK_MARK, "$1\\$2")
    .replace(HEADING, "$1\\$2");
}

const BRACKET = /[{}[\]|!]/g;
/** What begins or ends emphasis, at the edge of a word. */
const INLINE_MARK = /(?<![\p{L}\p{N}\\])[*_+^~-](?=\S)|(?<=\S)[*_+^~](?![\p{L}\p{N}])|\?\?/gu;
const BLOCK_MARK = /^([ \t]{0,40})([*#-])/gm;
const HEADING = /^([ \t]{0,40})(h[1-6]\.|bq\.)/gm;
