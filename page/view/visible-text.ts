/**
 * Characters that change how the text around them is read without being seen themselves: controls, and the overrides, embeddings and isolates
 * that can turn "exe.fdp" into "pdf.exe". Joiners and the plain direction marks stay: Persian, Arabic and emoji need them.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSEEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g;

/** Text from outside with every unseen control named in place, so that it is shown and not obeyed. */
export function visibleText(raw: string): string {
  return raw.replace(UNSEEN, (unseen) => `[U+${unseen.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
}
