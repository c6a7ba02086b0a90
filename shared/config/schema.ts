import { type Static, Type } from "typebox";
import { CredentialSchema, Duration, HttpUrl, SecretName, strict } from "./schema/common.ts";
import { JiraSchema } from "./schema/jira.ts";
import { QRadarSchema } from "./schema/qradar.ts";
import { SentinelSchema } from "./schema/sentinel.ts";
import { ServiceNowSchema } from "./schema/servicenow.ts";
import { WebhookSchema } from "./schema/webhook.ts";

export type { JiraConfig } from "./schema/jira.ts";
export type { QRadarConfig } from "./schema/qradar.ts";
export type { SentinelConfig } from "./schema/sentinel.ts";
export type { ServiceNowConfig } from "./schema/servicenow.ts";
export type { WebhookConfig } from "./schema/webhook.ts";

const TenantSchema = Type.Object(
  {
    id: Type.String({
      // Tickets and state are found by it: in another spelling it would be another tenant, with a second ticket for each incident.
      pattern: "^[a-z0-9-]{1,36}$",
      patternErrorMessage: "must be the tenant's id in small letters (a to z, digits and -)",
      description: "The tenant's id (a GUID, in small letters)",
    }),
    name: Type.Optional(Type.String({ maxLength: 200 })),
    cloud: Type.Optional(Type.Union([Type.Literal("global"), Type.Literal("usGovHigh"), Type.Literal("usGovDoD")])),
    graphUrl: Type.Optional(HttpUrl),
    credential: CredentialSchema,
    assignees: Type.Optional(
      Type.Object(
        { experts: Type.Optional(Type.Array(Type.String())), customer: Type.Optional(Type.Array(Type.String())) },
        { ...strict, description: "How this tenant's portal names them; compared without case" },
      ),
    ),
  },
  strict,
);

/**
 * The shape of `dex-sync.config.json`. Names here are the contract with users: extended, never renamed. `patternErrorMessage` and
 * `oneOfErrorMessage` say what is wanted, to editors that know them and to our own check.
 */
export const ConfigSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    tenants: Type.Array(TenantSchema, { minItems: 1 }),
    scope: Type.Optional(
      Type.Object(
        {
          experts: Type.Optional(Type.Union([Type.Literal("only"), Type.Literal("all")])),
          minimumSeverity: Type.Optional(
            Type.Union([
              Type.Literal("informational"),
              Type.Literal("low"),
              Type.Literal("medium"),
              Type.Literal("high"),
            ]),
          ),
          createdAfter: Type.Optional(Type.String()),
        },
        strict,
      ),
    ),
    poll: Type.Optional(
      Type.Object(
        {
          interval: Type.Optional(Duration),
          overlap: Type.Optional(Duration),
          requestsPerMinute: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
        },
        strict,
      ),
    ),
    connectors: Type.Array(Type.Union([ServiceNowSchema, JiraSchema, SentinelSchema, QRadarSchema, WebhookSchema]), {
      minItems: 1,
    }),
    doorbells: Type.Optional(
      Type.Object(
        {
          graphResource: Type.Optional(
            Type.String({
              maxLength: 500,
              description:
                'What Graph is asked to notify of; security/incidents by default, which it refuses today; "" asks for nothing. The timer reads everything either way',
            }),
          ),
          publicUrl: Type.Optional(
            Type.String({
              pattern: "^https?://[^\\s/?#@]+/?$",
              patternErrorMessage: "must be an address like https://host.example.com and nothing more",
              description: "Where Graph reaches this app, https; on Azure the app's own host name is the default",
            }),
          ),
          secrets: Type.Optional(Type.Array(SecretName)),
        },
        strict,
      ),
    ),
    handover: Type.Optional(
      Type.Object(
        {
          due: Type.Optional(
            Type.Object(
              {
                high: Type.Optional(Duration),
                medium: Type.Optional(Duration),
                low: Type.Optional(Duration),
                informational: Type.Optional(Duration),
              },
              {
                ...strict,
                description:
                  "By severity: how long your team may take before an incident that awaits it counts as overdue; PT1H, PT4H, P1D and P1D by default",
              },
            ),
          ),
          remindEvery: Type.Optional(Duration),
          contacts: Type.Optional(Type.Array(Type.Unknown())),
        },
        {
          ...strict,
          description: "When it is your turn. remindEvery and contacts are accepted, and not acted on by this version",
        },
      ),
    ),
    inbound: Type.Optional(
      Type.Object(
        {
          comments: Type.Optional(Type.Boolean()),
          tasks: Type.Optional(Type.Union([Type.Literal("off"), Type.Literal("complete"), Type.Literal("execute")])),
          resolve: Type.Optional(Type.Boolean()),
        },
        { ...strict, description: "Accepted, and not acted on by this version" },
      ),
    ),
    network: Type.Optional(Type.Object({ allowPrivate: Type.Optional(Type.Array(Type.String())) }, strict)),
  },
  { ...strict, title: "dex-sync configuration" },
);

export type ConfigFile = Static<typeof ConfigSchema>;
export type ConnectorConfig = ConfigFile["connectors"][number];
export type CredentialConfig = Static<typeof CredentialSchema>;
