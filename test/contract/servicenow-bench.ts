import { type ServiceNowSimulator, startServiceNow } from "../../local/simulators/servicenow/start-servicenow.ts";
import type { TicketStore } from "../../local/simulators/servicenow/ticket-store.ts";
import type { ConnectorId, Ticket, TicketConnector } from "../../shared/connectors/connector.ts";
import { type ServiceNowOptions, createServiceNowConnector } from "../../shared/connectors/servicenow/index.ts";
import { type Http, createHttp } from "../../shared/http/request.ts";
import type { Incident } from "../../shared/incident/incident.ts";
import { aProjection } from "../shared/connectors/a-projection.ts";

export interface Bench {
  readonly simulator: ServiceNowSimulator;
  readonly http: Http;
  connect(overrides?: Partial<ServiceNowOptions>): TicketConnector;
  /** Of the table that this bench connects to. */
  readonly tickets: TicketStore;
  close(): Promise<void>;
}

const clock = { now: () => Date.now() };
export const signal = new AbortController().signal;

/** What closes a security incident in the simulated instance. */
export const SECURITY_CODES = {
  closeCodes: {
    truePositive: "Threat mitigated",
    falsePositive: "False positive",
    informationalExpectedActivity: "False positive",
    unknown: "Not resolved",
    unrecognised: "Not resolved",
  },
  duplicateCloseCode: "Duplicate",
};

/** A connector and the simulated instance, over real HTTP. */
export async function startBench(table: ServiceNowOptions["table"] = "incident"): Promise<Bench> {
  const simulator = await startServiceNow();
  const http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock, userAgent: "test" });
  const { username, password } = simulator.credentials;
  return {
    simulator,
    http,
    tickets: table === "incident" ? simulator.tickets : simulator.securityIncidents,
    connect: (overrides = {}) =>
      createServiceNowConnector({
        id: "itsm" as ConnectorId,
        url: simulator.url,
        table,
        auth: { kind: "basic", username, password },
        mapping: { assignmentGroup: "SOC", ...(table === "incident" ? {} : SECURITY_CODES) },
        http,
        clock,
        portalHosts: ["security.microsoft.com"],
        ...overrides,
      }),
    async close() {
      await http.close();
      await simulator.close();
    },
  };
}

export async function create(connector: TicketConnector, incident: Partial<Incident>): Promise<Ticket> {
  if (connector.create === undefined) throw new Error("this connector creates tickets");
  return connector.create(connector.wanted(aProjection(incident), { survivor: undefined }).fields, signal);
}
