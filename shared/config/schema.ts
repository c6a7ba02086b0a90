import { type Static, Type } from "typebox";

/**
 * The shape of `dex-sync.config.json`. Names here are the contract with users: extended, never renamed. `patternErrorMessage` and
 * `oneOfErrorMessage` say what is wanted, to editors that know them and to our own check.
 */
const strict = { additionalProperties: false } as const;
const ConnectorIdText = Type.String({
  pattern: "^[a-z][a-z0-9-]{0,29}$",
  patternErrorMessage: "must be small letters, digits and -, at most 30, a letter first",
  description: "Names the lane and the links of this connector; never change it once in use",
});
const SecretName = Type.String({
  pattern: "^[A-Z][A-Z0-9_]*$",
  patternErrorMessage: "must name an environment variable (capital letters, digits, _), not be the secret itself",
  description: "Name of the environment variable that holds the secret; on Azure a Key Vault reference",
});
const Duration = Type.String({
  pattern: "^P(?=.)(?:\\d+D)?(?:T(?=\\d)(?:\\d+H)?(?:\\d+M)?(?:\\d+S)?)?$",
  patternErrorMessage: "must be an ISO 8601 duration of days, hours, minutes and seconds, like PT15S or P1DT2H",
  description: "ISO 8601, like PT15S",
});
const HttpUrl = Type.String({
  pattern: "^https?://[^\\s/?#]+(?:/[^\\s?#]*)?$",
  patternErrorMessage: "must be an address like https://host.example.com, without a query",
});
/** ServiceNow keeps a choice's number; its label would be written and not be understood. */
const StateNumber = Type.Optional(
  Type.String({
    pattern: "^-?\\d+$",
    patternErrorMessage: 'must be the number of the state as text, like "2" for In Progress',
  }),
);
/** What becomes of tickets that people are done with. For tools in which we make the tickets. */
const TicketPolicySchema = Type.Object(
  {
    reopenWithin: Type.Optional(
      Type.String({
        ...Duration,
        description:
          "An incident that was closed for longer before it was reopened gets a new ticket that continues the old one; P14D by default",
      }),
    ),
    deleted: Type.Optional(
      Type.Union([Type.Literal("recreate"), Type.Literal("detach")], {
        description:
          "A ticket that was deleted in the tool: made anew, once, while its incident is open; or, by default, let be until an operator replays it",
      }),
    ),
  },
  strict,
);
const TenantList = Type.Optional(
  Type.Array(Type.String(), { minItems: 1, description: "Tenant ids whose incidents go here" }),
);

const RouteSchema = Type.Optional(
  Type.Object(
    {
      severities: Type.Optional(
        Type.Array(
          Type.Union([
            Type.Literal("informational"),
            Type.Literal("low"),
            Type.Literal("medium"),
            Type.Literal("high"),
          ]),
          { minItems: 1, description: "A severity that is not set, or not known to this version, is never kept back" },
        ),
      ),
      tags: Type.Optional(
        Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
          minItems: 1,
          description: "Tags of the incident in Defender, custom or system; compared without case",
        }),
      ),
      categories: Type.Optional(
        Type.Array(Type.String({ pattern: "[A-Za-z0-9]", patternErrorMessage: "must have a letter or digit" }), {
          minItems: 1,
          description: "Of any of its alerts, like Ransomware or InitialAccess; known once the alerts were read",
        }),
      ),
      kinds: Type.Optional(
        Type.Array(Type.Union([Type.Literal("incident"), Type.Literal("notification")]), {
          minItems: 1,
          description: "notification: a Defender Experts Notification; incident: every other one",
        }),
      ),
    },
    {
      ...strict,
      description:
        "Which incidents get a ticket here; everything where nothing is named. All that is named must hold, one of each list. A ticket that is there is kept up to date to its end",
    },
  ),
);

const CredentialSchema = Type.Union([
  Type.Object({ kind: Type.Literal("managedIdentity"), clientId: Type.Optional(Type.String()) }, strict),
  Type.Object({ kind: Type.Literal("clientSecret"), clientId: Type.String(), secret: SecretName }, strict),
  Type.Object({ kind: Type.Literal("certificate"), clientId: Type.String(), secret: SecretName }, strict),
  Type.Object({ kind: Type.Literal("token"), secret: SecretName }, strict),
]);

const TenantSchema = Type.Object(
  {
    id: Type.String({
      pattern: "^[A-Za-z0-9-]{1,36}$",
      patternErrorMessage: "must be the tenant's id (letters, digits and -)",
      description: "The tenant's id (a GUID)",
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

function bySeverity(description: string) {
  return Type.Object(
    {
      high: Type.Optional(Type.String()),
      medium: Type.Optional(Type.String()),
      low: Type.Optional(Type.String()),
      informational: Type.Optional(Type.String()),
      unknown: Type.Optional(Type.String()),
      unrecognised: Type.Optional(Type.String()),
    },
    { ...strict, description },
  );
}

function byClassification(description: string) {
  return Type.Object(
    {
      truePositive: Type.Optional(Type.String()),
      falsePositive: Type.Optional(Type.String()),
      informationalExpectedActivity: Type.Optional(Type.String()),
      unknown: Type.Optional(Type.String()),
      unrecognised: Type.Optional(Type.String()),
    },
    { ...strict, description },
  );
}

const ServiceNowMappingSchema = Type.Object(
  {
    states: Type.Optional(
      Type.Object(
        {
          active: StateNumber,
          inProgress: StateNumber,
          awaitingCustomerAction: StateNumber,
          resolved: StateNumber,
          redirected: StateNumber,
        },
        { ...strict, description: "Numbers of your instance; those of a base system by default" },
      ),
    ),
    assignmentGroup: Type.Optional(
      Type.String({ description: "sys_id or name of the group that acts when it is your turn" }),
    ),
    onHold: Type.Optional(Type.Boolean({ description: "Awaiting Customer Action as On Hold / Awaiting Caller" })),
    impact: Type.Optional(bySeverity("1 High, 2 Medium, 3 Low")),
    urgency: Type.Optional(bySeverity("1 High, 2 Medium, 3 Low; one step up while it is your turn")),
    closeCodes: Type.Optional(byClassification("By classification, as your instance spells them")),
    duplicateCloseCode: Type.Optional(Type.String()),
    callerId: Type.Optional(Type.String({ description: "sys_id, user name or name" })),
    category: Type.Optional(Type.String()),
    parentField: Type.Optional(
      Type.String({
        pattern: "^(?:[a-z][a-z0-9_]*)?$",
        patternErrorMessage: 'must be a column\'s name, or "" for none',
        description: "Column that ties a merged ticket to its survivor's",
      }),
    ),
    notes: Type.Optional(
      Type.Union([Type.Literal("workNotes"), Type.Literal("comments")], {
        description: "Where the incident's comments go; comments are what the customer sees",
      }),
    ),
    attachEvidence: Type.Optional(
      Type.Boolean({ description: "The evidence as a CSV file, on the handover and on the resolution" }),
    ),
    fields: Type.Optional(
      Type.Record(Type.String({ pattern: "^[a-z][a-z0-9_]*$" }), Type.String(), {
        ...strict,
        description: "Columns of your own with the same value in each ticket: what a data policy demands",
      }),
    ),
  },
  strict,
);

const ServiceNowSchema = Type.Object(
  {
    id: ConnectorIdText,
    kind: Type.Literal("servicenow"),
    url: HttpUrl,
    table: Type.Optional(Type.Union([Type.Literal("incident"), Type.Literal("sn_si_incident")])),
    auth: Type.Union([
      Type.Object({ kind: Type.Literal("basic"), username: Type.String(), secret: SecretName }, strict),
      Type.Object({ kind: Type.Literal("oauth"), clientId: Type.String(), secret: SecretName }, strict),
      Type.Object({ kind: Type.Literal("apiKey"), secret: SecretName }, strict),
    ]),
    mapping: Type.Optional(ServiceNowMappingSchema),
    settle: Type.Optional(Duration),
    ticket: Type.Optional(TicketPolicySchema),
    tenants: TenantList,
    route: RouteSchema,
  },
  strict,
);

const JiraMappingSchema = Type.Object(
  {
    statuses: Type.Optional(
      Type.Object(
        {
          active: Type.Optional(Type.String()),
          inProgress: Type.Optional(Type.String()),
          awaitingCustomerAction: Type.Optional(Type.String()),
          resolved: Type.Optional(Type.String()),
          redirected: Type.Optional(Type.String()),
        },
        {
          ...strict,
          description:
            'By stage: the name of a status, or category:new, category:indeterminate, category:done; "" leaves the status alone',
        },
      ),
    ),
    priorities: Type.Optional(bySeverity('Name or id of a priority; "" where the project has none')),
    labels: Type.Optional(
      Type.Array(
        Type.String({
          pattern: "^\\S{1,255}$",
          patternErrorMessage: "must be a label: no spaces, at most 255 characters",
        }),
        { description: "Put on every issue beside the labels of dex-sync" },
      ),
    ),
    resolutions: Type.Optional(byClassification("By classification; sent where the transition's screen has it")),
    duplicateResolution: Type.Optional(Type.String()),
    duplicateLink: Type.Optional(
      Type.String({ description: 'Name of the link type to the issue that an incident was merged into; "" for none' }),
    ),
    subtaskType: Type.Optional(
      Type.String({
        description:
          'Issue type (name or id) of a sub-task for each action of the experts that your team has to do; none by default, and with ""',
      }),
    ),
    fields: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "Sent with every new issue, as Jira's REST API takes them: fields that the project requires",
      }),
    ),
    transitionFields: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "Sent with transitions whose screen has them, as Jira's REST API takes them",
      }),
    ),
  },
  strict,
);

const JiraSchema = Type.Object(
  {
    id: ConnectorIdText,
    kind: Type.Literal("jira"),
    url: HttpUrl,
    flavor: Type.Union([Type.Literal("cloud"), Type.Literal("dataCenter")]),
    project: Type.String({
      pattern: "^[A-Z][A-Z0-9_]{0,254}$",
      patternErrorMessage: "must be the project's key, like SEC",
    }),
    issueType: Type.String({ minLength: 1, description: "Its name or its id" }),
    serviceManagement: Type.Optional(
      Type.Boolean({
        description: "The project is one of Jira Service Management: comments are checked to be internal",
      }),
    ),
    requestType: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "Request type of new issues in a service project: on Cloud its name or id, on Data Center portal/type as its field takes it. Customers may then see the issue in their portal; none by default",
      }),
    ),
    auth: Type.Union([
      Type.Object({ kind: Type.Literal("basic"), username: Type.String(), secret: SecretName }, strict),
      Type.Object({ kind: Type.Literal("pat"), secret: SecretName }, strict),
    ]),
    mapping: Type.Optional(JiraMappingSchema),
    settle: Type.Optional(Duration),
    ticket: Type.Optional(TicketPolicySchema),
    tenants: TenantList,
    route: RouteSchema,
  },
  strict,
);

const SentinelSchema = Type.Object(
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

/** PEM is long, but no secret: it is kept where secrets are all the same. */
const PemName = (description: string) => Type.Optional(Type.String({ ...SecretName, description }));

const QRadarSchema = Type.Object(
  {
    id: ConnectorIdText,
    kind: Type.Literal("qradar"),
    url: HttpUrl,
    ca: PemName(
      "Name of the environment variable with the certificate (PEM) of the private authority that signed the console's and the receiver's; trusted for these two alone, and instead of the public ones",
    ),
    auth: Type.Object({ kind: Type.Literal("token"), secret: SecretName }, strict),
    syslog: Type.Object(
      {
        host: Type.String({
          pattern: "^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$",
          patternErrorMessage: "must be a host name or an address, without a scheme or a port",
        }),
        port: Type.Integer({ minimum: 1, maximum: 65_535 }),
        tls: Type.Optional(
          Type.Boolean({ description: "On by default; off only for hosts inside network.allowPrivate" }),
        ),
        certificate: PemName(
          "Name of the environment variable with our client certificate and its private key (PEM), where the receiver demands one",
        ),
        framing: Type.Optional(
          Type.Union([Type.Literal("newline"), Type.Literal("octetCounting")], {
            description: "How events are told apart: by a line end (default), or by their lengths (RFC 6587)",
          }),
        ),
        source: Type.Optional(
          Type.String({
            pattern: "^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$",
            patternErrorMessage: "must be a host name: letters, digits, . and -",
            description: "Log source identifier: the host in the header of each event; dex-sync by default",
          }),
        ),
      },
      strict,
    ),
    logSource: Type.Optional(
      Type.String({
        pattern: '^[^"\\\\]{1,200}$',
        patternErrorMessage: 'must be a name without " and \\',
        description: "Name of the log source in QRadar; Defender Experts (dex-sync) by default",
      }),
    ),
    referenceTable: Type.Optional(
      Type.String({
        pattern: "^(?:[A-Za-z0-9_-]{1,64})?$",
        patternErrorMessage: 'must be letters, digits, _ and -, or "" for none',
        description: 'Reference table with the present state of each incident; mdx_incidents by default, "" for none',
      }),
    ),
    mapping: Type.Optional(
      Type.Object(
        {
          close: Type.Optional(
            Type.Boolean({
              description:
                "Closes the offense of a resolved or merged incident; off by default, for none can be opened again",
            }),
          ),
          closingReasons: Type.Optional(
            byClassification("By classification: the text of one of QRadar's closing reasons"),
          ),
        },
        strict,
      ),
    ),
    tenants: TenantList,
    route: RouteSchema,
  },
  strict,
);

const WebhookSchema = Type.Object(
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
          due: Type.Optional(Type.Record(Type.String(), Duration)),
          remindEvery: Type.Optional(Duration),
          contacts: Type.Optional(Type.Array(Type.Unknown())),
        },
        { ...strict, description: "Accepted, and not acted on by this version" },
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
export type ServiceNowConfig = Static<typeof ServiceNowSchema>;
export type JiraConfig = Static<typeof JiraSchema>;
export type SentinelConfig = Static<typeof SentinelSchema>;
export type QRadarConfig = Static<typeof QRadarSchema>;
export type WebhookConfig = Static<typeof WebhookSchema>;
export type CredentialConfig = Static<typeof CredentialSchema>;
