import type { HostLog } from "./core-types.ts";
import type { HostClock } from "./host-clock.ts";
import type { HttpListener } from "./http/start-http.ts";
import type { Invoker } from "./invoker.ts";
import type { LoadedApp } from "./load-app.ts";
import type { ServiceBusTrigger } from "./service-bus/service-bus-trigger.ts";
import type { Timer } from "./timer/timer.ts";

export interface RunningHost {
  readonly app: LoadedApp;
  readonly invoker: Invoker;
  readonly listener: HttpListener;
  readonly timers: readonly Timer[];
  readonly triggers: readonly ServiceBusTrigger[];
  readonly clock: HostClock;
  readonly log: HostLog;
  readonly graceMs: number;
}

/** Takes nothing new, lets what runs run on for the grace time, then ends it all; it never hangs. */
export async function stopHost(host: RunningHost): Promise<void> {
  const { app, log } = host;
  const { registration } = app;
  for (const timer of host.timers) timer.stop();
  const quiet = Promise.all([
    host.listener.drain(),
    host.invoker.idle(),
    ...host.triggers.map((trigger) => trigger.stop()),
  ]);
  if (!(await isDoneWithin(host.graceMs, quiet, host.clock))) {
    log("warning", "Host.Shutdown", `what still runs after ${host.graceMs} ms is left behind`);
  }
  const terminated = registration.runHooks("appTerminate", {
    hookData: registration.appLevelOnlyHookData,
    appHookData: registration.appHookData,
  });
  if (!(await isDoneWithin(host.graceMs, logFailure(terminated, "an appTerminate hook failed", log), host.clock))) {
    log("warning", "Host.Shutdown", "an appTerminate hook did not end in time");
  }
  await Promise.all(
    host.triggers.map((trigger) => logFailure(trigger.close(), "a Service Bus client failed to close", log)),
  );
  host.listener.close();
  app.close();
}

async function isDoneWithin(limitMs: number, work: Promise<unknown>, clock: HostClock): Promise<boolean> {
  let cancel = (): void => undefined;
  const limit = new Promise<boolean>((resolve) => {
    cancel = clock.after(limitMs, () => resolve(false));
  });
  try {
    return await Promise.race([work.then(() => true), limit]);
  } finally {
    cancel();
  }
}

/** The host goes down whatever fails on the way, and says what did. */
async function logFailure(work: Promise<unknown>, what: string, log: HostLog): Promise<void> {
  try {
    await work;
  } catch (error) {
    log("error", "Host.Shutdown", `${what}: ${String(error)}`);
  }
}
