import { type Static, Type } from "typebox";

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
});

export type WireIncident = Static<typeof WireIncidentSchema>;

export const WirePageSchema = Type.Object({
  value: Type.Array(Type.Unknown()),
  "@odata.nextLink": Type.Optional(Type.String()),
});

const WireEvidenceSchema = Type.Object({
  "@odata.type": Type.Optional(Type.String()),
  deviceDnsName: NullableText,
  hostName: NullableText,
  primaryAddress: NullableText,
  displayName: NullableText,
  userAccount: Type.Optional(
    Type.Union([
      Type.Null(),
      Type.Object({ userPrincipalName: NullableText, accountName: NullableText, displayName: NullableText }),
    ]),
  ),
});

export type WireEvidence = Static<typeof WireEvidenceSchema>;

export const WireAlertSchema = Type.Object({
  id: Type.String(),
  title: NullableText,
  severity: NullableText,
  status: NullableText,
  serviceSource: NullableText,
  category: NullableText,
  createdDateTime: NullableText,
  evidence: Type.Optional(Type.Union([Type.Null(), Type.Array(WireEvidenceSchema)])),
});

export type WireAlert = Static<typeof WireAlertSchema>;
