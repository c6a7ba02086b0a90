import { randomUUID } from "node:crypto";
import type { AppRegistration, RegisteredFunction } from "./app-registration.ts";
import type {
  CoreInvocationContext,
  FunctionCallback,
  InvocationRequest,
  InvocationResponse,
  TypedData,
} from "./core-types.ts";
import type { HostClock } from "./host-clock.ts";

export interface InvocationInput {
  readonly trigger: TypedData;
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  readonly retryContext?: InvocationRequest["retryContext"];
  readonly invocationId?: string;
  readonly traceParent?: string | undefined;
}

export interface InvocationOutcome {
  readonly response: InvocationResponse;
  /** What the function itself returned: a response that was streamed leaves no trace in `response`. */
  readonly returned: unknown;
}

export interface Invoker {
  /** Rejects with what the function threw. */
  invoke(entry: RegisteredFunction, input: InvocationInput): Promise<InvocationOutcome>;
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

export function createInvoker(registration: AppRegistration, clock: HostClock, timeoutMs: number | undefined): Invoker {
  const running = new Set<Promise<unknown>>();
  const { log } = registration;

  async function run(entry: RegisteredFunction, request: InvocationRequest): Promise<InvocationOutcome> {
    const { name } = entry.metadata;
    const startedAt = clock.now();
    log("debug", `Function.${name}`, `Executing 'Functions.${name}' (Id=${request.invocationId})`);
    try {
      const outcome = await withinTimeout(entry, request);
      log("debug", `Function.${name}`, `Executed 'Functions.${name}' (Succeeded, ${clock.now() - startedAt} ms)`);
      return outcome;
    } catch (error) {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log(
        "error",
        `Function.${name}`,
        `Executed 'Functions.${name}' (Failed, ${clock.now() - startedAt} ms): ${detail}`,
      );
      throw error;
    }
  }

  /** The real host ends the worker's process at functionTimeout; here the invocation counts as failed and its code runs on. */
  async function withinTimeout(entry: RegisteredFunction, request: InvocationRequest): Promise<InvocationOutcome> {
    if (timeoutMs === undefined) return invokeAsWorker(entry, request);
    let cancel = (): void => undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      cancel = clock.after(timeoutMs, () =>
        reject(
          new Error(`Timeout value of ${timeoutMs} ms was exceeded by function: Functions.${entry.metadata.name}`),
        ),
      );
    });
    try {
      return await Promise.race([invokeAsWorker(entry, request), timeout]);
    } finally {
      cancel();
    }
  }

  /** The order of the Node.js worker's InvocationHandler, step by step. */
  async function invokeAsWorker(entry: RegisteredFunction, request: InvocationRequest): Promise<InvocationOutcome> {
    const { metadata } = entry;
    const core: CoreInvocationContext = {
      invocationId: request.invocationId,
      metadata,
      request,
      state: undefined,
      log: (level, category, message) =>
        log(level, category === "user" ? `Function.${metadata.name}.User` : `Function.${metadata.name}`, message),
    };
    const model = await entry.model.getInvocationModel(core);
    const { context, inputs } = await model.getArguments();
    const shared = { hookData: {}, appHookData: registration.appHookData, invocationContext: context };
    const before: { inputs: unknown[]; functionCallback: FunctionCallback } = {
      ...shared,
      inputs,
      functionCallback: entry.callback,
    };
    await inState(core, "preInvocationHooks", () => registration.runHooks("preInvocation", before));

    const after: { inputs: unknown[]; result: unknown; error: unknown } = {
      ...shared,
      inputs: before.inputs,
      result: null,
      error: null,
    };
    try {
      after.result = await inState(core, "invocation", () =>
        model.invokeFunction(context, before.inputs, before.functionCallback),
      );
    } catch (error) {
      after.error = error;
    }
    await inState(core, "postInvocationHooks", () => registration.runHooks("postInvocation", after));
    if (after.error !== null && after.error !== undefined) throw after.error;
    return { response: await model.getResponse(context, after.result), returned: after.result };
  }

  return {
    invoke: async (entry, input) => {
      const triggerName = triggerOf(entry)?.[0] ?? "";
      const promise = run(entry, {
        invocationId: input.invocationId ?? randomUUID(),
        inputData: [{ name: triggerName, data: input.trigger }],
        triggerMetadata: input.triggerMetadata ?? {},
        retryContext: input.retryContext,
        traceContext: { traceParent: input.traceParent ?? newTraceParent() },
      });
      running.add(promise);
      try {
        return await promise;
      } finally {
        running.delete(promise);
      }
    },
    idle: async () => {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}

/** Name and registration of the binding that starts the function. */
export function triggerOf(
  entry: RegisteredFunction,
): [string, RegisteredFunction["metadata"]["bindings"][string]] | undefined {
  return Object.entries(entry.metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type));
}

async function inState<Result>(
  core: CoreInvocationContext,
  state: NonNullable<CoreInvocationContext["state"]>,
  step: () => Promise<Result>,
): Promise<Result> {
  core.state = state;
  try {
    return await step();
  } finally {
    core.state = undefined;
  }
}

/** From ids, which Node makes in advance: random bytes one by one cost a call to the system each. */
function newTraceParent(): string {
  return `00-${hexId()}-${hexId().slice(0, 16)}-00`;
}

function hexId(): string {
  return randomUUID().replaceAll("-", "");
}
