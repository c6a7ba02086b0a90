import type { ConfigFile, QRadarConfig } from "./schema.ts";

interface Placed {
  readonly connector: QRadarConfig;
  readonly path: string;
  readonly tenants: readonly string[];
}

/** What must hold of connectors to QRadar beyond their shape. */
export function qradarProblems(file: ConfigFile): readonly string[] {
  const all = file.tenants.map(({ id }) => id);
  const placed = file.connectors.flatMap((connector, index): readonly Placed[] =>
    connector.kind === "qradar" ? [{ connector, path: `connectors.${index}`, tenants: connector.tenants ?? all }] : [],
  );
  return [
    ...placed.flatMap((one) => syslogProblems(one, file.network?.allowPrivate ?? [])),
    ...placed.flatMap((one, index) => consoleProblems(one, placed.slice(0, index))),
  ];
}

function syslogProblems({ connector: { syslog }, path }: Placed, allowPrivate: readonly string[]): readonly string[] {
  if (syslog.tls !== false) return [];
  const problems: string[] = [];
  if (allowPrivate.length === 0) {
    problems.push(`${path}.syslog.tls: events go unencrypted only to addresses inside network.allowPrivate; use tls`);
  }
  if (syslog.certificate !== undefined) {
    problems.push(`${path}.syslog.certificate: is shown only where tls is on; turn it on, or remove the certificate`);
  }
  return problems;
}

/** An offense may be known by its incident's number, which is its own only within a tenant. */
function consoleProblems(one: Placed, earlier: readonly Placed[]): readonly string[] {
  return earlier
    .filter((other) => originOf(other) !== undefined && originOf(other) === originOf(one))
    .slice(0, 1)
    .map(
      (other) =>
        `${one.path}.url: ${other.path} ("${other.connector.id}") sends to this console already; name all tenants of a console in one connector`,
    );
}

function originOf({ connector }: Placed): string | undefined {
  return URL.canParse(connector.url) ? new URL(connector.url).origin : undefined;
}
