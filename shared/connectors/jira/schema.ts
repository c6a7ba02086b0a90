import { type Static, type TSchema, Type } from "typebox";

/** Only what is used, of REST 3 (Cloud) and REST 2 (Data Center) alike. */
export type Shape = TSchema;
export type ValueOf<S extends Shape> = Static<S>;

const StatusSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** `new`, `indeterminate`, `done`; a category of tomorrow counts as none of them. */
  statusCategory: Type.Optional(Type.Object({ key: Type.String() })),
});
export type WireStatus = Static<typeof StatusSchema>;

const NamedSchema = Type.Object({ id: Type.Optional(Type.String()), name: Type.Optional(Type.String()) });

export const IssueSchema = Type.Object({
  id: Type.String({ minLength: 1 }),
  key: Type.String({ minLength: 1 }),
  fields: Type.Object({
    summary: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    /** An Atlassian document on Cloud, wiki markup on Data Center. */
    description: Type.Optional(Type.Unknown()),
    labels: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
    priority: Type.Optional(Type.Union([NamedSchema, Type.Null()])),
    status: StatusSchema,
    resolution: Type.Optional(Type.Union([NamedSchema, Type.Null()])),
    subtasks: Type.Optional(Type.Array(Type.Object({ id: Type.String({ minLength: 1 }) }))),
    issuelinks: Type.Optional(
      Type.Array(
        Type.Object({
          type: Type.Optional(NamedSchema),
          outwardIssue: Type.Optional(Type.Object({ key: Type.String() })),
        }),
      ),
    ),
  }),
  properties: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type WireIssue = Static<typeof IssueSchema>;

export const SearchSchema = Type.Object({ issues: Type.Array(IssueSchema) });
const SampleSchema = Type.Object({ id: Type.String({ minLength: 1 }), key: Type.String({ minLength: 1 }) });
export type WireSample = Static<typeof SampleSchema>;
export const SamplesSchema = Type.Object({ issues: Type.Array(SampleSchema) });
export const CreatedSchema = SampleSchema;

const ScreenFieldSchema = Type.Object({
  name: Type.Optional(Type.String()),
  required: Type.Optional(Type.Boolean()),
  hasDefaultValue: Type.Optional(Type.Boolean()),
  allowedValues: Type.Optional(Type.Array(Type.Unknown())),
});
export type WireScreenField = Static<typeof ScreenFieldSchema>;

const TransitionSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  to: StatusSchema,
  isAvailable: Type.Optional(Type.Boolean()),
  fields: Type.Optional(Type.Record(Type.String(), ScreenFieldSchema)),
});
export type WireTransition = Static<typeof TransitionSchema>;
export const TransitionsSchema = Type.Object({ transitions: Type.Array(TransitionSchema) });

export const CommentSchema = Type.Object({
  id: Type.String(),
  /** Whether a portal's customer sees it; only Cloud says so, and of every project. */
  jsdPublic: Type.Optional(Type.Boolean()),
});
export const CommentsSchema = Type.Object({
  total: Type.Optional(Type.Integer()),
  comments: Type.Array(Type.Object({ body: Type.Optional(Type.Unknown()) })),
});

export const RemoteLinkSchema = Type.Object({ object: Type.Object({ url: Type.String() }) });

export const PermissionsSchema = Type.Object({
  permissions: Type.Record(Type.String(), Type.Object({ havePermission: Type.Boolean() })),
});

export const ProjectSchema = Type.Object({ projectTypeKey: Type.Optional(Type.String()) });
const IssueTypeSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  subtask: Type.Optional(Type.Boolean()),
});
export type WireIssueType = Static<typeof IssueTypeSchema>;
/** Cloud calls the list `issueTypes`, Data Center `values`. */
export const IssueTypesSchema = Type.Object({
  issueTypes: Type.Optional(Type.Array(IssueTypeSchema)),
  values: Type.Optional(Type.Array(IssueTypeSchema)),
});
const CreateFieldSchema = Type.Intersect([ScreenFieldSchema, Type.Object({ fieldId: Type.String() })]);
export type WireCreateField = Static<typeof CreateFieldSchema>;
export const CreateFieldsSchema = Type.Object({
  fields: Type.Optional(Type.Array(CreateFieldSchema)),
  values: Type.Optional(Type.Array(CreateFieldSchema)),
});
export const StatusesSchema = Type.Array(Type.Object({ id: Type.String(), statuses: Type.Array(StatusSchema) }));
export const LinkTypesSchema = Type.Object({ issueLinkTypes: Type.Array(Type.Object({ name: Type.String() })) });
export const ResolutionsSchema = Type.Union([
  Type.Array(Type.Object({ name: Type.String() })),
  Type.Object({ values: Type.Array(Type.Object({ name: Type.String() })) }),
]);

export const FieldsSchema = Type.Array(
  Type.Object({ id: Type.String(), schema: Type.Optional(Type.Object({ custom: Type.Optional(Type.String()) })) }),
);
/** Of Jira Service Management's own API, the same on Cloud and Data Center. */
export const ServiceDesksSchema = Type.Object({
  values: Type.Array(Type.Object({ id: Type.String(), projectKey: Type.String() })),
  isLastPage: Type.Optional(Type.Boolean()),
});
const RequestTypeSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  issueTypeId: Type.Optional(Type.String()),
});
export type WireRequestType = Static<typeof RequestTypeSchema>;
export const RequestTypesSchema = Type.Object({
  values: Type.Array(RequestTypeSchema),
  isLastPage: Type.Optional(Type.Boolean()),
});
