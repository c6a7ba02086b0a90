import { type Static, Type } from "typebox";
import { HttpUrl, SecretName, strict } from "./common.ts";
import { ConnectorIdText, RouteSchema, TenantList } from "./connector.ts";

export const WebhookSchema = Type.Object(
  {
    id: ConnectorIdText,
    kind: Type.Literal("webhook"),
    url: HttpUrl,
    secret: SecretName,
    previousSecret: Type.Optional(
      Type.String({
        ...SecretName,
        description:
          "While the secret is changed: name of the variable that holds the one before; events are signed with both until you take it away",
      }),
    ),
    tenants: TenantList,
    route: RouteSchema,
  },
  strict,
);

export type WebhookConfig = Static<typeof WebhookSchema>;
