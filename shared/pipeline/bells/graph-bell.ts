import { createHash, timingSafeEqual } from "node:crypto";
import type { TenantId } from "../../incident/incident.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import type { BellRate } from "./bell-rate.ts";
import { digestOf } from "../digest.ts";
import { type BellOutcome, keepBell } from "./keep-bell.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Tables } from "../ports/table.ts";
import { requestPollsForBell } from "../request-polls.ts";
import { requestSubscriptionLooks } from "./request-subscriptions.ts";
import { type BellBody, type BellItem, BellBodySchema, BellItemSchema } from "../schema.ts";
import {
  type KeptSubscription,
  type SubscriptionState,
  changeSubscription,
  readSubscription,
} from "./subscription-state.ts";

export interface GraphBellDeps {
  readonly tenants: readonly TenantId[];
  readonly tables: Tables;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly rate: BellRate;
}

/** "tooMany": more notifications than are looked at in one call. */
export type GraphBellOutcome = BellOutcome | "tooMany";

const MOST_ITEMS = 1_000;
const ROWS_AT_ONCE = 32;
/** Compared in place of what is not there or is no text, so that the same is done whatever is sent. */
const NOTHING = sha256("");
/** Graph sends events in bursts: one that comes so soon after a renewal was sent before it. */
const JUST_RENEWED_MS = 10_000;

interface Checks {
  readonly body: SchemaCheck<BellBody>;
  readonly item: SchemaCheck<BellItem>;
}

let checks: Promise<Checks> | undefined;

/**
 * Notifications of Graph, each believed only with the secret of a subscription that its tenant holds; everything else is dropped and
 * counted. They only ring: neither resource data nor anything encrypted is looked at. Graph is not called from here.
 */
export async function hearGraphBell(deps: GraphBellDeps, body: unknown): Promise<GraphBellOutcome> {
  checks ??= loadChecks();
  const check = await checks;
  const envelope = check.body(body);
  const items = "value" in envelope ? envelope.value.value : [];
  if (items.length > MOST_ITEMS) return "tooMany";
  return await keepBell(deps, async () => {
    const read = items.flatMap((item) => {
      const checked = check.item(item);
      return "value" in checked ? [checked.value] : [];
    });
    const heard = await hear(deps, read);
    const said = heard.believed > 0 ? digestOf([JSON.stringify(body)]) : undefined;
    for (const tenant of heard.rings)
      deps.rate.heard("graph", { tenant, ...(said === undefined ? {} : { body: said }) });
    for (const [tenantId, want] of heard.wants) await noteWant(deps, tenantId, want);
    if (heard.rings.size + heard.sweeps.size > 0) await requestPollsForBell(deps, [...heard.rings], [...heard.sweeps]);
    const dropped = items.length - heard.believed;
    if (dropped > 0 || items.length === 0)
      deps.log.warn("notifications were dropped", { items: items.length, dropped });
  });
}

async function loadChecks(): Promise<Checks> {
  return { body: await loadSchemaCheck(BellBodySchema), item: await loadSchemaCheck(BellItemSchema) };
}

/** What the believed notifications ask for, by tenant. */
interface Heard {
  readonly rings: ReadonlySet<TenantId>;
  readonly sweeps: ReadonlySet<TenantId>;
  readonly wants: ReadonlyMap<TenantId, "renew" | "recreate">;
  readonly believed: number;
}

async function hear(deps: GraphBellDeps, items: readonly BellItem[]): Promise<Heard> {
  const states = await statesOf(deps, items);
  const rings = new Set<TenantId>();
  const sweeps = new Set<TenantId>();
  const wants = new Map<TenantId, "renew" | "recreate">();
  let believed = 0;
  for (const item of items) {
    const holder = states.get(item.tenantId.toLowerCase());
    // Compared for unknown tenants too: the same is done whatever is sent.
    const isBelieved = isGenuine(item, holder?.state, deps.clock.now());
    if (holder === undefined || !isBelieved) continue;
    believed += 1;
    const { tenantId, state } = holder;
    const isCurrent = state.current?.id === item.subscriptionId;
    if (item.lifecycleEvent === undefined) rings.add(tenantId);
    else if (item.lifecycleEvent === "missed") sweeps.add(tenantId);
    else if (item.lifecycleEvent === "subscriptionRemoved" && isCurrent) wants.set(tenantId, "recreate");
    else if (item.lifecycleEvent === "reauthorizationRequired" && isCurrent && !wants.has(tenantId)) {
      wants.set(tenantId, "renew");
    }
  }
  return { rings, sweeps, wants, believed };
}

interface Holder {
  readonly tenantId: TenantId;
  readonly state: SubscriptionState;
}

/** By the id in small letters. Only tenants of the configuration are looked up: what somebody sends costs no more than they do. */
async function statesOf(deps: GraphBellDeps, items: readonly BellItem[]): Promise<ReadonlyMap<string, Holder>> {
  const named = new Set(items.map((item) => item.tenantId.toLowerCase()));
  const tenants = deps.tenants.filter((tenantId) => named.has(tenantId));
  const holders = new Map<string, Holder>();
  for (let from = 0; from < tenants.length; from += ROWS_AT_ONCE) {
    await Promise.all(
      tenants.slice(from, from + ROWS_AT_ONCE).map(async (tenantId) => {
        const { state } = await readSubscription(deps.tables.control, tenantId);
        holders.set(tenantId, { tenantId, state });
      }),
    );
  }
  return holders;
}

/** Whether the sender knows the secret of a subscription that its tenant holds. Without one nobody does. */
function isGenuine(item: BellItem, state: SubscriptionState | undefined, now: number): boolean {
  const kept = [state?.current, state?.previous].find((candidate) => candidate?.id === item.subscriptionId);
  const isHeld = kept !== undefined && kept.expiresAt > now;
  const isSame = timingSafeEqual(
    typeof item.clientState === "string" ? sha256(item.clientState) : NOTHING,
    isHeld ? digestIn(kept) : NOBODY,
  );
  return isHeld && isSame;
}

/** What no text has as its digest, as far as anybody can find out. */
const NOBODY = Buffer.alloc(32);

function digestIn(kept: KeptSubscription): Buffer {
  const digest = Buffer.from(kept.stateDigest, "hex");
  return digest.byteLength === 32 ? digest : NOBODY;
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}

/** Kept on the row, where the timer finds it, and looked after at once; a burst of events is one write and one look. */
async function noteWant(deps: GraphBellDeps, tenantId: TenantId, want: "renew" | "recreate"): Promise<void> {
  const noted = await changeSubscription(deps.tables.control, tenantId, (state) => {
    if (state.wants === want || state.wants === "recreate" || state.current === undefined) return undefined;
    return want === "renew" && isJustRenewed(state.current, deps.clock.now()) ? undefined : { ...state, wants: want };
  });
  if (noted === undefined) return;
  await requestSubscriptionLooks(deps, [tenantId], want);
  deps.log.info("Graph asked to look after a subscription", { tenantId, want });
}

function isJustRenewed({ createdAt, renewedAt }: KeptSubscription, now: number): boolean {
  return renewedAt > createdAt && now - renewedAt < JUST_RENEWED_MS;
}
