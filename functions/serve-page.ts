import { type HttpResponseInit, app } from "@azure/functions";
import pageFiles from "dex-sync:page";

const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};
/** Asset names carry a hash of their content. */
const FOREVER = "public, max-age=31536000, immutable";

const ASSETS = "page/";
/** The one page, which shows what its address asks for. */
const VIEWS: readonly string[] = ["", "preview", "operations"];

/** The page holds nothing of any incident: it is open, what it reads is not. Every other route is more specific than this one. */
export function registerServePage(): void {
  app.http("serve-page", {
    route: "{*path}",
    methods: ["GET"],
    authLevel: "anonymous",
    handler: (request) => {
      const path = request.params["path"] ?? "";
      if (VIEWS.includes(path)) return file("index.html", "no-cache");
      return path.startsWith(ASSETS) ? file(path.slice(ASSETS.length), FOREVER) : { status: 404 };
    },
  });
}

function file(name: string, cacheControl: string): HttpResponseInit {
  const found = pageFiles.find((candidate) => candidate.path === name);
  if (found === undefined) return { status: 404 };
  return {
    status: 200,
    headers: { ...SECURITY_HEADERS, "content-type": found.contentType, "cache-control": cacheControl },
    body: found.body,
  };
}
