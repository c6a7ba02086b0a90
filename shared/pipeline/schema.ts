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
      Type.Literal("replay"),
      Type.Literal("sweep"),
      Type.Literal("rebuild"),
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

/** Asks for one poll of one tenant; with `incidents`, for those to be read and published again. With cause `subscription`: for the tenant's bell at Graph to be looked after; with `rebuild`: for a step of one. */
export const PollRequestSchema = Type.Object(
  {
    v: Type.Literal(1),
    tenantId: Id,
    cause: Type.Union([
      Type.Literal("timer"),
      Type.Literal("bell"),
      Type.Literal("look-again"),
      Type.Literal("link"),
      Type.Literal("subscription"),
      Type.Literal("replay"),
      Type.Literal("sweep"),
      Type.Literal("rebuild"),
    ]),
    requestedAt: Type.Integer(),
    incidents: Type.Optional(Type.Array(Id, { maxItems: 100 })),
    /** They are read from the source again, whatever is known of them. */
    reread: Type.Optional(Type.Boolean()),
    /** Bells were missed: a wide window is to be read again. */
    sweep: Type.Optional(Type.Boolean()),
    /** Of one that is asked for again: when the queue was told to bring it. */
    sentFor: Type.Optional(Type.Integer()),
    /** With cause `rebuild`: whose tickets. */
    connector: Type.Optional(Type.String({ minLength: 1, maxLength: 30 })),
  },
  { additionalProperties: false },
);

export type PollRequest = Static<typeof PollRequestSchema>;

/** An operator's order for a backfill. Moments are ISO 8601, or a day. */
export const BackfillOrderSchema = Type.Object(
  {
    since: Type.String({ maxLength: 40 }),
    until: Type.Optional(Type.String({ maxLength: 40 })),
    tenant: Type.Optional(Type.String({ maxLength: 64 })),
    dryRun: Type.Optional(Type.Boolean()),
    /** Why; kept in the log. */
    reason: Type.String({ minLength: 1, maxLength: 500 }),
  },
  { additionalProperties: false },
);

export type BackfillOrder = Static<typeof BackfillOrderSchema>;

const Reason = Type.String({ minLength: 1, maxLength: 500, pattern: "\\S" });
const Name = Type.Optional(Type.String({ minLength: 1, maxLength: 128 }));

/** What an operator may name: all tenants where none is named. */
export const TenantOrderSchema = Type.Object({ tenant: Name, reason: Reason }, { additionalProperties: false });

/** A tenant that is no longer configured; `from`: where the step before left off. */
export const ForgetOrderSchema = Type.Object(
  {
    tenant: Type.String({ pattern: "^[A-Za-z0-9-]{1,36}$" }),
    from: Type.Optional(Type.Integer({ minimum: 0, maximum: 240 })),
    reason: Reason,
  },
  { additionalProperties: false },
);

/** Exactly one of the two. */
export const PauseOrderSchema = Type.Object(
  { tenant: Name, connector: Name, reason: Reason },
  { additionalProperties: false },
);

/** Parked work that fits all that is named; everything only where `all` says so. */
export const ParkedOrderSchema = Type.Object(
  { tenant: Name, incident: Name, connector: Name, all: Type.Optional(Type.Literal(true)), reason: Reason },
  { additionalProperties: false },
);

/** Where a walk goes on, as the step before answered it. */
const Place = Type.Object(
  {
    kind: Type.Union([Type.Literal("open"), Type.Literal("all")]),
    month: Type.Integer({ minimum: 0, maximum: 100 }),
    from: Type.String({ maxLength: 200 }),
  },
  { additionalProperties: false },
);

/** One step of a comparison of a tenant's tickets with what they should show; `from` is what the step before answered. */
export const ReconcileOrderSchema = Type.Object(
  {
    tenant: Type.String({ minLength: 1, maxLength: 64 }),
    since: Type.String({ maxLength: 40 }),
    repair: Type.Optional(Type.Boolean()),
    from: Type.Optional(Place),
    reason: Reason,
  },
  { additionalProperties: false },
);

/** A connector's tickets are compared anew; with `dryRun` a step of what would be written. */
export const RebuildOrderSchema = Type.Object(
  {
    connector: Type.String({ minLength: 1, maxLength: 128 }),
    since: Type.String({ maxLength: 40 }),
    tenant: Name,
    dryRun: Type.Optional(Type.Boolean()),
    from: Type.Optional(Place),
    reason: Reason,
  },
  { additionalProperties: false },
);

export type RebuildOrder = Static<typeof RebuildOrderSchema>;

export type ReconcileOrder = Static<typeof ReconcileOrderSchema>;
export type ForgetOrder = Static<typeof ForgetOrderSchema>;
export type PauseOrder = Static<typeof PauseOrderSchema>;
export type ParkedOrder = Static<typeof ParkedOrderSchema>;

/** What Graph posts to its bell, as far as it is read; each item is checked by itself, so that one bad item spoils no other. */
export const BellBodySchema = Type.Object({ value: Type.Array(Type.Unknown()) });

export type BellBody = Static<typeof BellBodySchema>;

export const BellItemSchema = Type.Object({
  tenantId: Type.String({ minLength: 1, maxLength: 64 }),
  subscriptionId: Type.String({ minLength: 1, maxLength: 128 }),
  /** Compared whatever it is. */
  clientState: Type.Optional(Type.Unknown()),
  /** Of a lifecycle notification only: `reauthorizationRequired`, `subscriptionRemoved`, `missed`. */
  lifecycleEvent: Type.Optional(Type.String({ maxLength: 64 })),
});

export type BellItem = Static<typeof BellItemSchema>;
