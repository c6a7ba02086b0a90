import { join } from "node:path";
import { assertNever } from "../shared/assert-never.ts";
import type { ConnectorSettings } from "../shared/config/config.ts";
import type { Started } from "./started.ts";

/** What runs where: said once, when it does. */
export function greeting(started: Started): readonly string[] {
  const { running, config, configFile, dataFolder, isDemo, demoLines } = started;
  return [
    `dex-sync  ${running.url}  (the page; Ctrl-C stops)`,
    `  follows   ${configFile}${isDemo ? " (made for the simulated tenant)" : ""}`,
    `  reads     ${config.tenants.map((tenant) => `${tenant.name} at ${tenant.graphUrl}`).join(", ")}, every ${config.poll.intervalMs / 1_000} s`,
    ...config.connectors.map((connector) => `  writes    ${connector.id}: ${placeOf(connector)}`),
    `  previews  ${running.url}/preview  (what would be written, and why)`,
    `  figures   ${running.url}/operations  (how it runs; the doctor too, whose master key is in ${join(dataFolder, "host-keys.json")})`,
    `  carries   a Service Bus stand-in on 127.0.0.1:${running.busPort} (this machine only, no sign-in); kept with the state in ${dataFolder}`,
    ...demoLines.map((line) => `  ${line}`),
    ...config.warnings.map((warning) => `  note      ${warning}`),
  ];
}

/** Which tool, where, and what in it. */
function placeOf(connector: ConnectorSettings): string {
  switch (connector.kind) {
    case "servicenow":
      return `ServiceNow ${connector.url}, table ${connector.table ?? "incident"}`;
    case "jira":
      return `Jira ${connector.flavor === "cloud" ? "Cloud" : "Data Center"} ${connector.url}, project ${connector.project}`;
    case "sentinel":
      return `Sentinel workspace ${connector.workspace} (${connector.mode})`;
    case "qradar":
      return `QRadar ${connector.url}, events to ${connector.syslog.host}:${connector.syslog.port}`;
    case "webhook":
      return connector.url === undefined
        ? `signed events to the address in ${connector.urlSecret}`
        : `signed events to ${new URL(connector.url).host}`;
    default:
      return assertNever(connector);
  }
}
