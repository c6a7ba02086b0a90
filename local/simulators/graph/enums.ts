/** Members of Graph's enums up to the sentinel. Anything else reaches only a request that prefers unknown members. */
export const INCIDENT_STATUSES = ["active", "resolved", "inProgress", "redirected", "unknownFutureValue"] as const;
export const SEVERITIES = ["unknown", "informational", "low", "medium", "high"] as const;
export const CLASSIFICATIONS = ["unknown", "falsePositive", "truePositive", "informationalExpectedActivity"] as const;
export const DETERMINATIONS = [
  "unknown",
  "apt",
  "malware",
  "securityPersonnel",
  "securityTesting",
  "unwantedSoftware",
  "other",
  "multiStagedAttack",
  "compromisedAccount",
  "phishing",
  "maliciousUserActivity",
  "notMalicious",
  "notEnoughDataToValidate",
  "confirmedActivity",
  "lineOfBusinessApplication",
] as const;
export const ALERT_STATUSES = ["unknown", "new", "inProgress", "resolved"] as const;
export const DETECTION_SOURCES = [
  "unknown",
  "microsoftDefenderForEndpoint",
  "antivirus",
  "smartScreen",
  "customTi",
  "microsoftDefenderForOffice365",
  "automatedInvestigation",
  "microsoftThreatExperts",
  "customDetection",
  "microsoftDefenderForIdentity",
  "cloudAppSecurity",
  "microsoft365Defender",
  "azureAdIdentityProtection",
  "manual",
  "microsoftDataLossPrevention",
  "appGovernancePolicy",
  "appGovernanceDetection",
] as const;
export const SERVICE_SOURCES = [
  "unknown",
  "microsoftDefenderForEndpoint",
  "microsoftDefenderForIdentity",
  "microsoftDefenderForCloudApps",
  "microsoftDefenderForOffice365",
  "microsoft365Defender",
  "azureAdIdentityProtection",
  "microsoftAppGovernance",
  "dataLossPrevention",
] as const;
/** Here the sentinel comes last, so nothing is hidden. */
export const INVESTIGATION_STATES = [
  "unknown",
  "terminated",
  "successfullyRemediated",
  "benign",
  "failed",
  "partiallyRemediated",
  "running",
  "pendingApproval",
  "pendingResource",
  "queued",
  "innerFailure",
  "preexistingAlert",
  "unsupportedOs",
  "unsupportedAlertType",
  "suppressedAlert",
  "partiallyInvestigated",
  "terminatedByUser",
  "terminatedBySystem",
] as const;
export const VERDICTS = ["unknown", "suspicious", "malicious", "noThreatsFound"] as const;
export const REMEDIATION_STATUSES = ["none", "remediated", "prevented", "blocked", "notFound"] as const;

/** Determinations that suit a classification, by the older Defender API; whether Graph enforces them is not documented. */
export const PAIRS: Readonly<Record<string, readonly string[]>> = {
  truePositive: [
    "multiStagedAttack",
    "maliciousUserActivity",
    "compromisedAccount",
    "malware",
    "phishing",
    "unwantedSoftware",
    "other",
  ],
  informationalExpectedActivity: ["securityTesting", "lineOfBusinessApplication", "confirmedActivity", "other"],
  falsePositive: ["notMalicious", "notEnoughDataToValidate", "other"],
  unknown: ["unknown"],
};

/** The member meant, whatever its case (PascalCase is accepted on input); undefined where there is none. */
export function memberOf(members: readonly string[], value: string): string | undefined {
  const wanted = value.toLowerCase();
  return members.find((member) => member.toLowerCase() === wanted);
}
