import { type Static, Type } from "typebox";
import { HttpUrl, SecretName, strict } from "./common.ts";
import { ConnectorIdText, RouteSchema, TenantList } from "./connector.ts";

export const WebhookSchema = Type.Object(
  {
    id: ConnectorIdText,
    kind: Type.Literal("webhook"),
    url: Type.Optional(HttpUrl),
    urlSecret: Type.Optional(
      Type.String({
        ...SecretName,
        description:
          "Instead of url, where the address is itself a secret (a Logic App's …?sig=…): name of the environment variable that holds the whole address; on Azure a Key Vault reference",
      }),
    ),
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
  {
    ...strict,
    oneOf: [
      { properties: { url: {} }, required: ["url"] },
      { properties: { urlSecret: {} }, required: ["urlSecret"] },
    ],
    oneOfErrorMessage:
      'needs "url", or "urlSecret" where the address is itself a secret, and not both; name one of the two',
  },
);

export type WebhookConfig = Static<typeof WebhookSchema>;
