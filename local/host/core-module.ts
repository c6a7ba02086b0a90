import Module from "node:module";
import type { AppRegistration } from "./app-registration.ts";
import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  LogCategory,
  LogLevel,
  ProgrammingModel,
} from "./core-types.ts";

/** What the app reads as the versions of the worker and of the host it runs on. */
export const HOST_VERSION = "4.1037.0";
const WORKER_VERSION = "3.12.0";

/** The hook below is one for the process, so is what it serves: kept where every copy of this file finds the same one. */
interface CoreModuleState {
  registration: AppRegistration | undefined;
  /** Ends with the load under way: an app registers by import, so two cannot be told apart at the same time. */
  loads: Promise<void>;
}
const STATE = Symbol.for("dex-sync.local-host.core-module");

interface Requiring {
  require: (this: unknown, id: string) => unknown;
}

/**
 * Supplies `@azure/functions-core` to every CommonJS `require` of this process, as the Functions worker does: there is no such package to install.
 * Works for a bundle and for the library itself, since both ask for it by `require`, and only when the first function is registered.
 */
function installCoreModule(): CoreModuleState {
  const owner = globalThis as { [STATE]?: CoreModuleState };
  if (owner[STATE] !== undefined) return owner[STATE];
  const state: CoreModuleState = { registration: undefined, loads: Promise.resolve() };
  const prototype = Module.prototype as Requiring;
  const original = prototype.require;
  prototype.require = function requireWithCore(this: unknown, id: string): unknown {
    return id === "@azure/functions-core" ? createCoreApi(state) : original.call(this, id);
  };
  owner[STATE] = state;
  return state;
}

/** Runs `load` so that whatever it registers goes to `registration`, and nowhere else. */
export async function registerInto(registration: AppRegistration, load: () => Promise<void> | void): Promise<void> {
  const state = installCoreModule();
  const previous = state.loads;
  let finish = (): void => undefined;
  state.loads = new Promise((resolve) => {
    finish = resolve;
  });
  await previous;
  state.registration = registration;
  try {
    await load();
  } finally {
    registration.finishLoading();
    finish();
  }
}

/** One for each copy of the library, so that a function is run by the copy that registered it. */
function createCoreApi(state: CoreModuleState): object {
  let model: ProgrammingModel | undefined;

  function current(): AppRegistration {
    if (state.registration !== undefined) return state.registration;
    throw new Error("no app is being loaded: functions and hooks are registered from startHost's load()");
  }

  return {
    version: WORKER_VERSION,
    hostVersion: HOST_VERSION,
    setProgrammingModel: (next: ProgrammingModel) => {
      model = next;
    },
    getProgrammingModel: () => model,
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) => {
      const registration = current();
      if (model === undefined) throw new Error(`function "${metadata.name}" was registered before a programming model`);
      registration.addFunction({ metadata, callback, model });
      return new Disposable(() => registration.removeFunction(metadata.name));
    },
    registerHook: (name: string, callback: HookCallback) => {
      const registration = current();
      registration.addHook(name, callback);
      return new Disposable(() => registration.removeHook(name, callback));
    },
    log: (level: LogLevel, category: LogCategory, message: string) => {
      state.registration?.log(level, category === "user" ? "Function.User" : "Worker", message);
    },
    Disposable,
  };
}

/** Part of the module's contract: apps dispose of what they registered. */
class Disposable {
  #dispose: (() => void) | undefined;

  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }

  static from(...items: { dispose(): void }[]): Disposable {
    return new Disposable(() => {
      for (const item of items) item.dispose();
    });
  }

  dispose(): void {
    const dispose = this.#dispose;
    this.#dispose = undefined;
    dispose?.();
  }
}
