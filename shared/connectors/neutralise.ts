/**
 * Incident text is written by attackers: file names, mail subjects, host names. Here is what every tool needs; what one tool's markup
 * needs beside it is in `neutralise-<tool>.ts`. All functions are pure, total and linear in the length of the text.
 *
 * Benign text is text without control characters (line breaks and tabs are fine between lines), without invisible or direction-changing
 * characters, well formed, with line feeds for line breaks, and without spaces around it: it passes `visibleText` byte for byte.
 * Joiners between emoji or between letters of scripts that need them (Arabic, the Indic ones) are benign.
 */

/** Multi-line text of which everything can be seen: no terminal codes, controls, overrides, or hidden characters; line feeds only. Idempotent. */
export function visibleText(text: string): string {
  return text
    .replace(TERMINAL_CODE, "")
    .replace(LINE_BREAK, "\n")
    .replace(CONTROL, "")
    .replace(INVISIBLE, "")
    .replace(REPEATED_VARIATION, "")
    .replace(NEEDLESS_JOINER, "")
    .replace(LONE_SURROGATE, "\u{FFFD}")
    .trim();
}

/** One visible line of at most `maxLength` UTF-16 units, safe as the first thing in a spreadsheet's cell. Idempotent for the same length. */
export function visibleLine(text: string, maxLength: number): string {
  const line = visibleText(text)
    .replace(/[\n\t\u{2028}\u{2029}]+/gu, " ")
    .trim();
  return cutText(FORMULA_START.test(line) ? `'${line}` : line, maxLength);
}

/**
 * Addresses no tool makes a link of: `hxxps://`, `ftp[:]//`, `www[.]`, `javascript[:]`. Idempotent. A bare domain stays: no tool here makes a
 * link of it, and it cannot be told from a file's name.
 */
export function withoutLinks(text: string): string {
  return text
    .replace(SCHEME_WITH_SLASHES, (_all, scheme: string) => `${inertScheme(scheme)}//`)
    .replace(SCHEME_WITHOUT_SLASHES, "$1[:]")
    .replace(WWW, "$1[.]");
}

/** `@user` and `@[user]` call nobody: the sign becomes its full-width twin. Mail addresses stay as they are. Idempotent. */
export function withoutMentions(text: string): string {
  return text.replace(/@(?=\[)|(?<![A-Za-z0-9._%+-])@(?=[\p{L}\p{N}_])/gu, "\u{FF20}");
}

/**
 * No element, comment or character reference of HTML can begin: only those `<` and `&` are escaped that could start one, so `a < b`, `R&D` and
 * `->` stay. Not idempotent: what was escaped is escaped again.
 */
export function withoutHtml(text: string): string {
  return text.replace(REFERENCE_START, "&amp;").replace(TAG_START, "&lt;");
}

/**
 * The same for a query that is to be copied and run: a space after `<` begins no element either, and means nothing to KQL but inside a
 * literal. Not idempotent.
 */
export function withoutHtmlInQuery(query: string): string {
  return query.replace(REFERENCE_START, "&amp;").replace(TAG_START, "< ");
}

/** At most `maxLength` UTF-16 units, no character torn, and an ellipsis where something was left out and there is room for one. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  if (maxLength <= 0) return "";
  const kept = text.slice(0, maxLength - 1);
  const last = kept.charCodeAt(kept.length - 1);
  const isTorn = last >= 0xd800 && last <= 0xdbff;
  return `${(isTorn ? kept.slice(0, -1) : kept).trimEnd()}…`;
}

/**
 * The address of the incident's own page where it is one of the known portals, spelled so that no markup can start inside it.
 * Undefined otherwise: then the address is text like any other. Plain http only on this machine.
 */
export function portalLink(url: string, portalHosts: readonly string[]): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  const isLoopback = parsed.hostname === "127.0.0.1" || parsed.hostname === "localhost";
  const isSecure = parsed.protocol === "https:" || (parsed.protocol === "http:" && isLoopback);
  const isKnown = portalHosts.includes(parsed.hostname) || portalHosts.includes(parsed.host);
  if (!isSecure || !isKnown || parsed.username !== "" || parsed.password !== "") return undefined;
  return parsed.href.replace(UNSAFE_IN_LINK, (character) => encodeURIComponent(character).replace(/[!'()*]/g, percent));
}

/** CSI and terminated OSC sequences of terminals, in their 7-bit and 8-bit forms. */
const TERMINAL_CODE = /(?:\u{1B}\[|\u{9B})[0-?]*[ -/]*[@-~]|\u{1B}\][^\u{7}\u{1B}\n]*(?:\u{7}|\u{1B}\\)/gu;
const LINE_BREAK = /\r\n?|[\u{85}\u{2028}\u{2029}]/gu;
const CONTROL = /[\u{0}-\u{8}\u{B}\u{C}\u{E}-\u{1F}\u{7F}-\u{84}\u{86}-\u{9F}]/gu;
/**
 * Soft hyphen, grapheme joiner, direction marks, embeddings, overrides and isolates, zero-width and invisible operators, fillers, Mongolian
 * selectors, annotation marks, ideographic variation selectors, and tag characters: what smuggles text past a reader.
 */
const INVISIBLE =
  /[\u{34F}\u{17B4}\u{17B5}\u{180B}-\u{180F}\u{AD}\u{61C}\u{115F}\u{1160}\u{200B}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2060}-\u{206F}\u{3164}\u{FEFF}\u{FFA0}\u{FFF0}-\u{FFFB}\u{FFFE}\u{FFFF}\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}]/gu;
const REPEATED_VARIATION = /(?<=[\u{FE00}-\u{FE0F}])[\u{FE00}-\u{FE0F}]+/gu;
const JOINED_SCRIPTS =
  "\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Nko}\\p{Script=Mongolian}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Myanmar}";
const EMOJI_BEFORE = "\\p{Extended_Pictographic}\\u{FE0F}\\u{1F3FB}-\\u{1F3FF}";
const NEEDLESS_JOINER = new RegExp(
  `(?<![${JOINED_SCRIPTS}])\\u{200C}|\\u{200C}(?![${JOINED_SCRIPTS}])|(?<![${JOINED_SCRIPTS}${EMOJI_BEFORE}])\\u{200D}|\\u{200D}(?![${JOINED_SCRIPTS}\\p{Extended_Pictographic}])`,
  "gu",
);
const LONE_SURROGATE = /\p{Surrogate}/gu;
const FORMULA_START = /^[=+\-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}]/u;
/** A parser of HTML begins a tag, an end tag, a comment or a declaration only so. */
const TAG_START = /<(?=[a-z/!?])/gi;
/** Numeric, named with its semicolon, or one of the names that matter and work without. The bound is longer than the longest name of HTML. */
const REFERENCE_START = /&(?=#|[a-z][a-z0-9]{0,31};|(?:lt|gt|amp|quot))/gi;
const UNSAFE_IN_LINK = /[^A-Za-z0-9\-._~:/?#&=%]/gu;
/** The bound keeps the search linear. */
const SCHEME_WITH_SLASHES = /([a-z][a-z0-9+.-]{0,30}):\/\//gi;
/** Schemes that run, show or call something without any slashes. */
const SCHEME_WITHOUT_SLASHES =
  /(?<![a-z0-9])(javascript|vbscript|data|mailto|tel|sms|file|blob|ms-[a-z]{1,20}|search-ms|msteams):(?=[^\s…])/gi;
const WWW = /(?<![a-z0-9])(www)\.(?=[^\s…])/gi;

function inertScheme(scheme: string): string {
  switch (scheme.toLowerCase()) {
    case "http":
    case "hxxp":
      return "hxxp:";
    case "https":
    case "hxxps":
      return "hxxps:";
    default:
      return `${scheme}[:]`;
  }
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
