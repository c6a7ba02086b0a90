import { assertNever } from "../assert-never.ts";
import type { TokenSource } from "../azure/credentials.ts";
import type { Cloud } from "../config/clouds.ts";
import type { ConnectorSettings } from "../config/config.ts";
import { durationMs } from "../config/duration.ts";
import type {
  CredentialConfig,
  JiraConfig,
  SentinelConfig,
  ServiceNowConfig,
  WebhookConfig,
} from "../config/schema.ts";
import type { EgressGuard } from "../http/egress-guard.ts";
import type { Http } from "../http/request.ts";
import type { AssigneeNames } from "../incident/ball.ts";
import type { Clock } from "../pipeline/ports/clock.ts";
import type { ConnectorId, TicketConnector } from "./connector.ts";
import { type Connector, type EventConnector, isEventConnector } from "./event-connector.ts";
import { createJiraConnector } from "./jira/index.ts";
import { mappingVersionOf } from "./mapping-version.ts";
import { qradarOf } from "./qradar-of.ts";
import { createSentinelConnector } from "./sentinel/index.ts";
import type { ServiceNowAuth } from "./servicenow/authorization.ts";
import { createServiceNowConnector } from "./servicenow/index.ts";
import { createWebhookConnector } from "./webhook/index.ts";

/** What connectors are made from. */
export interface ConnectorDeps {
  readonly http: Http;
  /** For connections that are no requests: which addresses may be connected to. */
  readonly egress: EgressGuard;
  readonly clock: Clock;
  readonly cloud: Cloud;
  /** Hosts whose links stay links in tickets: the Defender portal's. */
  readonly portalHosts: readonly string[];
  readonly assignees: AssigneeNames;
  /** Throws `PermanentError("misconfigured")` where the variable is not set. */
  secret(name: string): string;
  /** The same for an address that is itself a secret; throws where it is none that may be called, too. */
  address(name: string): string;
  azureToken(armUrl: string, credential: CredentialConfig | undefined): TokenSource;
}

/** A tool's connector, whose mapping version is the configuration's too. */
export function createConnector(settings: ConnectorSettings, deps: ConnectorDeps): Connector {
  const connector = connectorOf(settings, deps);
  if (isEventConnector(connector)) return connector;
  const mapping = "mapping" in settings ? settings.mapping : undefined;
  return { ...connector, mappingVersion: mappingVersionOf(connector.mappingVersion, mapping) };
}

/** One line to add a tool. */
function connectorOf(settings: ConnectorSettings, deps: ConnectorDeps): Connector {
  switch (settings.kind) {
    case "servicenow":
      return serviceNow(settings, deps);
    case "jira":
      return jira(settings, deps);
    case "sentinel":
      return sentinel(settings, deps);
    case "qradar":
      return qradarOf(settings, deps);
    case "webhook":
      return webhook(settings, deps);
    default:
      return assertNever(settings);
  }
}

function webhook(settings: WebhookConfig, deps: ConnectorDeps): EventConnector {
  const names = [settings.secret, ...(settings.previousSecret === undefined ? [] : [settings.previousSecret])];
  return createWebhookConnector({
    id: settings.id as ConnectorId,
    url: settings.urlSecret === undefined ? (settings.url ?? "") : deps.address(settings.urlSecret),
    isAddressSecret: settings.urlSecret !== undefined,
    secrets: names.map((name) => deps.secret(name)),
    http: deps.http,
    clock: deps.clock,
    portalHosts: deps.portalHosts,
  });
}

function serviceNow(settings: ServiceNowConfig, deps: ConnectorDeps): TicketConnector {
  const settleMs = settings.settle === undefined ? undefined : durationMs(settings.settle);
  return createServiceNowConnector({
    id: settings.id as ConnectorId,
    url: settings.url,
    table: settings.table ?? "incident",
    auth: serviceNowAuth(settings.auth, deps),
    mapping: settings.mapping ?? {},
    http: deps.http,
    clock: deps.clock,
    portalHosts: deps.portalHosts,
    ...(settleMs === undefined ? {} : { settleMs }),
  });
}

function serviceNowAuth(auth: ServiceNowConfig["auth"], deps: ConnectorDeps): ServiceNowAuth {
  const secret = deps.secret(auth.secret);
  switch (auth.kind) {
    case "basic":
      return { kind: "basic", username: auth.username, password: secret };
    case "oauth":
      return { kind: "oauth", clientId: auth.clientId, clientSecret: secret };
    case "apiKey":
      return { kind: "apiKey", key: secret };
    default:
      return assertNever(auth);
  }
}

function jira(settings: JiraConfig, deps: ConnectorDeps): TicketConnector {
  const settleMs = settings.settle === undefined ? undefined : durationMs(settings.settle);
  const token = deps.secret(settings.auth.secret);
  return createJiraConnector({
    id: settings.id as ConnectorId,
    url: settings.url,
    flavor: settings.flavor,
    project: settings.project,
    issueType: settings.issueType,
    serviceManagement: settings.serviceManagement ?? false,
    requestType: settings.requestType ?? "",
    auth:
      settings.auth.kind === "basic"
        ? { kind: "basic", username: settings.auth.username, token }
        : { kind: "pat", token },
    mapping: settings.mapping ?? {},
    http: deps.http,
    portalHosts: deps.portalHosts,
    ...(settleMs === undefined ? {} : { settleMs }),
  });
}

function sentinel(settings: SentinelConfig, deps: ConnectorDeps): TicketConnector {
  const armUrl = settings.armUrl ?? deps.cloud.armUrl;
  return createSentinelConnector({
    id: settings.id as ConnectorId,
    mode: settings.mode,
    subscriptionId: settings.subscriptionId,
    resourceGroup: settings.resourceGroup,
    workspace: settings.workspace,
    armUrl,
    token: deps.azureToken(armUrl, settings.credential),
    http: deps.http,
    clock: deps.clock,
    assignees: deps.assignees,
    portalHosts: deps.portalHosts,
    ...(settings.writesPer5Minutes === undefined ? {} : { writesPer5Minutes: settings.writesPer5Minutes }),
  });
}
