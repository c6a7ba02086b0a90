import type { AlertRecord, Evidence } from "./alert-record.ts";
import {
  ALERT_STATUSES,
  CLASSIFICATIONS,
  DETECTION_SOURCES,
  DETERMINATIONS,
  INVESTIGATION_STATES,
  REMEDIATION_STATUSES,
  SERVICE_SOURCES,
  SEVERITIES,
  VERDICTS,
} from "./enums.ts";
import { incidentWebUrl, member, optionalMember, type View } from "./render-incident.ts";
import { idFrom } from "../stable-id.ts";
import { formatTicks } from "./ticks.ts";

export function renderAlert(alert: AlertRecord, view: View): Record<string, unknown> {
  const created = formatTicks(alert.createdTicks);
  return {
    "@odata.type": "#microsoft.graph.security.alert",
    id: alert.id,
    providerAlertId: alert.id,
    incidentId: alert.incidentId,
    tenantId: view.tenantId,
    status: member(alert.status, ALERT_STATUSES, view),
    severity: member(alert.severity, SEVERITIES, view),
    classification: optionalMember(alert.classification, CLASSIFICATIONS, view),
    determination: optionalMember(alert.determination, DETERMINATIONS, view),
    serviceSource: member(alert.serviceSource, SERVICE_SOURCES, view),
    detectionSource: member(alert.detectionSource, DETECTION_SOURCES, view),
    detectorId: idFrom("detector", alert.title).slice(0, 36),
    productName: "Microsoft Defender XDR",
    title: alert.title,
    description: alert.description,
    recommendedActions: alert.recommendedActions,
    category: alert.category,
    categories: [alert.category],
    assignedTo: alert.assignedTo,
    alertWebUrl: `${view.portalUrl}/alerts/${alert.id}?tid=${view.tenantId}`,
    incidentWebUrl: incidentWebUrl(alert.incidentId, view),
    actorDisplayName: null,
    threatDisplayName: null,
    threatFamilyName: null,
    mitreTechniques: alert.mitreTechniques,
    createdDateTime: created,
    lastUpdateDateTime: formatTicks(alert.updatedTicks),
    resolvedDateTime: alert.status === "resolved" ? formatTicks(alert.updatedTicks) : null,
    firstActivityDateTime: created,
    lastActivityDateTime: created,
    systemTags: [],
    alertPolicyId: null,
    investigationState: member(alert.investigationState, INVESTIGATION_STATES, view),
    comments: [],
    additionalData: null,
    customDetails: {},
    evidence: alert.evidence.map((evidence) => renderEvidence(evidence, created, view)),
  };
}

function renderEvidence(evidence: Evidence, created: string, view: View): Record<string, unknown> {
  return {
    "@odata.type": `#microsoft.graph.security.${TYPES[evidence.kind]}`,
    createdDateTime: created,
    verdict: member(evidence.verdict ?? "suspicious", VERDICTS, view),
    remediationStatus: member(evidence.remediation ?? "none", REMEDIATION_STATUSES, view),
    remediationStatusDetails: evidence.remediationDetails ?? null,
    roles: [],
    detailedRoles: [],
    tags: [],
    ...detailsOf(evidence),
  };
}

const TYPES = {
  device: "deviceEvidence",
  user: "userEvidence",
  file: "fileEvidence",
  mail: "analyzedMessageEvidence",
  mailbox: "mailboxEvidence",
  ip: "ipEvidence",
  url: "urlEvidence",
  process: "processEvidence",
} as const satisfies Record<Evidence["kind"], string>;

function detailsOf(evidence: Evidence): Record<string, unknown> {
  switch (evidence.kind) {
    case "device":
      return deviceDetails(evidence.name, evidence.os ?? "Windows11");
    case "user":
      return { userAccount: accountOf(evidence.upn, evidence.name) };
    case "file":
      return {
        detectionStatus: "detected",
        mdeDeviceId: null,
        fileDetails: {
          fileName: evidence.name,
          filePath: evidence.path ?? "C:\\Users\\Public\\Downloads",
          sha1: evidence.sha1 ?? hexFrom("sha1", evidence.name, 40),
          sha256: evidence.sha256 ?? hexFrom("sha256", evidence.name, 64),
          fileSize: 184_320,
        },
      };
    case "mail":
      return {
        networkMessageId: idFrom("message", evidence.subject),
        subject: evidence.subject,
        recipientEmailAddress: evidence.recipient,
        p1Sender: { emailAddress: evidence.sender ?? "billing@example.net", displayName: null, domainName: null },
        deliveryLocation: "Inbox",
        deliveryAction: "delivered",
      };
    case "mailbox":
      return {
        primaryAddress: evidence.address,
        displayName: evidence.address.split("@")[0],
        userAccount: accountOf(evidence.address, undefined),
      };
    case "ip":
      return { ipAddress: evidence.address, countryLetterCode: null };
    case "url":
      return { url: evidence.url };
    case "process":
      return {
        processId: 4_242,
        processCommandLine: evidence.commandLine,
        imageFile: { fileName: evidence.name, filePath: "C:\\Windows\\System32" },
      };
  }
}

function deviceDetails(name: string, osPlatform: string): Record<string, unknown> {
  return {
    deviceDnsName: name,
    hostName: name.split(".")[0],
    osPlatform,
    mdeDeviceId: hexFrom("device", name, 40),
    azureAdDeviceId: idFrom("entra device", name),
    healthStatus: "active",
    riskScore: "high",
    onboardingStatus: "onboarded",
    defenderAvStatus: "updated",
    rbacGroupName: "Workstations",
    lastIpAddress: "10.20.30.40",
  };
}

function hexFrom(kind: string, name: string, digits: number): string {
  return idFrom(kind, name).replaceAll("-", "").padEnd(digits, "0");
}

function accountOf(upn: string, name: string | undefined): Record<string, unknown> {
  const [accountName = upn, domainName = ""] = upn.split("@");
  return {
    accountName,
    domainName,
    userPrincipalName: upn,
    displayName: name ?? accountName,
    azureAdUserId: idFrom("user", upn),
    userSid: null,
  };
}
