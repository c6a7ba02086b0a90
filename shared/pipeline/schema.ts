import { type Static, Type } from "typebox";

const Id = Type.String({ pattern: "^[A-Za-z0-9_-]{1,58}$" });

/** Says *that* an incident changed; the snapshot says *what*. Travels on the lanes. */
export const DeltaMessageSchema = Type.Object(
  {
    v: Type.Literal(1),
    tenantId: Id,
    incidentId: Id,
    /** The snapshot this delta announces; a newer one may be there by the time it is read. */
    seq: Type.Integer({ minimum: 1 }),
    cause: Type.Union([
      Type.Literal("change"),
      Type.Literal("retry"),
      Type.Literal("look-again"),
      Type.Literal("verify"),
    ]),
    /** 0 for the first sending, else the number of this copy. */
    n: Type.Integer({ minimum: 0 }),
    from: Type.Optional(Type.String()),
    to: Type.String(),
    changed: Type.Array(Type.String()),
    /** Milliseconds since 1970: by the source's stamp, and when this product saw it. */
    changedAt: Type.Integer(),
    seenAt: Type.Integer(),
    /** When this work first failed, for the limit of 7 days. */
    since: Type.Optional(Type.Integer()),
  },
  { additionalProperties: false },
);

export type DeltaMessage = Static<typeof DeltaMessageSchema>;

/** Asks for one poll of one tenant; with `incidents`, for those to be read and published again. */
export const PollRequestSchema = Type.Object(
  {
    v: Type.Literal(1),
    tenantId: Id,
    cause: Type.Union([Type.Literal("timer"), Type.Literal("bell"), Type.Literal("look-again"), Type.Literal("link")]),
    requestedAt: Type.Integer(),
    incidents: Type.Optional(Type.Array(Id, { maxItems: 100 })),
  },
  { additionalProperties: false },
);

export type PollRequest = Static<typeof PollRequestSchema>;
