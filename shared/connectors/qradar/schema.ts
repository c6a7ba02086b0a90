import { type Static, type TSchema, Type } from "typebox";

export type WireSchema = TSchema;
/** What a value of a schema is. */
export type Wire<S extends WireSchema> = Static<S>;

/** Only what is used. Source: IBM QRadar RESTful API 26.0. */
const NullableText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const NullableNumber = Type.Optional(Type.Union([Type.Integer(), Type.Null()]));

export const WireOffenseSchema = Type.Object({
  id: Type.Integer({ minimum: 0 }),
  status: Type.String(),
  /** What the rule indexes the offense by: here a property of our events. */
  offense_source: NullableText,
  follow_up: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  closing_reason_id: NullableNumber,
  /** Milliseconds since 1970. */
  last_persisted_time: NullableNumber,
  log_sources: Type.Optional(Type.Union([Type.Null(), Type.Array(Type.Object({ name: NullableText }))])),
});
export type WireOffense = Static<typeof WireOffenseSchema>;
export const WireOffensesSchema = Type.Array(WireOffenseSchema);

export const WireNotesSchema = Type.Array(Type.Object({ note_text: Type.String() }));

export const WireReasonsSchema = Type.Array(
  Type.Object({
    id: Type.Integer(),
    text: Type.String(),
    is_deleted: Type.Optional(Type.Boolean()),
    is_reserved: Type.Optional(Type.Boolean()),
  }),
);
export type WireReason = Static<typeof WireReasonsSchema>[number];

export const WireTableSchema = Type.Object({ name: Type.String() });

export const WireVersionsSchema = Type.Array(
  Type.Object({
    version: Type.String(),
    deprecated: Type.Optional(Type.Boolean()),
    removed: Type.Optional(Type.Boolean()),
  }),
);

/** What setup looks for by its name: log source types and log sources. */
export const WireNamedSchema = Type.Array(
  Type.Object({ id: Type.Integer(), name: Type.String(), coalesce_events: Type.Optional(Type.Boolean()) }),
);
export type WireNamed = Static<typeof WireNamedSchema>[number];
export const WirePropertiesSchema = Type.Array(
  Type.Object({
    identifier: Type.String(),
    name: Type.String(),
    use_for_rule_engine: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  }),
);
export type WireProperty = Static<typeof WirePropertiesSchema>[number];
export const WireLeefExpressionsSchema = Type.Array(
  Type.Object({ regex_property_identifier: NullableText, log_source_type_id: NullableNumber }),
);
export const WireIdentifiedSchema = Type.Object({ identifier: Type.String() });
