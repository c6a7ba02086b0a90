import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  HookName,
  HostLog,
  ProgrammingModel,
} from "./core-types.ts";

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
  /** The copy of the library that registered it and must run it. */
  readonly model: ProgrammingModel;
}

/** Everything one app registered while it was loaded. One per started host, so that two hosts in a process share nothing. */
export interface AppRegistration {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  readonly log: HostLog;
  /** Shared by all invocation hooks, as the worker does. */
  readonly appHookData: Record<string, unknown>;
  /** Shared by the appStart and appTerminate hooks alone. */
  readonly appLevelOnlyHookData: Record<string, unknown>;
  isLoading(): boolean;
  finishLoading(): void;
  addFunction(entry: RegisteredFunction): void;
  removeFunction(name: string): void;
  addHook(name: string, callback: HookCallback): void;
  removeHook(name: string, callback: HookCallback): void;
  /** The hooks one after another, in the order they were registered; the first that throws ends it. */
  runHooks(name: HookName, context: object): Promise<void>;
}

export function createAppRegistration(log: HostLog): AppRegistration {
  const functions = new Map<string, RegisteredFunction>();
  const hooks = {
    appStart: [] as HookCallback[],
    appTerminate: [] as HookCallback[],
    preInvocation: [] as HookCallback[],
    postInvocation: [] as HookCallback[],
  } satisfies Record<HookName, HookCallback[]>;
  let loading = true;

  function hooksOf(name: string): HookCallback[] {
    if (Object.hasOwn(hooks, name)) return hooks[name as HookName];
    // The library recognises exactly this shape of error for a hook that the host does not have.
    throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), { isAzureFunctionsSystemError: true });
  }

  return {
    functions,
    log,
    appHookData: {},
    appLevelOnlyHookData: {},
    isLoading: () => loading,
    finishLoading: () => {
      loading = false;
    },
    addFunction: (entry) => {
      const { name } = entry.metadata;
      if (!loading) throw new Error("A function can only be registered during app startup.");
      if (functions.has(name)) throw new Error(`function "${name}" is registered twice; give one of them another name`);
      functions.set(name, entry);
    },
    removeFunction: (name) => {
      if (!loading) throw new Error("A function can only be disposed during app startup.");
      functions.delete(name);
    },
    addHook: (name, callback) => {
      hooksOf(name).push(callback);
    },
    removeHook: (name, callback) => {
      const list = hooksOf(name);
      const at = list.indexOf(callback);
      if (at >= 0) list.splice(at, 1);
    },
    runHooks: async (name, context) => {
      for (const callback of hooksOf(name).slice()) await callback(context);
    },
  };
}
