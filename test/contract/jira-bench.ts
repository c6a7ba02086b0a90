import {
  type JiraOptions as SimulatorOptions,
  type JiraSimulator,
  startJira,
} from "../../local/simulators/jira/start-jira.ts";
import { textsOf } from "../../local/simulators/jira/check-adf.ts";
import type { ConnectorId, Ticket, TicketConnector } from "../../shared/connectors/connector.ts";
import { type JiraOptions, createJiraConnector } from "../../shared/connectors/jira/index.ts";
import { type Http, createHttp } from "../../shared/http/request.ts";
import type { Incident } from "../../shared/incident/incident.ts";
import { aProjection } from "../shared/connectors/a-projection.ts";

export interface JiraBench {
  readonly simulator: JiraSimulator;
  readonly http: Http;
  connect(overrides?: Partial<JiraOptions>): TicketConnector;
  /** Fails where a request came that the simulated Jira does not expect. */
  close(): Promise<void>;
}

export const signal = new AbortController().signal;

export async function startJiraBench(options: SimulatorOptions = {}): Promise<JiraBench> {
  const simulator = await startJira(options);
  const http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock: { now: () => Date.now() }, userAgent: "test" });
  const { username, token } = simulator.credentials;
  return {
    simulator,
    http,
    connect: (overrides = {}) =>
      createJiraConnector({
        id: "jira" as ConnectorId,
        url: simulator.url,
        flavor: simulator.flavor,
        project: simulator.project.key,
        issueType: "Incident",
        serviceManagement: simulator.project.kind === "service_desk",
        requestType: "",
        auth: simulator.flavor === "cloud" ? { kind: "basic", username, token } : { kind: "pat", token },
        mapping: {},
        http,
        portalHosts: ["security.microsoft.com"],
        ...overrides,
      }),
    async close() {
      await http.close();
      await simulator.close();
      if (simulator.unexpected.length > 0)
        throw new Error(`the simulated Jira did not expect ${simulator.unexpected.join(", ")}`);
    },
  };
}

export async function createIssue(connector: TicketConnector, incident: Partial<Incident>): Promise<Ticket> {
  if (connector.create === undefined) throw new Error("this connector creates tickets");
  return connector.create(connector.wanted(aProjection(incident), { survivor: undefined }).fields, signal);
}

/** All text of an issue, document or markup. */
export function textsIn(body: unknown): readonly string[] {
  return typeof body === "string" ? [body] : textsOf(body);
}
