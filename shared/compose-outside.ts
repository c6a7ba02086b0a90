import { type TokenSource, createCredential, tokenSource } from "./azure/credentials.ts";
import { configuredHosts, privateAuthorities } from "./compose-hosts.ts";
import { tenantOf } from "./compose-tenants.ts";
import type { Config, TenantSettings } from "./config/config.ts";
import { readSecretAddress } from "./config/secret-address.ts";
import type { Settings } from "./config/settings.ts";
import type { ConnectorId } from "./connectors/connector.ts";
import type { Connector } from "./connectors/event-connector.ts";
import { PermanentError } from "./errors.ts";
import type { Graph } from "./graph/graph-client.ts";
import { createEgressGuard } from "./http/egress-guard.ts";
import type { Http } from "./http/request.ts";
import type { TenantId } from "./incident/incident.ts";
import type { Clock } from "./pipeline/ports/clock.ts";
import type { Source } from "./pipeline/ports/source.ts";

/** Everything that is spoken to over the network but Azure's own parts, each made once, with its first use. */
export interface Outside {
  graphOf(tenant: TenantSettings): Promise<Graph>;
  sourceOf(tenant: TenantSettings): Promise<Source>;
  connectorOf(connectorId: ConnectorId): Promise<Connector>;
  /** Those that were made, or are being made. */
  connectors(): readonly Promise<Connector>[];
  close(): Promise<void>;
}

export function composeOutside(parts: {
  readonly config: Config;
  readonly settings: Settings;
  readonly clock: Clock;
  /** Instead of requests over the network. */
  readonly http: Http | undefined;
}): Outside {
  const { config, settings, clock } = parts;
  let http: Promise<Http> | undefined;
  const graphs = new Map<TenantId, Promise<Graph>>();
  const sources = new Map<TenantId, Promise<Source>>();
  const connectors = new Map<ConnectorId, Promise<Connector>>();

  return {
    graphOf,
    sourceOf,
    connectorOf,
    connectors: () => [...connectors.values()],
    close: async () => (await http)?.close(),
  };

  /** What is sent to Graph and to the tools goes through here (tokens are fetched by @azure/identity itself). Loaded late: a doorbell needs none of it. */
  function httpOf(): Promise<Http> {
    http ??=
      parts.http === undefined
        ? import("./http/request.ts").then(({ createHttp }) =>
            createHttp({
              allowPrivate: config.allowPrivate,
              allowedHosts: configuredHosts(config, settings),
              authorities: privateAuthorities(config, settings),
              clock,
              userAgent: "dex-sync/0.1",
            }),
          )
        : Promise.resolve(parts.http);
    return http;
  }

  /** A source that could not be made is made anew with the next poll. */
  function sourceOf(tenant: TenantSettings): Promise<Source> {
    return remembered(sources, tenant.id, () => makeSource(tenant));
  }

  async function makeSource(tenant: TenantSettings): Promise<Source> {
    const { createGraphSource } = await import("./graph/graph-source.ts");
    return createGraphSource({ tenantId: tenant.id, graph: await graphOf(tenant), clock });
  }

  function graphOf(tenant: TenantSettings): Promise<Graph> {
    return remembered(graphs, tenant.id, async () => {
      const { createGraph } = await import("./graph/graph-client.ts");
      const token = tokenOf(tenant, settings, `${new URL(tenant.graphUrl).origin}/.default`);
      return createGraph({ baseUrl: tenant.graphUrl, http: await httpOf(), token });
    });
  }

  function connectorOf(connectorId: ConnectorId): Promise<Connector> {
    return remembered(connectors, connectorId, () => makeConnector(connectorId));
  }

  async function makeConnector(connectorId: ConnectorId): Promise<Connector> {
    const found = config.connectors.find((connector) => connector.id === connectorId);
    const tenantId = found?.tenantIds[0];
    if (found === undefined || tenantId === undefined) {
      throw new PermanentError("misconfigured", `there is no connector "${connectorId}" in the configuration`);
    }
    const tenant = tenantOf(config, tenantId);
    const { createConnector } = await import("./connectors/registry.ts");
    return createConnector(found, {
      http: await httpOf(),
      egress: createEgressGuard(config.allowPrivate),
      clock,
      secret: (name) => requiredSecret(settings, name),
      address: (name) => requiredAddress(settings, name, config.allowPrivate),
      cloud: tenant.cloud,
      portalHosts: portalHostsOf(found.tenantIds.map((id) => tenantOf(config, id))),
      assignees: tenant.assignees,
      azureToken: (armUrl, credential) =>
        tokenOf(
          { ...tenant, credential: credential ?? tenant.credential },
          settings,
          `${new URL(armUrl).origin}/.default`,
        ),
    });
  }
}

/** Made once; what could not be made is not remembered. */
function remembered<K, V>(known: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}

function tokenOf(tenant: TenantSettings, settings: Settings, scope: string): TokenSource {
  let credential: ReturnType<typeof createCredential> | undefined;
  return tokenSource(({ isNew }) => {
    if (isNew) credential = undefined;
    credential ??= createCredential(tenant.credential, {
      tenantId: tenant.id,
      loginUrl: tenant.cloud.loginUrl,
      defaultClientId: settings.clientId,
      secret: (name) => requiredSecret(settings, name),
    }).catch((error: unknown) => {
      credential = undefined;
      throw error;
    });
    return credential;
  }, scope);
}

/** Where incidents of any of these are shown: a ticket's link to one of them stays a link. */
function portalHostsOf(tenants: readonly TenantSettings[]): readonly string[] {
  const hosts = tenants.flatMap((tenant) => [new URL(tenant.cloud.portalUrl).host, ...simulatedPortal(tenant)]);
  return [...new Set(hosts)];
}

/** A simulated tenant, known by the credential that is good for nothing else, shows its incidents itself. */
function simulatedPortal(tenant: TenantSettings): readonly string[] {
  return tenant.credential.kind === "token" ? [new URL(tenant.graphUrl).host] : [];
}

function requiredSecret(settings: Settings, name: string): string {
  const value = settings.secret(name);
  if (value !== undefined) return value;
  const { detail, mend } = settings.whyNoSecret(name);
  throw new PermanentError("misconfigured", detail, { mend });
}

function requiredAddress(settings: Settings, name: string, allowPrivate: readonly string[]): string {
  const address = readSecretAddress(requiredSecret(settings, name), allowPrivate);
  if ("url" in address) return address.url;
  throw new PermanentError("misconfigured", `the address in ${name} cannot be used: it ${address.problem}`, {
    mend: `put the receiver's whole address into ${name}; on Azure: npm run azure:secret -- ${name}`,
  });
}
