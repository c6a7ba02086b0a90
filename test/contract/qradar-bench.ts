import {
  DEFAULT_LOG_SOURCE,
  DEFAULT_QRADAR_TOKEN,
  type QRadarSimulator,
  type QRadarSimulatorOptions,
  startQRadar,
} from "../../local/simulators/qradar/start-qradar.ts";
import type { ConnectorId, Ticket, TicketConnector } from "../../shared/connectors/connector.ts";
import { type QRadarOptions, createQRadarConnector } from "../../shared/connectors/qradar/index.ts";
import {
  type SyslogOptions,
  type SyslogSender,
  createSyslogSender,
} from "../../shared/connectors/qradar/syslog-sender.ts";
import { type Http, createHttp } from "../../shared/http/request.ts";
import type { Incident } from "../../shared/incident/incident.ts";
import type { LifecycleEvent } from "../../shared/incident/lifecycle-event.ts";
import { aProjection } from "../shared/connectors/a-projection.ts";

export interface QRadarBench {
  readonly simulator: QRadarSimulator;
  readonly http: Http;
  connect(overrides?: Partial<QRadarOptions>): TicketConnector;
  syslog(overrides?: Partial<SyslogOptions>): SyslogSender;
  /** The incident's event raises its offense, which is then adopted. */
  adopt(connector: TicketConnector, incident: Partial<Incident>): Promise<Ticket>;
  close(): Promise<void>;
}

const signal = new AbortController().signal;

export async function startQRadarBench(options: QRadarSimulatorOptions = {}): Promise<QRadarBench> {
  const simulator = await startQRadar(options);
  const clock = { now: () => Date.now() };
  const http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock, userAgent: "test" });
  const senders: SyslogSender[] = [];
  const syslog = (overrides: Partial<SyslogOptions> = {}): SyslogSender => {
    const sender = createSyslogSender({
      host: "127.0.0.1",
      port: simulator.syslog.port,
      tls: { authority: simulator.authority, certificate: simulator.clientCertificate },
      framing: "newline",
      isAllowed: () => true,
      resolve: () => Promise.reject(new Error("nothing is looked up")),
      idleMs: 50,
      ...overrides,
    });
    senders.push(sender);
    return sender;
  };
  // One listing serves for a second; a test does not wait for it.
  let ticks = 0;
  return {
    simulator,
    http,
    syslog,
    connect: (overrides = {}) =>
      createQRadarConnector({
        id: "qradar" as ConnectorId,
        url: simulator.url,
        token: DEFAULT_QRADAR_TOKEN,
        syslog: overrides.syslog ?? syslog(),
        receiver: { port: 6514, isEncrypted: true },
        source: "dex-sync",
        logSource: DEFAULT_LOG_SOURCE,
        referenceTable: "mdx_incidents",
        mapping: {},
        isOnlyTenant: true,
        http,
        clock: { now: () => Date.now() + (ticks += 2_000) },
        portalHosts: ["security.microsoft.com"],
        ...overrides,
      }),
    async adopt(connector, incident) {
      const event = anEvent(incident);
      await connector.tell?.(event, signal);
      for (let look = 0; look < 200; look += 1) {
        const found = await connector.find(event.projection.key, signal);
        if (found !== undefined) return found;
        await new Promise((resolve) => {
          setTimeout(resolve, 10);
        });
      }
      throw new Error("the event raised no offense");
    },
    async close() {
      await Promise.all(senders.map((sender) => sender.close()));
      await http.close();
      await simulator.close();
    },
  };
}

export function anEvent(incident: Partial<Incident> = {}, overrides: Partial<LifecycleEvent> = {}): LifecycleEvent {
  const projection = aProjection(incident);
  return {
    id: "0123456789abcdef0123456789abcdef",
    tenantId: projection.key.split(":")[1] as LifecycleEvent["tenantId"],
    incidentId: projection.incidentId,
    seq: 1_767_225_600_000,
    status: incident.status ?? "active",
    at: Date.UTC(2026, 1, 25, 16),
    type: "inProgress",
    from: undefined,
    skipped: [],
    changed: ["status"],
    comments: [],
    projection,
    ...overrides,
  };
}
