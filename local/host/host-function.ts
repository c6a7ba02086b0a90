import type { RegisteredFunction } from "./app-registration.ts";
import type { BindingInfo } from "./core-types.ts";
import { triggerOf } from "./invoker.ts";

/** A function as the host lists it. */
export interface HostFunction {
  readonly name: string;
  readonly bindings: readonly (BindingInfo & { readonly name: string })[];
  readonly isDisabled: boolean;
  /** Why it does not run; the others do. */
  readonly failure?: string;
}

export type TriggerKind = "http" | "timer" | "serviceBus";

const TRIGGERS: Readonly<Record<string, TriggerKind>> = {
  httptrigger: "http",
  timertrigger: "timer",
  servicebustrigger: "serviceBus",
};

/** What starts a function; throws where it has a binding that this host does not have, before anything of it runs. */
export function triggerKindOf(entry: RegisteredFunction): TriggerKind {
  const [triggerName, trigger] = triggerOf(entry) ?? ["", undefined];
  const kind = TRIGGERS[trigger?.type.toLowerCase() ?? ""];
  for (const [name, binding] of Object.entries(entry.metadata.bindings)) {
    const isHttpReturn = kind === "http" && name === "$return" && binding.type.toLowerCase() === "http";
    if ((name === triggerName && kind !== undefined) || isHttpReturn) continue;
    throw new Error(
      `the binding type "${binding.type}" (${binding.direction}) is not registered in the local host; it has httpTrigger with http, timerTrigger and serviceBusTrigger for queues`,
    );
  }
  if (kind === undefined) throw new Error("it has no trigger");
  return kind;
}

export function listedBindings(entry: RegisteredFunction): HostFunction["bindings"] {
  return Object.entries(entry.metadata.bindings).map(([name, binding]) => ({ ...binding, name }));
}
