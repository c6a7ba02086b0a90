import { type Static, Type } from "typebox";

/** Only what is used. Source: Azure REST API, Microsoft.SecurityInsights 2025-09-01. */
const NullableText = Type.Optional(Type.Union([Type.String(), Type.Null()]));

const WireOwnerSchema = Type.Object({
  objectId: NullableText,
  email: NullableText,
  assignedTo: NullableText,
  userPrincipalName: NullableText,
  ownerType: NullableText,
});

export const WireIncidentSchema = Type.Object({
  name: Type.String({ pattern: "^[A-Za-z0-9._~-]{1,200}$" }),
  etag: NullableText,
  properties: Type.Object({
    title: Type.String(),
    severity: Type.String(),
    status: Type.String(),
    description: NullableText,
    classification: NullableText,
    classificationReason: NullableText,
    classificationComment: NullableText,
    firstActivityTimeUtc: NullableText,
    lastActivityTimeUtc: NullableText,
    labels: Type.Optional(Type.Union([Type.Null(), Type.Array(Type.Object({ labelName: Type.String() }))])),
    owner: Type.Optional(Type.Union([Type.Null(), WireOwnerSchema])),
    incidentNumber: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    incidentUrl: NullableText,
    providerName: NullableText,
    providerIncidentId: NullableText,
    additionalData: Type.Optional(
      Type.Union([
        Type.Null(),
        Type.Object({
          providerIncidentUrl: NullableText,
          commentsCount: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
        }),
      ]),
    ),
  }),
});

export type WireIncident = Static<typeof WireIncidentSchema>;

export const WirePageSchema = Type.Object({
  value: Type.Array(Type.Unknown()),
  nextLink: NullableText,
});

export const WireCommentSchema = Type.Object({ name: Type.String() });

export const WireTaskSchema = Type.Object({
  properties: Type.Object({
    title: Type.String(),
    description: Type.Optional(Type.String()),
    /** `New` or `Completed`. */
    status: Type.String(),
  }),
});
export type WireTask = Static<typeof WireTaskSchema>;

/** Azure REST API, Microsoft.Authorization 2022-04-01, "Permissions - List For Resource Group". */
export const WirePermissionsSchema = Type.Object({
  value: Type.Array(
    Type.Object({
      actions: Type.Optional(Type.Array(Type.String())),
      notActions: Type.Optional(Type.Array(Type.String())),
    }),
  ),
});
export type WirePermission = Static<typeof WirePermissionsSchema>["value"][number];
