import type { ConnectorSettings } from "./config.ts";

export type QRadarSettings = Extract<ConnectorSettings, { readonly kind: "qradar" }>;

/** What the configuration names in QRadar, the rest by default: the connector and its setup mean the same things. */
export function qradarNames({ syslog, logSource, referenceTable }: QRadarSettings) {
  return {
    syslog,
    source: syslog.source ?? "dex-sync",
    logSource: logSource ?? "Defender Experts (dex-sync)",
    referenceTable: referenceTable ?? "mdx_incidents",
  };
}
