import { type Static, Type } from "typebox";

/** Only what is used. Values are documented as strings; a plugin's fields have been seen as numbers, references as objects, empty ones as null. */
const CellSchema = Type.Union([
  Type.String(),
  Type.Number(),
  Type.Boolean(),
  Type.Null(),
  Type.Object({ value: Type.Optional(Type.Union([Type.String(), Type.Null()])) }),
]);

const RowSchema = Type.Record(Type.String(), CellSchema);

export const ListAnswerSchema = Type.Object({ result: Type.Array(RowSchema) });
export const RecordAnswerSchema = Type.Object({ result: RowSchema });
export type WireRow = Static<typeof RowSchema>;

export const TokenAnswerSchema = Type.Object({
  access_token: Type.String({ minLength: 1 }),
  /** Seconds; a string in some releases. */
  expires_in: Type.Optional(Type.Union([Type.Number(), Type.String()])),
});
