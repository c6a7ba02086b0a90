import { type QRadarSettings, qradarNames } from "../config/qradar-names.ts";
import type { EgressGuard } from "../http/egress-guard.ts";
import { resolveBySystem } from "../http/guarded-connect.ts";
import { pemOf } from "../http/pem.ts";
import type { ConnectorId, TicketConnector } from "./connector.ts";
import { type QRadarOptions, createQRadarConnector } from "./qradar/index.ts";
import { createSyslogSender } from "./qradar/syslog-sender.ts";

interface QRadarDeps extends Pick<QRadarOptions, "http" | "clock" | "portalHosts"> {
  readonly egress: EgressGuard;
  secret(name: string): string;
}

/** A QRadar connector of what the configuration says. */
export function qradarOf(settings: QRadarSettings, deps: QRadarDeps): TicketConnector {
  const { syslog, logSource, source, referenceTable } = qradarNames(settings);
  const pem = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : pemOf(deps.secret(name));
  const tls = { authority: pem(settings.ca), certificate: pem(syslog.certificate) };
  const isEncrypted = syslog.tls !== false;
  return createQRadarConnector({
    id: settings.id as ConnectorId,
    url: settings.url,
    token: deps.secret(settings.auth.secret),
    syslog: createSyslogSender({
      host: syslog.host,
      port: syslog.port,
      framing: syslog.framing ?? "newline",
      ...(isEncrypted ? { tls } : {}),
      resolve: resolveBySystem,
      isAllowed: (address) => (isEncrypted ? deps.egress.isAllowed(address) : deps.egress.isExcepted(address)),
    }),
    receiver: { port: syslog.port, isEncrypted },
    source,
    logSource,
    referenceTable,
    mapping: settings.mapping ?? {},
    isOnlyTenant: settings.tenantIds.length === 1,
    http: deps.http,
    clock: deps.clock,
    portalHosts: deps.portalHosts,
  });
}
