import type { AppRegistration, RegisteredFunction } from "./app-registration.ts";
import { type AppSettings, isDisabled } from "./app-settings.ts";
import type { BindingInfo, HostLog } from "./core-types.ts";
import type { HostClock } from "./host-clock.ts";
import { type HostFunction, listedBindings, triggerKindOf } from "./host-function.ts";
import type { ServiceBusConfig } from "./host-json.ts";
import type { HttpFront } from "./http/http-front.ts";
import { type Invoker, triggerOf } from "./invoker.ts";
import { type TriggerPlan, readTriggerPlan } from "./service-bus/trigger-plan.ts";
import { type Timer, type TimerStore, createTimer } from "./timer/timer.ts";

export interface WiringDeps {
  readonly front: HttpFront;
  readonly invoker: Invoker;
  readonly settings: AppSettings;
  readonly serviceBus: ServiceBusConfig;
  readonly serviceBusConnection: string | undefined;
  readonly store: TimerStore;
  readonly clock: HostClock;
  readonly log: HostLog;
}

export interface WiredFunctions {
  readonly functions: readonly HostFunction[];
  readonly timers: ReadonlyMap<string, Timer>;
  readonly queues: ReadonlyMap<string, { readonly entry: RegisteredFunction; readonly plan: TriggerPlan }>;
  /** Runs a function now with this text as its trigger's input; undefined where it is started by its own route only. */
  readonly startNow: (name: string, input: string) => Promise<unknown> | undefined;
}

/** Makes of each registered function what its trigger needs. One that cannot be wired fails alone, with a line that says why. */
export function wireFunctions(registration: AppRegistration, deps: WiringDeps): WiredFunctions {
  const timers = new Map<string, Timer>();
  const queues = new Map<string, { readonly entry: RegisteredFunction; readonly plan: TriggerPlan }>();

  function wire(entry: RegisteredFunction): HostFunction {
    const { name } = entry.metadata;
    const listed = { name, bindings: listedBindings(entry), isDisabled: isDisabled(name, deps.settings) };
    if (listed.isDisabled) return listed;
    try {
      wireTrigger(entry);
      return listed;
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      deps.log("error", "Host.Startup", `The '${name}' function is in error and does not run: ${failure}`);
      return { ...listed, failure };
    }
  }

  function wireTrigger(entry: RegisteredFunction): void {
    const kind = triggerKindOf(entry);
    const { name } = entry.metadata;
    const binding: BindingInfo = triggerOf(entry)?.[1] ?? { type: "", direction: "in" };
    if (kind === "http") deps.front.add(entry, binding);
    else if (kind === "timer") timers.set(name, createTimer(entry, binding, deps));
    else
      queues.set(name, {
        entry,
        plan: readTriggerPlan(binding, deps.serviceBus, deps.settings, deps.serviceBusConnection),
      });
  }

  const entries = [...registration.functions.values()];
  entries.forEach(refuseRetry);
  return {
    functions: entries.map(wire),
    timers,
    queues,
    startNow: (name, input) => {
      const queue = queues.get(name);
      if (queue !== undefined) return deps.invoker.invoke(queue.entry, { trigger: { string: input } });
      return timers.get(name)?.runNow();
    },
  };
}

/** The real host ignores a retry policy on these triggers, without a word: whoever relies on one learns it from an outage. */
function refuseRetry(entry: RegisteredFunction): void {
  const type = triggerOf(entry)?.[1].type ?? "";
  if (entry.metadata.retryOptions === undefined || type.toLowerCase() === "timertrigger") return;
  throw new Error(
    `function "${entry.metadata.name}" has a retry policy, which Functions does not apply to a ${type}; take it out, and schedule a copy of the message where it should wait`,
  );
}
