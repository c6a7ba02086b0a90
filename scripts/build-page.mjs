import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PAGE = fileURLToPath(new URL("../page/", import.meta.url));

const CONTENT_TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Builds the page in memory. `index.html` is to be served at `/`, every other file at `/page/<path>`: those have their content's hash in their names and may be
 * cached for ever.
 * @param {{ minify?: boolean }} [options]
 * @returns {Promise<{ files: { path: string, contentType: string, body: Uint8Array | string }[], inputs: string[] }>}
 */
export async function buildPage({ minify = true } = {}) {
  const bundle = await build({
    absWorkingDir: PAGE,
    entryPoints: [
      { in: "main.tsx", out: "app" },
      { in: "styles/app.css", out: "app" },
    ],
    bundle: true,
    write: false,
    outdir: "out",
    format: "esm",
    target: ["es2022", "chrome111", "firefox111", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    metafile: true,
    charset: "utf8",
    logLevel: "silent",
    minify,
  });
  const assets = bundle.outputFiles.map((file) => ({ name: `app${extname(file.path)}`, body: file.contents }));
  assets.push({ name: "favicon.svg", body: await readFile(`${PAGE}favicon.svg`) });
  let html = await readFile(`${PAGE}index.html`, "utf8");
  const files = [];
  for (const { name, body } of assets) {
    const path = hashedName(name, body);
    const reference = `"page/${name}"`;
    if (!html.includes(reference)) throw new Error(`page/index.html does not refer to ${reference}`);
    html = html.replace(reference, `"page/${path}"`);
    files.push({ path, contentType: contentTypeOf(path), body });
  }
  files.unshift({ path: "index.html", contentType: contentTypeOf("index.html"), body: html });
  return { files, inputs: Object.keys(bundle.metafile.inputs) };
}

/** @param {string} name @param {Uint8Array} body */
function hashedName(name, body) {
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 12);
  return name.replace(/(\.\w+)$/, `-${hash}$1`);
}

/** @param {string} path */
function contentTypeOf(path) {
  const contentType = CONTENT_TYPES[/** @type {keyof typeof CONTENT_TYPES} */ (extname(path))];
  if (contentType === undefined) throw new Error(`no content type for ${path}`);
  return contentType;
}
