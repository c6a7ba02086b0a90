/** Text made safe to stand in HTML, in an element or in a quoted attribute. Control and bidi characters are shown as their code. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, codeOf)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A whole page. `body` is HTML, `title` is text. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`;
}

/** A table of two columns; both are text. */
export function fieldTable(fields: ReadonlyArray<readonly [name: string, value: string]>): string {
  const rows = fields.map(
    ([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${textBlock(value)}</td></tr>`,
  );
  return `<table>${rows.join("")}</table>`;
}

/** Text with its line breaks kept. */
export function textBlock(text: string): string {
  return `<span class="text">${escapeHtml(text)}</span>`;
}

/** Sent with every page: nothing incident text smuggles in could run, even if escaping had a hole. */
export const PAGE_HEADERS = {
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
} as const;

function codeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const STYLE = [
  "body{font:15px/1.5 system-ui,sans-serif;margin:0;background:#f5f6f8;color:#1b1f24}",
  "main{max-width:60rem;margin:0 auto;padding:1.5rem}",
  "h1{font-size:1.35rem}h2{font-size:1.05rem;margin-top:2rem}",
  "table{border-collapse:collapse;width:100%;background:#fff}",
  "th,td{border:1px solid #d8dce2;padding:.35rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}",
  "th{width:14rem;font-weight:600;background:#fafbfc}.text{white-space:pre-wrap}",
  ".note{background:#fff;border:1px solid #d8dce2;padding:.6rem .8rem;margin:.6rem 0}.meta{color:#57606a;font-size:.85rem}",
  ".danger{color:#a40e26}label{margin-right:.8rem}.banner{background:#fff4ce;border:1px solid #d9b300;padding:.5rem .8rem}",
].join("");
