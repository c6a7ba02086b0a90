import type { Prng } from "./prng.ts";
import { hostOf, tenantIdOf } from "./product-config.ts";
import type { OperationsRecord } from "./operations-record.ts";
import type { World } from "./world.ts";

const MINUTE = 60_000;
const OTHER_VERSION = 999;
const POLLS = "poll-requests";

/** What no worker can read: on the lanes and on the polls' queue, in the rows that the source lists, and in rows that another version wrote. */
export function startPoison(world: World, record: OperationsRecord): void {
  const { plan, timeline, trace, until, startedAt, broker } = world;
  const { operations } = plan;
  const random = world.random.fork("poison");
  const sometime = (times: number, work: () => void): void => {
    for (let time = 0; time < times; time += 1) {
      timeline.at(random.between(startedAt, until), () => {
        if (!world.isCalm()) work();
      });
    }
  };
  sometime(operations.poisonMessages, sendPoison);
  sometime(operations.poisonRows, () => (random.chance(0.5) ? void garbleState() : garbleSource()));
  sometime(operations.givenUp, () => {
    broker.giveUpNext(random.pick(lanes()));
  });

  function lanes(): readonly [string, ...string[]] {
    const [tenant, ...others] = plan.tenants;
    const kinds = ["itsm", ...(plan.hasSentinel ? ["sentinel"] : []), ...(plan.receiver === undefined ? [] : ["soar"])];
    const of = (name: string): string[] => kinds.map((kind) => `incident-deltas-${kind}-${name}`);
    return [`incident-deltas-itsm-${tenant}`, ...of(tenant), ...others.flatMap(of)];
  }

  /** Before whatever its session gets next. */
  function sendPoison(): void {
    const queue = random.pick([...lanes(), POLLS]);
    const body = bodyOf(random, tenantIdOf(random.pick([...plan.tenants])), record.poison.length);
    trace.fault("poison message");
    const poison = { queue, text: JSON.stringify(body), at: timeline.now(), isGone: false };
    record.poison.push(poison);
    const [session = "shard-0", ...more] = broker.sessionsOf(queue);
    const messageId = `poison-${record.poison.length}`;
    void broker.bus
      .send(queue, [{ messageId, body, ...(queue === POLLS ? {} : { sessionId: random.pick([session, ...more]) }) }])
      .catch(() => {
        poison.isGone = true;
      });
  }

  /** Another version of the product ran for a while, and wrote a row that this one cannot read; then what it wrote is taken back. */
  async function garbleState(): Promise<void> {
    const tenant = random.pick([...world.tenants] as [(typeof world.tenants)[number]]);
    const [first, ...others] = tenant.incidents.keys();
    if (first === undefined) return;
    const partition = `${tenantIdOf(tenant.name)}:${random.pick([first, ...others])}`;
    const row = random.pick(["snapshot", `link:itsm-${tenant.name}`]);
    const { incident } = world.store;
    const before = await incident.get(partition, row);
    if (before === undefined || (before.value as { readonly v: number }).v === OTHER_VERSION) return;
    trace.fault("row of another version");
    trace.note("store", `${partition} ${row} is of another version`);
    const etag = await incident.put(partition, row, { ...(before.value as object), v: OTHER_VERSION }, "any");
    within(random.between(0, 30 * MINUTE), async () => {
      // A state that was lost meanwhile has no such row any more.
      if ((await incident.get(partition, row))?.etag !== etag) return;
      await incident.put(partition, row, before.value, { etag });
      trace.note("store", `${partition} ${row} is as it was`);
    });
  }

  function garbleSource(): void {
    const tenant = random.pick([...world.tenants] as [(typeof world.tenants)[number]]);
    const host = hostOf("graph", tenant.name);
    const service = world.services.get(host);
    const [first, ...others] = tenant.incidents.keys();
    if (service === undefined || first === undefined) return;
    const id = random.pick([first, ...others]);
    const garbled = random.pick([{ lastUpdateDateTime: "soon" }, { createdDateTime: 7 }, { status: null }]);
    let isOver = false;
    trace.fault("source row garbled");
    trace.note("source", `${id} is garbled: ${JSON.stringify(garbled)}`);
    within(random.between(0, 30 * MINUTE), () => {
      isOver = true;
      trace.note("source", `${id} is well again`);
      world.touch();
    });
    world.services.set(host, (asked) => {
      const answer = service(asked);
      return isOver || answer.status !== 200 ? answer : { ...answer, body: withGarbled(answer.body, id, garbled) };
    });
  }

  /** All of it is over before the faults stop. */
  function within(ms: number, work: () => unknown): void {
    timeline.at(Math.min(timeline.now() + ms, until), () => void work());
  }
}

function withGarbled(body: unknown, id: string, garbled: object): unknown {
  const { value, ...rest } = body as { readonly value?: readonly { readonly id: string }[]; readonly id?: string };
  if (value === undefined) return rest.id === id ? { ...rest, ...garbled } : body;
  return { ...rest, value: value.map((row) => (row.id === id ? { ...row, ...garbled } : row)) };
}

function bodyOf(random: Prng, tenantId: string, number: number): unknown {
  const later = { v: 2, tenantId, incidentId: "100", seq: number + 1, cause: "change", n: 0, what: "is new in it" };
  return random.pick([`{"not json ${number}`, later, { ...later, v: 1, seq: "many" }, { number }, null, [number]]);
}
