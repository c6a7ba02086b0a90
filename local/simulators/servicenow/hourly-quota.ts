import type { SimulatorClock } from "../clock.ts";
import type { Reply } from "../http/message.ts";
import { sysIdFrom } from "./directory.ts";
import type { ServiceNowBehaviour } from "./servicenow-behaviour.ts";
import { failure } from "./servicenow-reply.ts";

/** The rate limit rule of the instance. Undefined lets a call through. */
export function createHourlyQuota(clock: SimulatorClock, behaviour: ServiceNowBehaviour): () => Reply | undefined {
  let windowStart = clock.now();
  let used = 0;
  return () => {
    const now = clock.now();
    const windowMs = behaviour.quotaWindowS * 1000;
    if (now - windowStart >= windowMs || now < windowStart) {
      windowStart = now;
      used = 0;
    }
    used += 1;
    if (behaviour.quotaPerHour === 0 || used <= behaviour.quotaPerHour) return undefined;
    const reset = windowStart + windowMs;
    const detail = `Rate limit of ${behaviour.quotaPerHour} requests per hour for Table API exceeded`;
    return failure(429, "Rate limit exceeded", detail, {
      "retry-after": String(Math.max(1, Math.ceil((reset - now) / 1000))),
      "x-ratelimit-limit": String(behaviour.quotaPerHour),
      "x-ratelimit-reset": String(Math.ceil(reset / 1000)),
      "x-ratelimit-rule": sysIdFrom("rate limit rule"),
    });
  };
}
