import { type Static, Type } from "typebox";

/** What is sent: a CloudEvent 1.0 in structured mode, and what of the incident is in it. The contract with receivers: extended, never renamed. */
const strict = { additionalProperties: false } as const;
/** JSON has no undefined; a receiver sees that a part is known to be empty, and that it is not known. */
const nullable = <T extends ReturnType<typeof Type.String | typeof Type.Object | typeof Type.Integer>>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const StageName = Type.Union([
  Type.Literal("active"),
  Type.Literal("inProgress"),
  Type.Literal("awaitingCustomerAction"),
  Type.Literal("resolved"),
  Type.Literal("redirected"),
  Type.Literal("unrecognised"),
]);

const CommentData = Type.Object(
  {
    id: Type.String({ description: "The same for the same comment, in every event" }),
    author: Type.String(),
    createdAt: Type.String(),
    text: Type.String(),
  },
  strict,
);

const TaskData = Type.Object(
  {
    id: Type.String(),
    title: Type.String(),
    description: Type.String(),
    status: Type.String(),
    actionType: Type.String(),
    target: Type.String({ description: 'The device, file or user that it is for; "" where it is for none' }),
  },
  strict,
);

const NotificationData = Type.Object(
  {
    executiveSummary: Type.String(),
    recommendedActions: Type.String(),
    huntingQueries: Type.Array(Type.String(), {
      description: "KQL, as the experts wrote it: read it before you run it",
    }),
  },
  strict,
);

export const EventDataSchema = Type.Object(
  {
    v: Type.Literal(1),
    tenantId: Type.String(),
    incidentId: Type.String({ description: "Defender's number of the incident" }),
    sequence: Type.Integer({
      description:
        "Orders the events of an incident: what has a lower one than you have seen is older than what you know",
    }),
    stage: StageName,
    previousStage: Type.Union([StageName, Type.Null()], {
      description: "The stage of the event before; null in the first event of an incident",
    }),
    skipped: Type.Array(StageName, { description: "Stages in between that had no event of their own, oldest first" }),
    changed: Type.Array(Type.String(), {
      description: "What differs from the event before; all that was read in the first",
    }),
    status: Type.String({
      description: "Defender's own word: active, inProgress, awaitingAction, resolved, redirected, or newer",
    }),
    owner: Type.Object(
      {
        name: Type.String({ description: 'As Defender has it; "" where nobody is named' }),
        turn: Type.String({ description: "Who has to act: experts, customer, analyst, unassigned, nobody, unknown" }),
      },
      strict,
    ),
    severity: Type.String({ description: "informational, low, medium, high, unknown, or unrecognised" }),
    classification: Type.String({
      description: "truePositive, falsePositive, informationalExpectedActivity, unknown, or unrecognised",
    }),
    determination: Type.String(),
    title: Type.String(),
    description: Type.String(),
    summary: Type.String(),
    resolvingComment: Type.String(),
    tags: Type.Array(Type.String(), { description: "Custom tags of the incident" }),
    dexTags: Type.Array(Type.String(), {
      description: "The tags that dex-sync gives to tickets: dex:stage=…, dex:experts",
    }),
    url: nullable(
      Type.String({ description: "The incident in the Defender portal; null where that is no address of it" }),
    ),
    createdAt: Type.String(),
    updatedAt: Type.String({ description: "When the newest change was made; a stamp that moves alone is none" }),
    stageSince: Type.String(),
    customersTurnSince: nullable(
      Type.String({ description: "When the clock of the handover began; null while it is not your turn" }),
    ),
    isReopened: Type.Boolean(),
    isExpertsWork: Type.Boolean(),
    isNotification: Type.Boolean({ description: "A Defender Experts Notification" }),
    mergedInto: nullable(Type.String({ description: "The incident that goes on in its place" })),
    mergedFrom: Type.Array(Type.String()),
    alertCount: nullable(Type.Integer({ minimum: 0 })),
    pendingApprovals: Type.Integer({ minimum: 0 }),
    pendingTasks: Type.Union([Type.Array(TaskData), Type.Null()], {
      description: "What the experts ask you to do; null where it was not read",
    }),
    comments: Type.Array(CommentData, { description: "Those that no event had before, oldest first" }),
    notification: nullable(NotificationData),
    truncated: Type.Array(Type.String(), {
      description: "What was cut so that the event is small: read it in the portal",
    }),
  },
  { ...strict, title: "The data of an event of dex-sync" },
);

export type EventData = Static<typeof EventDataSchema>;

export const CloudEventSchema = Type.Object(
  {
    specversion: Type.Literal("1.0"),
    id: Type.String({ pattern: "^[0-9a-f]{32}$", description: "The same each time the event is sent: take it once" }),
    source: Type.String({ pattern: "^/dex-sync/tenants/[A-Za-z0-9-]{1,36}$" }),
    type: Type.String({ pattern: "^dexsync\\.incident\\.[a-zA-Z]+$" }),
    subject: Type.String({ description: "The incident's key, the same in every tool: mdx:<tenant>:<incident>" }),
    time: Type.String({ description: "When the newest change was made, by Defender's clock" }),
    datacontenttype: Type.Literal("application/json"),
    sequence: Type.String({
      pattern: "^[0-9]{16}$",
      description: "data.sequence as text that sorts (CloudEvents extension)",
    }),
    data: EventDataSchema,
  },
  { ...strict, title: "An event of dex-sync" },
);

export type CloudEvent = Static<typeof CloudEventSchema>;
