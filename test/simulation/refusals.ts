import { hashOf } from "./prng.ts";
import { hostOf } from "./product-config.ts";
import type { Answer, Asked } from "./service.ts";
import type { World } from "./world.ts";

const MINUTE = 60_000;

/** A rule in the tool that turns away what is written to some records, whoever asks how often, until somebody mends it. */
export function startRefusals(world: World): { mend(): void } {
  const { plan, timeline, trace, until, startedAt, services } = world;
  const random = world.random.fork("refusals");
  const rules = new Set<{ readonly end: number }>();
  for (let time = 0; time < plan.operations.refusals; time += 1) {
    timeline.at(random.between(startedAt, until), () => {
      const host = hostOf(random.pick(["servicenow", "servicenow", "sentinel"]), random.pick([...plan.tenants]));
      refuse(host, { status: random.pick([400, 403]), salt: random.int(1_000), share: random.pick([0.5, 1]) });
    });
  }
  return { mend: () => rules.clear() };

  function refuse(host: string, rule: { status: number; salt: number; share: number }): void {
    const service = services.get(host);
    if (service === undefined || world.isCalm()) return;
    trace.fault("records refused");
    trace.note("rule", `${host} refuses with ${rule.status}`);
    const held = { end: timeline.now() + random.pick([5 * MINUTE, 40 * MINUTE, 6 * 60 * MINUTE]) };
    rules.add(held);
    services.set(host, (asked) => {
      const isInForce = rules.has(held) && timeline.now() < held.end;
      return isInForce && isMeant(asked, rule) ? refusal(rule.status) : service(asked);
    });
  }
}

/** Always the same records. */
function isMeant({ method, path, body }: Asked, { salt, share }: { salt: number; share: number }): boolean {
  if (method === "GET") return false;
  const created = (body as { readonly correlation_id?: unknown } | undefined)?.correlation_id;
  const record = method === "POST" && typeof created === "string" ? created : path;
  return hashOf(record, salt) % 100 < share * 100;
}

/** In the words of both tools: only a person makes sense of them. */
function refusal(status: number): Answer {
  return {
    status,
    body: { error: { code: "BadRequest", message: "Data Policy Exception: a field of yours is missing" } },
  };
}
