import { type Static, Type } from "typebox";
import { Duration, HttpUrl, SecretName, strict } from "./common.ts";
import {
  ConnectorIdText,
  RouteSchema,
  TenantList,
  TicketPolicySchema,
  byClassification,
  bySeverity,
} from "./connector.ts";

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

export const JiraSchema = Type.Object(
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

export type JiraConfig = Static<typeof JiraSchema>;
