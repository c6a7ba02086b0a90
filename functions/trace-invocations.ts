import { type InvocationContext, app } from "@azure/functions";
import { TRACE_PROPERTY, inTrace, isTraceParent } from "../shared/trace.ts";

/** Every invocation goes on with the trace that its message came with, or begins its own. */
export function traceInvocations(): void {
  app.hook.preInvocation((hook) => {
    const { functionHandler, invocationContext } = hook;
    const parent = parentOf(invocationContext);
    hook.functionHandler = (...inputs) => inTrace(parent, () => functionHandler(...inputs) as unknown);
  });
}

function parentOf({ triggerMetadata, traceContext }: InvocationContext): unknown {
  const properties = Object.entries(triggerMetadata?.["applicationProperties"] ?? {});
  // The library changes the case of names, nested ones too.
  const carried: unknown = properties.find(([name]) => name.toLowerCase() === TRACE_PROPERTY.toLowerCase())?.[1];
  return isTraceParent(carried) ? carried : traceContext?.traceParent;
}
