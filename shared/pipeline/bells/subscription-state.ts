import type { TenantId } from "../../incident/incident.ts";
import { SUBSCRIPTION_ROW } from "../keys.ts";
import type { PushOverview } from "../overview/overview.ts";
import { ConflictError, type ETag, type Table } from "../ports/table.ts";

/** One row per tenant: the subscription that rings the bell, and what becomes of it. Its secret is not here, only the digest. */
export interface SubscriptionState {
  readonly v: 1;
  readonly current?: KeptSubscription | undefined;
  /** The one before: what it still sends is believed until it expires. */
  readonly previous?: KeptSubscription | undefined;
  /** Asked for by Graph; answered with the next look. */
  readonly wants?: "renew" | "recreate" | undefined;
  /** "none": nothing is asked for, `lastError` says why. "refused": Graph will not notify of this; the timer reads. */
  readonly status: "none" | "active" | "refused" | "failing";
  /** What the status is about: asked for anew where the configuration says something else. */
  readonly asked?: AskedFor | undefined;
  /** The next look that is due by itself: half of a subscription's life, or the end of a pause. */
  readonly nextTryAt: number;
  /** Failures in a row. */
  readonly strikes: number;
  /** Static words and a status; never what Graph said. */
  readonly lastError: string;
  /** When the status became what it is. */
  readonly since: number;
  /** Somebody is calling Graph about this, until then at most. */
  readonly claim?: { readonly by: string; readonly until: number } | undefined;
}

export interface AskedFor {
  readonly resource: string;
  /** "" where no public address was known. */
  readonly notificationUrl: string;
}

export interface KeptSubscription extends AskedFor {
  readonly id: string;
  /** SHA-256 of the client state, in hex. */
  readonly stateDigest: string;
  readonly createdAt: number;
  readonly renewedAt: number;
  readonly expiresAt: number;
}

export interface HeldSubscription {
  readonly state: SubscriptionState;
  /** Undefined where there is no row yet. */
  readonly etag: ETag | undefined;
}

const NO_SUBSCRIPTION: SubscriptionState = {
  v: 1,
  status: "none",
  nextTryAt: 0,
  strikes: 0,
  lastError: "",
  since: 0,
};

export async function readSubscription(control: Table, tenantId: TenantId): Promise<HeldSubscription> {
  const row = await control.get(tenantId, SUBSCRIPTION_ROW);
  return row === undefined
    ? { state: NO_SUBSCRIPTION, etag: undefined }
    : { state: row.value as SubscriptionState, etag: row.etag };
}

/** Writes what `change` makes of the row as it is now; `undefined` leaves it. Looks again where another wrote meanwhile. */
export async function changeSubscription(
  control: Table,
  tenantId: TenantId,
  change: (state: SubscriptionState) => SubscriptionState | undefined,
): Promise<SubscriptionState | undefined> {
  for (;;) {
    const { state, etag } = await readSubscription(control, tenantId);
    const changed = change(state);
    if (changed === undefined) return undefined;
    try {
      await control.put(tenantId, SUBSCRIPTION_ROW, changed, etag === undefined ? "absent" : { etag });
      return changed;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

/** For health and the page; undefined where nothing was asked for. */
export function pushOf({ asked, current, ...state }: SubscriptionState, now: number): PushOverview | undefined {
  if ((asked?.resource ?? "") === "") return undefined;
  const isOver = state.status === "active" && (current === undefined || current.expiresAt <= now);
  return {
    isOn: state.status === "active" && !isOver,
    reason: isOver ? "the subscription was not renewed in time" : state.lastError,
    since: state.since,
  };
}
