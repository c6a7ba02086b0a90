import { machineClock, type SimulatorClock } from "../clock.ts";
import { createBehaviour } from "../http/behaviour.ts";
import { createControlPanel } from "../http/control-panel.ts";
import type { Faults } from "../http/faults.ts";
import { escapeHtml, htmlPage, PAGE_HEADERS } from "../http/html.ts";
import { type Call, htmlReply, type Reply } from "../http/message.ts";
import type { RequestCounters } from "../http/request-counters.ts";
import { startServer } from "../http/start-server.ts";
import { makeAuthority } from "../tls/make-certificate.ts";
import { createOffenseRule } from "./offense-rule.ts";
import { defaultQRadarBehaviour, QRADAR_CHOICES, type QRadarBehaviour } from "./qradar-behaviour.ts";
import { qradarError } from "./qradar-reply.ts";
import { kindOf, runQRadar } from "./qradar-routes.ts";
import { createQRadarStore, type Offense, type QRadarStore, UNIVERSAL_LEEF } from "./qradar-store.ts";
import { startSyslog, type SyslogReceiver } from "./start-syslog.ts";

export interface QRadarSimulatorOptions {
  readonly port?: number;
  readonly syslogPort?: number;
  /** Absent: encrypted by an authority of its own. */
  readonly syslogTls?: "plain" | { readonly demandsClientCertificate: boolean };
  readonly clock?: SimulatorClock;
  readonly tokens?: readonly string[];
  readonly behaviour?: Partial<QRadarBehaviour>;
  /** The name of the log source that the events are taken for. */
  readonly logSource?: string;
  /** True where the console has what `dex-sync setup qradar` makes. */
  readonly isSetUp?: boolean;
}

export interface QRadarSimulator {
  readonly url: string;
  readonly syslog: SyslogReceiver;
  /** PEM: what trusts the receiver's certificate; and a client certificate with its key that it takes. */
  readonly authority: string;
  readonly clientCertificate: string;
  readonly behaviour: QRadarBehaviour;
  readonly faults: Faults;
  readonly requests: RequestCounters;
  readonly store: QRadarStore;
  /** Every line that came, oldest first. */
  lines(): readonly string[];
  offensesOf(source: string): readonly Offense[];
  setTokens(tokens: readonly string[]): void;
  /** The collector comes back on the same port, empty-handed. */
  restartSyslog(): Promise<void>;
  stopSyslog(): Promise<void>;
  close(): Promise<void>;
}

export const DEFAULT_QRADAR_TOKEN = "simulated-sec-token";
export const DEFAULT_LOG_SOURCE = "Defender Experts (dex-sync)";
const LINES_KEPT = 50_000;

/** A simulated QRadar: its REST API, its TLS syslog port, and the rule that makes offenses of events. */
export async function startQRadar(options: QRadarSimulatorOptions = {}): Promise<QRadarSimulator> {
  const clock = options.clock ?? machineClock;
  const behaviour = { ...defaultQRadarBehaviour(), ...options.behaviour };
  const store = createQRadarStore(clock);
  if (options.isSetUp === true) setUpStore(store, options.logSource ?? DEFAULT_LOG_SOURCE);
  const rule = createOffenseRule(store, clock, behaviour);
  const authority = makeAuthority();
  const logSource = options.logSource ?? DEFAULT_LOG_SOURCE;
  let tokens = options.tokens ?? [DEFAULT_QRADAR_TOKEN];
  let lines: string[] = [];
  let calls: number[] = [];
  const { syslogTls } = options;
  const tls = {
    authority,
    ...(syslogTls !== "plain" && syslogTls?.demandsClientCertificate === true ? { clients: authority } : {}),
  };

  const receive = (port: number): Promise<SyslogReceiver> =>
    startSyslog({
      port,
      ...(syslogTls === "plain" ? {} : { tls }),
      onLine(line) {
        lines.push(line);
        if (lines.length > LINES_KEPT) lines = lines.slice(-LINES_KEPT / 2);
        rule.take(line, logSource);
      },
    });
  let syslog = await receive(options.syslogPort ?? 0);
  const syslogPort = syslog.port;

  const current = (): QRadarStore => {
    rule.catchUp();
    return store;
  };
  const panel = createControlPanel({
    name: "IBM QRadar",
    behaviour: createBehaviour(behaviour, QRADAR_CHOICES),
    records: () =>
      [...current().offenses.values()]
        .toReversed()
        .slice(0, 50)
        .map(({ id, status, description }) => ({
          href: `/view/offenses/${id}`,
          text: `${id} [${status}] ${description}`,
        })),
    views: {
      offenses: () => [...current().offenses.values()].map((one) => ({ ...one, notes: store.notes.get(one.id) ?? [] })),
      lines: () => lines.slice(-1_000),
      tables: () => Object.fromEntries([...store.tables].map(([name, rows]) => [name, rowsOf(rows)])),
    },
  });
  const server = await startServer({
    port: options.port ?? 0,
    clock,
    route: (_method, _path, call) => ({
      kind: kindOf(call),
      run: () => gate(call) ?? runQRadar(call, { clock, behaviour, store: current() }),
    }),
    control(call, running) {
      const [, id] = /^\/(?:view\/offenses\/|console\/.*summaryId=)(\d+)$/.exec(call.path) ?? [];
      const shown = id ?? (call.path.startsWith("/console/") ? call.query.get("summaryId") : null);
      const offense = shown === null ? undefined : current().offenses.get(Number(shown));
      return offense === undefined ? panel(call, running) : offensePage(offense, store.notes.get(offense.id) ?? []);
    },
  });

  function gate(call: Call): Reply | undefined {
    if (!tokens.includes(String(call.headers["sec"] ?? "")))
      return qradarError(401, 18, "You are unauthorized to access the requested resource.");
    const now = clock.now();
    calls = calls.filter((at) => at > now - 60_000);
    if (behaviour.callsPerMinute > 0 && calls.length >= behaviour.callsPerMinute) {
      const seconds = Math.ceil(((calls[0] ?? now) + 60_000 - now) / 1_000);
      return {
        ...qradarError(429, 1, "too many requests"),
        headers: { "content-type": "application/json", "retry-after": String(seconds) },
      };
    }
    calls.push(now);
    return undefined;
  }

  return {
    url: server.url,
    get syslog() {
      return syslog;
    },
    authority: authority.pem,
    clientCertificate: authority.issue({ name: "dex-sync" }),
    behaviour,
    faults: server.faults,
    requests: server.requests,
    store,
    lines: () => lines,
    offensesOf: (source) => [...current().offenses.values()].filter((one) => one.offense_source === source),
    setTokens(given) {
      tokens = given;
    },
    async restartSyslog() {
      syslog = await receive(syslogPort);
    },
    stopSyslog: () => syslog.close(),
    async close() {
      await Promise.all([server.close(), syslog.close()]);
    },
  };
}

function setUpStore(store: QRadarStore, name: string): void {
  const kept = { coalesce_events: false, store_event_payload: true };
  store.logSources.push({ id: 62, name, type_id: UNIVERSAL_LEEF, ...kept, identifier: "dex-sync" });
  store.tables.set("mdx_incidents", new Map());
}

function rowsOf(rows: ReadonlyMap<string, ReadonlyMap<string, string>>): unknown {
  return Object.fromEntries([...rows].map(([key, columns]) => [key, Object.fromEntries(columns)]));
}

function offensePage(offense: Offense, notes: readonly string[]): Reply {
  const fields = Object.entries(offense).map(
    ([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(JSON.stringify(value))}</td></tr>`,
  );
  const body = `<p class="banner">This is a simulator on this machine, not IBM QRadar. Nothing here is real.</p>
<table>${fields.join("")}</table><h2>Notes</h2>${notes.map((note) => `<pre>${escapeHtml(note)}</pre>`).join("")}`;
  return htmlReply(200, htmlPage(`Offense ${offense.id}`, body), PAGE_HEADERS);
}
