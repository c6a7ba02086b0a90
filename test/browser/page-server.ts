import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buildPage } from "../../scripts/build-page.mjs";
import type { Diagnosis } from "../../shared/pipeline/doctor/diagnosis.ts";
import type { Overview } from "../../shared/pipeline/overview/overview.ts";
import type { Preview } from "../../shared/pipeline/preview/previewed.ts";

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface PageServer {
  readonly url: string;
  /** Status of every answer to `GET /api/overview`, in order. */
  readonly answers: number[];
  show(overview: Overview): void;
  /** From now on each request for the overview is cut off. */
  cut(): void;
  restore(): void;
  /** Orders that were posted: the operation, the key, the body. */
  readonly orders: { readonly operation: string; readonly key: string; readonly body: unknown }[];
  /** What `GET /api/preview` is answered from now on; the addresses that asked are kept. */
  preview(answer: Preview | undefined): void;
  readonly previews: string[];
  /** What `GET /api/metrics` is answered from now on; the keys that asked are kept. */
  figures(text: string, status?: number): void;
  readonly figureKeys: string[];
  /** What `GET /api/doctor` answers to the master key; the keys that asked are kept. */
  diagnose(answer: Diagnosis): void;
  readonly doctorKeys: string[];
  /** From now on the overview needs this key; "" for none. */
  requireKey(key: string): void;
  close(): Promise<void>;
}

/** The built page under its strict policy, and an overview the test can change. */
export async function servePage(first: Overview): Promise<PageServer> {
  const { files } = await buildPage({ minify: true });
  const byAddress = new Map(files.map((file) => [file.path === "index.html" ? "/" : `/page/${file.path}`, file]));
  const answers: number[] = [];
  const orders: { operation: string; key: string; body: unknown }[] = [];
  let body = JSON.stringify(first);
  const previews: string[] = [];
  let previewed: Preview | undefined;
  const figureKeys: string[] = [];
  let figures = { status: 200, text: "" };
  const doctorKeys: string[] = [];
  let diagnosis: Diagnosis = { at: 0, status: "ok", findings: [] };
  let isCut = false;
  let requiredKey = "";

  function answerOverview(request: IncomingMessage, response: ServerResponse): void {
    if (isCut) {
      response.destroy();
      return;
    }
    const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;
    const isAllowed = requiredKey === "" || request.headers["x-functions-key"] === requiredKey;
    const knownStatus = request.headers["if-none-match"] === etag ? 304 : 200;
    const status = isAllowed ? knownStatus : 401;
    answers.push(status);
    response.writeHead(status, { "content-type": "application/json", etag, "cache-control": "no-store" });
    response.end(status === 200 ? body : undefined);
  }

  /** Only under the master key. */
  async function takeOrder(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const key = keyOf(request);
    const operation = (request.url ?? "").split("/").at(-1) ?? "";
    orders.push({ operation, key, body: JSON.parse(text) as unknown });
    const isAllowed = key === "the-master-key";
    response.writeHead(isAllowed ? 202 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify(isAllowed ? { done: 1, problems: [] } : {}));
  }

  function answerFigures(request: IncomingMessage, response: ServerResponse): void {
    figureKeys.push(keyOf(request));
    response.writeHead(figures.status, { "content-type": "text/plain; charset=utf-8" }).end(figures.text);
  }

  function answerDoctor(request: IncomingMessage, response: ServerResponse): void {
    const key = keyOf(request);
    doctorKeys.push(key);
    const isAllowed = key === "the-master-key";
    response.writeHead(isAllowed ? 200 : 401, { "content-type": "application/json" });
    response.end(isAllowed ? JSON.stringify(diagnosis) : undefined);
  }

  const server = createServer((request, response) => {
    const address = request.url ?? "";
    if (request.method === "POST" && address.startsWith("/api/operations/")) return void takeOrder(request, response);
    if (address === "/api/overview") return answerOverview(request, response);
    if (address === "/api/metrics") return answerFigures(request, response);
    if (address === "/api/doctor") return answerDoctor(request, response);
    if (address.startsWith("/api/preview?")) {
      previews.push(address);
      response.writeHead(previewed === undefined ? 503 : 200, { "content-type": "application/json" });
      return response.end(JSON.stringify(previewed ?? { problems: ["the tool is <b>away</b>"] }));
    }
    const file = byAddress.get(/^\/(preview|operations)(\?|$)/.test(address) ? "/" : address);
    if (file === undefined) return response.writeHead(404).end();
    return response
      .writeHead(200, {
        "content-type": file.contentType,
        "content-security-policy": CSP,
        "x-content-type-options": "nosniff",
      })
      .end(file.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    answers,
    orders,
    previews,
    preview(answer) {
      previewed = answer;
    },
    figureKeys,
    figures(text, status = 200) {
      figures = { status, text };
    },
    doctorKeys,
    diagnose(answer) {
      diagnosis = answer;
    },
    show(overview) {
      body = JSON.stringify(overview);
    },
    cut() {
      isCut = true;
    },
    restore() {
      isCut = false;
    },
    requireKey(key) {
      requiredKey = key;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function keyOf(request: IncomingMessage): string {
  return String(request.headers["x-functions-key"] ?? "");
}
