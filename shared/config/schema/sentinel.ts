import { type Static, Type } from "typebox";
import { CredentialSchema, HttpUrl, strict } from "./common.ts";
import { ConnectorIdText, RouteSchema, TenantList } from "./connector.ts";

export const SentinelSchema = Type.Object(
  {
    id: ConnectorIdText,
    kind: Type.Literal("sentinel"),
    mode: Type.Union([Type.Literal("observe"), Type.Literal("tag"), Type.Literal("manage")]),
    subscriptionId: Type.String(),
    resourceGroup: Type.String(),
    workspace: Type.String(),
    armUrl: Type.Optional(HttpUrl),
    credential: Type.Optional(CredentialSchema),
    writesPer5Minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    tenants: TenantList,
    route: RouteSchema,
  },
  strict,
);

export type SentinelConfig = Static<typeof SentinelSchema>;
