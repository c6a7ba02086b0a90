import net from "node:net";
import { type AppRegistration, createAppRegistration } from "./app-registration.ts";
import { registerInto } from "./core-module.ts";
import type { HostLog, ProgrammingModel } from "./core-types.ts";

export interface LoadedApp {
  readonly registration: AppRegistration;
  /** Where a library that streams takes HTTP requests, on 127.0.0.1; absent where it does not stream. */
  streamPort(model: ProgrammingModel): number | undefined;
  close(): void;
}

/** Loads the app, asks its library what it can do (which locks `app.setup`), then runs the appStart hooks. */
export async function loadApp(load: () => Promise<void> | void, log: HostLog): Promise<LoadedApp> {
  const registration = createAppRegistration(log);
  await registerInto(registration, load);
  if (registration.functions.size === 0) {
    throw new Error(
      "the app registered no function: check that load() imports it, and that nothing used @azure/functions' `app` before the host started",
    );
  }
  const servers: net.Server[] = [];
  try {
    const streamPorts = await openStreams(registration, servers);
    await registration.runHooks("appStart", {
      hookData: registration.appLevelOnlyHookData,
      appHookData: registration.appHookData,
      functionAppDirectory: process.cwd(),
    });
    return { registration, streamPort: (model) => streamPorts.get(model), close: () => closeAll(servers) };
  } catch (error) {
    closeAll(servers);
    throw error;
  }
}

async function openStreams(
  registration: AppRegistration,
  servers: net.Server[],
): Promise<ReadonlyMap<ProgrammingModel, number>> {
  const streamPorts = new Map<ProgrammingModel, number>();
  for (const model of new Set([...registration.functions.values()].map((entry) => entry.model))) {
    const { capabilities, opened } = listeningOnLoopback(() => model.getCapabilities({}));
    servers.push(...opened);
    const uri = (await capabilities)["HttpUri"];
    if (uri === undefined) continue;
    if (opened.length === 0) {
      registration.log("warning", "Host.Startup", "the library's HTTP stream listener could not be kept to 127.0.0.1");
    }
    streamPorts.set(model, Number(new URL(uri).port));
  }
  return streamPorts;
}

function closeAll(servers: readonly net.Server[]): void {
  for (const server of servers) {
    server.close();
    if ("closeAllConnections" in server && typeof server.closeAllConnections === "function") {
      server.closeAllConnections();
    }
  }
}

/** With `enableHttpStream` the library listens on every network interface and asks for no key; here nothing may leave this machine. */
function listeningOnLoopback<Result>(run: () => Result): { capabilities: Result; opened: readonly net.Server[] } {
  const opened: net.Server[] = [];
  const prototype = net.Server.prototype as { listen: (this: net.Server, ...args: unknown[]) => net.Server };
  const original = prototype.listen;
  prototype.listen = function listenOnLoopback(this: net.Server, ...args: unknown[]): net.Server {
    opened.push(this);
    const [first] = args;
    const wildcard = first === undefined || typeof first === "function";
    return wildcard ? original.call(this, { port: 0, host: "127.0.0.1" }, ...args) : original.apply(this, args);
  };
  try {
    return { capabilities: run(), opened };
  } finally {
    prototype.listen = original;
  }
}
