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

/** ServiceNow keeps a choice's number; its label would be written and not be understood. */
const StateNumber = Type.Optional(
  Type.String({
    pattern: "^-?\\d+$",
    patternErrorMessage: 'must be the number of the state as text, like "2" for In Progress',
  }),
);

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

export const ServiceNowSchema = Type.Object(
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

export type ServiceNowConfig = Static<typeof ServiceNowSchema>;
