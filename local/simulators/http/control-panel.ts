import { type Fault, FAULT_KINDS, readFault } from "./faults.ts";
import { escapeHtml, htmlPage, PAGE_HEADERS } from "./html.ts";
import { type Call, emptyReply, htmlReply, jsonReply, objectIn, type Reply } from "./message.ts";
import type { RunningServer } from "./start-server.ts";
import type { Behaviour } from "./behaviour.ts";

export interface PanelOptions {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** What the service holds, newest first, for people to click. */
  records(): ReadonlyArray<{ readonly href: string; readonly text: string }>;
  /** `GET /simulator/<name>`, as JSON. */
  readonly views: Readonly<Record<string, (call: Call) => unknown>>;
}

/** The `/simulator` page and its JSON: the only part of a simulator the real service does not have. */
export function createControlPanel(options: PanelOptions): (call: Call, server: RunningServer) => Reply | undefined {
  return (call, server) => {
    if (call.path !== "/simulator" && !call.path.startsWith("/simulator/")) return undefined;
    if (isForeign(call))
      return jsonReply(403, {
        error: "the simulator takes orders from its own page and from tools, not from other sites",
      });
    const name = call.path.slice("/simulator/".length);
    const view = Object.hasOwn(options.views, name) ? options.views[name] : undefined;
    if (view !== undefined && call.method === "GET") return jsonReply(200, view(call));
    switch (`${call.method} ${name}`) {
      case "GET ":
        return htmlReply(200, page(options, server), PAGE_HEADERS);
      case "GET requests":
        return jsonReply(200, server.requests.read());
      case "DELETE requests":
        server.requests.reset();
        return emptyReply(204);
      case "GET faults":
        return jsonReply(200, { faults: server.faults.list() });
      case "POST faults":
        return addFault(call, server);
      case "POST faults/clear":
        server.faults.clear();
        return backToPage();
      case "DELETE faults":
        server.faults.clear();
        return emptyReply(204);
      case "GET behaviour":
        return jsonReply(200, options.behaviour.read());
      case "POST behaviour":
        return setBehaviour(call, options.behaviour);
      default:
        return jsonReply(404, { error: `no ${call.method} ${call.path} here; see /simulator` });
    }
  };
}

function addFault(call: Call, server: RunningServer): Reply {
  const isForm = (call.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const fault = readFault(isForm ? fromForm(call.body) : objectIn(call.body));
  if (typeof fault === "string") return jsonReply(400, { error: fault });
  server.faults.add(fault);
  return isForm ? backToPage() : jsonReply(201, { faults: server.faults.list() });
}

function setBehaviour(call: Call, behaviour: Behaviour): Reply {
  const changes = objectIn(call.body);
  if (changes === undefined) return jsonReply(400, { error: "the body must be a JSON object of switches" });
  const refusal = behaviour.change(changes);
  return refusal === undefined ? jsonReply(200, behaviour.read()) : jsonReply(400, { error: refusal });
}

function fromForm(body: string): Record<string, unknown> {
  const fault: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(body)) {
    if (value === "") continue;
    fault[name] = name === "kind" || name === "match" || Number.isNaN(Number(value)) ? value : Number(value);
  }
  return fault;
}

/** A page of another site in the same browser must not be able to steer the simulator. */
function isForeign(call: Call): boolean {
  const host = call.headers.host ?? "";
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) return true;
  const origin = call.headers.origin;
  return call.method !== "GET" && origin !== undefined && origin !== `http://${host}`;
}

function backToPage(): Reply {
  return emptyReply(303, { location: "/simulator" });
}

function page(options: PanelOptions, server: RunningServer): string {
  const counts = server.requests.read();
  const kinds = Object.entries(counts.byKind).map(
    ([kind, count]) =>
      `<tr><th scope="row">${escapeHtml(kind)}</th><td>${count}</td><td>${counts.bytesByKind[kind] ?? 0} bytes</td></tr>`,
  );
  const records = options
    .records()
    .map(({ href, text }) => `<li><a href="${escapeHtml(href)}">${escapeHtml(text)}</a></li>`);
  return htmlPage(
    `Simulator: ${options.name}`,
    `<p class="banner">This is a simulator on this machine, not ${escapeHtml(options.name)}. Nothing here is real.</p>
<h2>Requests: ${counts.total}</h2><table>${kinds.join("")}</table>
<h2>Faults</h2>${faultList(server.faults.list())}
<form method="post" action="/simulator/faults">
<label>Kind <select name="kind">${FAULT_KINDS.map((kind) => `<option>${kind}</option>`).join("")}</select></label>
<label>Match <input name="match" placeholder="PATCH /path"></label><label>Status <input name="status" size="4"></label>
<label>Delay, ms <input name="delayMs" size="6"></label><label>Retry-After <input name="retryAfter" size="6"></label>
<label>Bytes <input name="bytes" size="10"></label>
<label>Times <input name="times" size="4"></label><button>Add</button></form>
<form method="post" action="/simulator/faults/clear"><button>Clear all faults</button></form>
<h2>Switches</h2><p class="text">${escapeHtml(JSON.stringify(options.behaviour.read(), null, 2))}</p>
<h2>JSON</h2><ul>${["requests", "faults", "behaviour", ...Object.keys(options.views)].map((name) => `<li><a href="/simulator/${escapeHtml(name)}">${escapeHtml(name)}</a></li>`).join("")}</ul>
<h2>Newest records</h2><ul>${records.join("")}</ul>`,
  );
}

function faultList(faults: readonly Fault[]): string {
  if (faults.length === 0) return "<p>None.</p>";
  return `<ul>${faults.map((fault) => `<li>${escapeHtml(JSON.stringify(fault))}</li>`).join("")}</ul>`;
}
