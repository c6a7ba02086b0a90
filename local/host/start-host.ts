import type { AppSettings } from "./app-settings.ts";
import type { HostLog } from "./core-types.ts";
import { type HostClock, createSystemClock } from "./host-clock.ts";
import type { HostFunction } from "./host-function.ts";
import { type HostConfig, readHostJson } from "./host-json.ts";
import { answerAdmin, isAdminPath } from "./http/admin-front.ts";
import { type AuthorizationMode, createHttpFront } from "./http/http-front.ts";
import { type HostKeys, createKeyRing } from "./http/keys.ts";
import { DEFAULT_HTTP_LIMITS, type HttpLimits, startHttp } from "./http/start-http.ts";
import { createInvoker } from "./invoker.ts";
import { type LoadedApp, loadApp } from "./load-app.ts";
import { type ServiceBusTrigger, startServiceBusTrigger } from "./service-bus/service-bus-trigger.ts";
import { stopHost } from "./stop-host.ts";
import { createForgetfulTimerStore } from "./timer/forgetful-timer-store.ts";
import type { TimerStore } from "./timer/timer.ts";
import { wireFunctions } from "./wire-functions.ts";

export interface HostOptions {
  /** Loads the app, so that it registers its functions. */
  readonly load: () => Promise<void> | void;
  /** The parsed host.json. */
  readonly hostJson: unknown;
  /** 0 takes a free one. */
  readonly httpPort: number;
  /** App settings for `%NAME%` and connections; the host does not put them into process.env. */
  readonly settings: AppSettings;
  /** Goes before the connection that a trigger names. */
  readonly serviceBusConnection?: string | undefined;
  readonly keys: HostKeys;
  /** `loopback` waives keys of level function for this machine's own tools and our own page, as Core Tools does for anyone. */
  readonly authorization: AuthorizationMode;
  readonly log: HostLog;
  /** Where timers keep their last run; without it a run missed while the host was down is not noticed. */
  readonly timerStore?: TimerStore | undefined;
  readonly clock?: HostClock | undefined;
  readonly httpLimits?: Partial<HttpLimits> | undefined;
  /** How long `stop` lets invocations run on; 5 seconds. */
  readonly stopGraceMs?: number | undefined;
}

export interface Host {
  readonly url: string;
  readonly functions: readonly HostFunction[];
  /** Runs a timer function now, or joins its run under way; rejects where the run fails. */
  invokeTimer(name: string): Promise<void>;
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 5000;

/** Runs an app of `@azure/functions` v4 on this machine as Azure would: HTTP, timers, Service Bus queues. Listens on 127.0.0.1 alone. */
export async function startHost(options: HostOptions): Promise<Host> {
  const config = readHostJson(options.hostJson);
  const app = await loadApp(options.load, options.log);
  try {
    return await startLoaded(app, config, options);
  } catch (error) {
    app.close();
    throw error;
  }
}

async function startLoaded(app: LoadedApp, config: HostConfig, options: HostOptions): Promise<Host> {
  const { log, settings } = options;
  const clock = options.clock ?? createSystemClock();
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.httpLimits };
  const keys = createKeyRing(options.keys);
  const invoker = createInvoker(app.registration, clock, config.functionTimeoutMs);
  let port = options.httpPort;
  let isStopping = false;
  const front = createHttpFront({
    routePrefix: config.routePrefix,
    keys,
    authorization: options.authorization,
    maxBodyBytes: limits.maxBodyBytes,
    invoker,
    streamPort: (entry) => app.streamPort(entry.model),
    port: () => port,
  });
  const { functions, timers, queues, startNow } = wireFunctions(app.registration, {
    front,
    invoker,
    settings,
    serviceBus: config.serviceBus,
    serviceBusConnection: options.serviceBusConnection,
    store: options.timerStore ?? createForgetfulTimerStore(),
    clock,
    log,
  });
  const admin = { keys, functions, startedAt: clock.now(), now: () => clock.now(), startNow };

  const listener = await startHttp({ port, limits, log }, async (request, response, url) => {
    if (isStopping) response.writeHead(503, { connection: "close" }).end();
    else if (isAdminPath(url.pathname)) await answerAdmin(admin, request, response, url);
    else await front.handle(request, response, url);
  });
  port = listener.port;
  const triggers: ServiceBusTrigger[] = [];
  const graceMs = options.stopGraceMs ?? STOP_GRACE_MS;
  const running = { app, invoker, listener, timers: [...timers.values()], triggers, clock, log, graceMs };
  try {
    for (const { entry, plan } of queues.values()) {
      triggers.push(await startServiceBusTrigger(entry, plan, config.serviceBus, { clock, invoker, log }));
    }
  } catch (error) {
    await stopHost(running);
    throw error;
  }
  for (const timer of timers.values()) timer.start();
  let stopped: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    functions,
    invokeTimer: async (name) => {
      const timer = timers.get(name);
      if (timer !== undefined) return timer.runNow();
      throw new Error(`there is no timer function "${name}"; there are: ${[...timers.keys()].join(", ")}`);
    },
    stop: async () => {
      isStopping = true;
      stopped ??= stopHost(running);
      await stopped;
    },
  };
}
