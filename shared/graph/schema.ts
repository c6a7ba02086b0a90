import { type Static, type TSchema, Type } from "typebox";

/** Only the fields used; the service adds others at any time. Source: Graph v1.0 `microsoft.graph.security.incident` and the documentation's samples, old names included. */
const NullableText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const NullableTexts = Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()]));

const WireCommentSchema = Type.Object({
  comment: NullableText,
  createdByDisplayName: NullableText,
  createdBy: NullableText,
  createdDateTime: NullableText,
  createdTime: NullableText,
});

export const WireIncidentSchema = Type.Object({
  id: Type.String({ pattern: "^[A-Za-z0-9_-]{1,58}$" }),
  lastUpdateDateTime: Type.String(),
  createdDateTime: Type.String(),
  status: Type.String(),
  severity: NullableText,
  displayName: NullableText,
  description: NullableText,
  summary: NullableText,
  resolvingComment: NullableText,
  classification: NullableText,
  determination: NullableText,
  assignedTo: NullableText,
  customTags: NullableTexts,
  tags: NullableTexts,
  systemTags: NullableTexts,
  comments: Type.Optional(Type.Union([Type.Array(WireCommentSchema), Type.Null()])),
  redirectIncidentId: NullableText,
  incidentWebUrl: NullableText,
  lastModifiedBy: NullableText,
  priorityScore: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  /** Beta only, until v1.0 has them. */
  recommendedActions: NullableText,
  recommendedHuntingQueries: Type.Optional(
    Type.Union([Type.Null(), Type.Array(Type.Object({ kqlText: NullableText }))]),
  ),
});

export type WireIncident = Static<typeof WireIncidentSchema>;

export const WirePageSchema = Type.Object({
  value: Type.Array(Type.Unknown()),
  "@odata.nextLink": NullableText,
  "@odata.count": Type.Optional(Type.Union([Type.Number(), Type.Null()])),
});

function nullable<P extends Record<string, TSchema>>(properties: P) {
  return Type.Optional(Type.Union([Type.Null(), Type.Object(properties)]));
}

const WireFile = nullable({ fileName: NullableText, filePath: NullableText, sha1: NullableText, sha256: NullableText });
const WireSender = nullable({ emailAddress: NullableText });

/** What the evidence types that are told apart have, side by side; which of it counts is decided by `@odata.type`. */
export const WireEvidenceSchema = Type.Object({
  "@odata.type": Type.Optional(Type.String()),
  verdict: NullableText,
  remediationStatus: NullableText,
  remediationStatusDetails: NullableText,
  deviceDnsName: NullableText,
  hostName: NullableText,
  osPlatform: NullableText,
  mdeDeviceId: NullableText,
  primaryAddress: NullableText,
  displayName: NullableText,
  name: NullableText,
  url: NullableText,
  ipAddress: NullableText,
  subject: NullableText,
  recipientEmailAddress: NullableText,
  networkMessageId: NullableText,
  query: NullableText,
  processCommandLine: NullableText,
  p1Sender: WireSender,
  p2Sender: WireSender,
  fileDetails: WireFile,
  imageFile: WireFile,
  userAccount: nullable({
    userPrincipalName: NullableText,
    accountName: NullableText,
    displayName: NullableText,
    azureAdUserId: NullableText,
  }),
});

export type WireEvidence = Static<typeof WireEvidenceSchema>;

export const WireAlertSchema = Type.Object({
  id: Type.String(),
  incidentId: NullableText,
  title: NullableText,
  severity: NullableText,
  status: NullableText,
  serviceSource: NullableText,
  detectionSource: NullableText,
  category: NullableText,
  mitreTechniques: NullableTexts,
  investigationState: NullableText,
  assignedTo: NullableText,
  classification: NullableText,
  determination: NullableText,
  createdDateTime: NullableText,
  lastUpdateDateTime: NullableText,
  resolvedDateTime: NullableText,
  evidence: Type.Optional(Type.Union([Type.Null(), Type.Array(Type.Unknown())])),
});

/** An incident with `$expand=alerts`; the rest of it is checked as an incident. */
export const WireExpandedSchema = Type.Object({
  alerts: Type.Array(Type.Unknown()),
  "alerts@odata.nextLink": NullableText,
});

export type WireAlert = Static<typeof WireAlertSchema>;

/** Graph beta `microsoft.graph.security.incidentTask`; the documentation and the schema name some properties differently. */
export const WireTaskSchema = Type.Object({
  id: Type.String(),
  incident: nullable({ id: NullableText }),
  incidentId: NullableText,
  displayName: NullableText,
  description: NullableText,
  status: NullableText,
  actionStatus: NullableText,
  actionType: NullableText,
  source: NullableText,
  responseAction: nullable({ identifierValue: NullableText }),
  createdDateTime: NullableText,
  lastModifiedDateTime: NullableText,
  lastUpdateDateTime: NullableText,
  lastModifiedByDisplayName: NullableText,
});

export type WireTask = Static<typeof WireTaskSchema>;
