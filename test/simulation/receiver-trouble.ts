import type { Operator } from "./operator.ts";
import { hashOf } from "./prng.ts";
import { type TenantName, hostOf, receiverIdOf } from "./product-config.ts";
import type { Answer, Asked } from "./service.ts";
import type { World } from "./world.ts";

const MINUTE = 60_000;
/** As long as another tool is away at most. */
const LONGEST_MS = 4 * 60 * MINUTE;
/** Whoever owns the receiver says that it is there again, and somebody at the desk hears of it. */
const TOLD_MS = 20 * MINUTE;

/** Outages of the receivers of events; and where somebody is at the operator's desk, answers that only a person mends. */
export function startReceiverTrouble(world: World, operator: Operator | undefined): { mend(): void } {
  const { plan, timeline, trace, until, startedAt, tenants, network } = world;
  const held = new Set<() => void>();
  if (plan.receiver === undefined) return { mend };
  const random = world.random.fork("receiver trouble");
  const sometime = (times: number, work: (tenant: TenantName, lengthMs: number) => void): void => {
    for (let time = 0; time < times; time += 1) {
      const tenant = random.pick([...plan.tenants]);
      const lengthMs = Math.min(LONGEST_MS, random.pick([3 * MINUTE, plan.activeMs / 4, plan.activeMs / 2]));
      timeline.at(random.between(startedAt, until), () => {
        if (!world.isCalm()) work(tenant, lengthMs);
      });
    }
  };
  // Long enough that several changes of an incident come together, where it is away at all.
  sometime(plan.receiver.outages, (tenant, lengthMs) => {
    trace.fault("outage of receiver");
    network.fail(hostOf("receiver", tenant), timeline.now() + lengthMs);
  });
  sometime(plan.receiver.gone, (tenant, lengthMs) => {
    trace.fault("receiver gone");
    const isToldSoon = random.chance(0.5);
    answerOtherwise(
      tenant,
      lengthMs,
      () => ({ status: 410, body: "" }),
      () => {
        // Else it is at the end of the day that somebody looks why nothing comes.
        if (isToldSoon) timeline.after(random.between(0, TOLD_MS), () => operator?.resume(receiverIdOf(tenant)));
      },
    );
    operator?.holdsUntilTheEnd(receiverIdOf(tenant));
  });
  sometime(plan.receiver.refusals, (tenant, lengthMs) => {
    trace.fault("events refused");
    const salt = random.int(1_000);
    const status = random.pick([400, 422]);
    answerOtherwise(tenant, lengthMs, ({ body }) => {
      const { subject = "" } = body as { readonly subject?: string };
      return hashOf(subject, salt) % 2 === 0 ? { status, body: "a field is missing" } : undefined;
    });
  });
  return { mend };

  function mend(): void {
    for (const end of held) end();
  }

  function answerOtherwise(
    tenant: TenantName,
    lengthMs: number,
    rule: (asked: Asked) => Answer | undefined,
    onMended: () => void = () => undefined,
  ): void {
    const rules = tenants.find(({ name }) => name === tenant)?.receiver?.rules;
    rules?.add(rule);
    const end = (): void => {
      held.delete(end);
      if (rules?.delete(rule) !== true) return;
      trace.note("receiver", `${receiverIdOf(tenant)} is well again`);
      onMended();
    };
    held.add(end);
    timeline.after(lengthMs, end);
  }
}
