import type { SubscriptionApi, WantedSubscription } from "../shared/pipeline/ports/subscriptions.ts";

export interface FakeSubscriptions extends SubscriptionApi {
  /** Every call, in order: `create`, `renew <id>`, `remove <id>`. */
  readonly calls: string[];
  /** What each creation asked for, the secrets included. */
  readonly wanted: WantedSubscription[];
  readonly held: Map<string, { readonly clientState: string; readonly expiresAt: number }>;
  /** A status that the next creations are refused with; undefined: none. */
  refusal: number | undefined;
  /** Thrown by the next calls, one each. */
  readonly failures: Error[];
  /** Runs while a call is under way. */
  during: () => Promise<unknown>;
}

/** The source's subscriptions in memory. */
export function createFakeSubscriptions(): FakeSubscriptions {
  const fake: FakeSubscriptions = {
    calls: [],
    wanted: [],
    held: new Map(),
    refusal: undefined,
    failures: [],
    during: () => Promise.resolve(),
    async create(wanted) {
      await called("create");
      fake.wanted.push(wanted);
      if (fake.refusal !== undefined) return { refused: fake.refusal };
      const id = `subscription-${fake.wanted.length}`;
      fake.held.set(id, { clientState: wanted.clientState, expiresAt: wanted.until });
      return { id, expiresAt: wanted.until };
    },
    async renew(id, until) {
      await called(`renew ${id}`);
      const held = fake.held.get(id);
      if (held === undefined) return "gone";
      fake.held.set(id, { ...held, expiresAt: until });
      return { expiresAt: until };
    },
    async remove(id) {
      await called(`remove ${id}`);
      fake.held.delete(id);
    },
  };
  return fake;

  async function called(call: string): Promise<void> {
    fake.calls.push(call);
    await fake.during();
    const failure = fake.failures.shift();
    if (failure !== undefined) throw failure;
  }
}
