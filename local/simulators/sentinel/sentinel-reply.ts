import { jsonReply, type Reply } from "../http/message.ts";
import { type SentinelChild, type SentinelIncident, sentinelTime } from "./sentinel-record.ts";
import type { ChildKind } from "./sentinel-store.ts";

/** An answer in Azure Resource Manager's error envelope. */
export function azureError(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return jsonReply(status, { error: { code, message } }, headers);
}

/** `base` is the path of the incidents of the workspace. */
export function renderSentinelIncident(
  incident: SentinelIncident,
  commentsCount: number,
  base: string,
  origin: string,
): Record<string, unknown> {
  return {
    id: `${base}/${incident.name}`,
    name: incident.name,
    etag: incident.etag,
    type: "Microsoft.SecurityInsights/incidents",
    properties: {
      title: incident.title,
      description: incident.description,
      severity: incident.severity,
      status: incident.status,
      ...(incident.classification === undefined ? {} : { classification: incident.classification }),
      ...(incident.classificationReason === undefined ? {} : { classificationReason: incident.classificationReason }),
      ...(incident.classificationComment === undefined
        ? {}
        : { classificationComment: incident.classificationComment }),
      owner: incident.owner,
      labels: incident.labels,
      firstActivityTimeUtc: sentinelTime(incident.createdMs),
      lastActivityTimeUtc: sentinelTime(incident.createdMs),
      lastModifiedTimeUtc: sentinelTime(incident.modifiedMs),
      createdTimeUtc: sentinelTime(incident.createdMs),
      incidentNumber: incident.number,
      additionalData: {
        alertsCount: incident.alertsCount,
        bookmarksCount: 0,
        commentsCount,
        alertProductNames: incident.alertProductNames,
        tactics: incident.tactics,
        providerIncidentUrl: incident.providerIncidentUrl,
      },
      relatedAnalyticRuleIds: [],
      incidentUrl: `${origin}/view/incidents/${incident.name}`,
      providerName: incident.providerName,
      providerIncidentId: incident.providerIncidentId,
    },
  };
}

export function renderChild(child: SentinelChild, kind: ChildKind, parent: string): Record<string, unknown> {
  const person = { objectId: null, email: null, name: "SOC ticket sync", userPrincipalName: null };
  return {
    id: `${parent}/${kind}/${child.name}`,
    name: child.name,
    type: `Microsoft.SecurityInsights/incidents/${kind}`,
    etag: child.etag,
    properties: {
      ...child.properties,
      createdTimeUtc: sentinelTime(child.createdMs),
      lastModifiedTimeUtc: sentinelTime(child.modifiedMs),
      ...(kind === "comments" ? { author: person } : { createdBy: person, lastModifiedBy: person }),
    },
  };
}
