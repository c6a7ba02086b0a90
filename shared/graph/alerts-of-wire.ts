import type { Alert, AlertsPart, Asset } from "../incident/incident.ts";
import type { WireAlert, WireEvidence } from "./schema.ts";

const ALERTS_KEPT = 50;
const ASSETS_KEPT = 100;

/** Alerts and what they hit, in short. `count` is of all alerts, the rows are the newest. */
export function alertsPartOf(alerts: readonly WireAlert[], count: number, readAt: number): AlertsPart {
  const assets = new Map<string, Asset>();
  for (const asset of alerts.flatMap((alert) => (alert.evidence ?? []).map(assetOf))) {
    if (asset !== undefined) assets.set(`${asset.kind}:${asset.name.toLowerCase()}`, asset);
  }
  return {
    readAt,
    count,
    rows: alerts
      .map(alertOf)
      .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
      .slice(0, ALERTS_KEPT),
    assets: [...assets.values()]
      .toSorted((a, b) => (`${a.kind}${a.name}` < `${b.kind}${b.name}` ? -1 : 1))
      .slice(0, ASSETS_KEPT),
  };
}

function alertOf(wire: WireAlert): Alert {
  return {
    id: cut(wire.id),
    title: cut(wire.title),
    severity: cut(wire.severity),
    status: cut(wire.status),
    serviceSource: cut(wire.serviceSource),
    category: cut(wire.category),
    createdAt: cut(wire.createdDateTime),
  };
}

function assetOf(evidence: WireEvidence): Asset | undefined {
  const type = (evidence["@odata.type"] ?? "").split(".").at(-1) ?? "";
  const account = evidence.userAccount;
  switch (type) {
    case "deviceEvidence":
      return named("device", evidence.deviceDnsName ?? evidence.hostName);
    case "userEvidence":
      return named("user", account?.userPrincipalName ?? account?.accountName ?? account?.displayName);
    case "mailboxEvidence":
      return named("mailbox", evidence.primaryAddress);
    case "cloudApplicationEvidence":
      return named("cloudApp", evidence.displayName);
    default:
      return undefined;
  }
}

function named(kind: Asset["kind"], name: string | null | undefined): Asset | undefined {
  return name === null || name === undefined || name === "" ? undefined : { kind, name: cut(name) };
}

function cut(text: string | null | undefined): string {
  return (text ?? "").slice(0, 500).toWellFormed();
}
