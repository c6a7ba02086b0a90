import { Type } from "typebox";
import { Duration, strict } from "./common.ts";

export const ConnectorIdText = Type.String({
  pattern: "^[a-z][a-z0-9-]{0,29}$",
  patternErrorMessage: "must be small letters, digits and -, at most 30, a letter first",
  description: "Names the lane and the links of this connector; never change it once in use",
});
export const TenantList = Type.Optional(
  Type.Array(Type.String(), { minItems: 1, description: "Tenant ids whose incidents go here" }),
);

export const RouteSchema = Type.Optional(
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

/** What becomes of tickets that people are done with. For tools in which we make the tickets. */
export const TicketPolicySchema = Type.Object(
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

export function bySeverity(description: string) {
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

export function byClassification(description: string) {
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
