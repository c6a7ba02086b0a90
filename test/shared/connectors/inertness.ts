/** What an attacker's text must not contain once it is in a tool: the first thing found, or undefined. Written apart from the code it judges. */
export function hiddenIn(text: string): string | undefined {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const isControl = (code < 0x20 && character !== "\n" && character !== "\t") || (code >= 0x7f && code <= 0x9f);
    const isOverride = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    const isInvisible = [0x200b, 0x2060, 0xfeff, 0x200e, 0x200f, 0x00ad, 0x3164].includes(code);
    const isTag = code >= 0xe0000 && code <= 0xe0fff;
    const isLone = code >= 0xd800 && code <= 0xdfff;
    const isLine = code === 0x2028 || code === 0x2029;
    if (isControl || isOverride || isInvisible || isTag || isLone || isLine) return `U+${code.toString(16)}`;
  }
  return undefined;
}

/** A scheme with slashes that is not defanged, `www.` with something after it, or a scheme that runs. */
export function linkIn(text: string): string | undefined {
  return (
    /(?!hxxps?:)\b[a-z][a-z0-9+.-]*:\/\//i.exec(text.slice(0, 20_000).replace(/[a-z0-9+.-]{40,}/gi, "long"))?.[0] ??
    /\bwww\.[a-z]/i.exec(text)?.[0] ??
    /\b(?:javascript|vbscript|data|mailto|tel|sms|file|blob|ms-\w+|search-ms|msteams):[^\s…]/i.exec(text)?.[0]
  );
}

/** What an HTML tokenizer would begin something with. Source: WHATWG HTML, tag open state and character reference state. */
export function htmlIn(text: string): string | undefined {
  return /<[a-z/!?]/i.exec(text)?.[0] ?? /&(?!amp;|lt;)(?:#|[a-z][a-z0-9]*;)/i.exec(text)?.[0];
}

export function mentionIn(text: string): string | undefined {
  return /@\[/.exec(text)?.[0] ?? /(?:^|[\s([<])@[a-z]/i.exec(text)?.[0];
}

export function journalMarkIn(text: string): string | undefined {
  return /\[[\s/\u200b-\u200f]*(?:code|mdx\s*:)/i.exec(text)?.[0];
}

/** Markdown that is live: a bracket, backtick, star, tilde or bar without a backslash before it, or a block's beginning. */
export function markdownIn(text: string): string | undefined {
  const escapesAsLetters = text.replace(/\\[!-/:-@[-`{-~]/g, "x");
  return (
    /[`*[\]~|]/.exec(escapesAsLetters)?.[0] ?? /^[ \t]*(?:[#>+=-]|\d{1,9}[.)](?:\s|$))/m.exec(escapesAsLetters)?.[0]
  );
}

/** What ServiceNow acts on even in a query that keeps its addresses. */
export function queryIn(text: string): string | undefined {
  return journalMarkIn(text) ?? /@\[\w+:/.exec(text)?.[0];
}

/**
 * Jira's renderer, in its order: macros, blocks, links and tables see the raw text; then backslash escapes and references become signs
 * that mean nothing; then come line breaks, smileys, images, dashes and phrases. A backslash at an end would escape what follows.
 */
export function wikiIn(text: string): string | undefined {
  const raw = /[{[|]/.exec(text) ?? /^[^\S\n]*(?:[*#-]+\s|h[1-6]\.|bq\.|-{4,}\s*$)|\\[ \t\n]|\\$/im.exec(text);
  if (raw !== null) return raw[0];
  const rendered = text.replace(/(?<!\\)\\[-#*_+?^~|%{}[\]()!@]/g, "\u2022").replace(WIKI_REFERENCE, "\u2022");
  return [
    /\\\\/,
    /\?\?/,
    /[:;][()]|(?:^|[^\p{L}\p{Nd}])[:;][PD](?![\p{L}\p{Nd}])|\((?:[ynix/!+?-]|\*[rgby]?|on|off|flag|flagoff)\)/u,
    /![^ \t\n]/,
    /(?:^|\s)-{2,3}(?:\s|$)/,
    /(?:^|[^\p{L}\p{Nd}])[*_^~+-](?:$|[^ \t\n])/u,
  ]
    .map((pattern) => pattern.exec(rendered)?.[0])
    .find((found) => found !== undefined);
}

/** As Jira shows it: without the escapes. */
export function wikiShown(text: string): string {
  return text
    .replace(/(?<!\\)\\([-#*_+?^~|%{}[\]()!@])/g, "$1")
    .replace(WIKI_REFERENCE, (reference) => String.fromCharCode(Number(reference.slice(2, -1))))
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
}

/** The references that stand for marks of wiki markup; others are an attacker's. */
export const WIKI_REFERENCE = /&#(?:46|58|59|91|92|123|124);/g;

/** What begins a formula in a spreadsheet's cell. Source: OWASP, CSV injection. */
export function formulaIn(text: string): string | undefined {
  return /^[=+\-@\t\r]/.exec(text)?.[0];
}
