import { RetryableError } from "../../shared/errors.ts";
import type { Http, HttpRequest, HttpResponse } from "../../shared/http/request.ts";
import { checkNotHtml, toResponse } from "../../shared/http/response.ts";
import { retryAfterMs } from "../../shared/http/retry-after.ts";
import { statusError } from "../../shared/http/status-error.ts";
import { toolMessage } from "../../shared/http/tool-message.ts";
import { transportError } from "../../shared/http/transport-error.ts";
import type { FaultPlan } from "./plan.ts";
import type { Prng } from "./prng.ts";
import type { Answer, Service } from "./service.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

export interface Network {
  readonly http: Http;
  /** Requests to this host get no answer, or a bad one, until then. */
  fail(host: string, until: number): void;
  /** When something was last sent that changes a tool. */
  lastWriteAt(): number;
}

type Fate =
  "ok" | "timeoutBefore" | "timeoutAfter" | "refused" | "throttled" | "unavailable" | "garbled" | "partial" | "slow";

const FATES = [
  "timeoutBefore",
  "timeoutAfter",
  "refused",
  "throttled",
  "unavailable",
  "garbled",
  "partial",
  "slow",
] as const;
/** A request that is on its way reaches the service within this, whoever still waits for the answer. */
const MOST_ON_THE_WAY_MS = 1_500;

/** The product's way to the simulated services: no sockets, but everything that a network does to a request. */
export function createNetwork(options: {
  readonly services: ReadonlyMap<string, Service>;
  readonly plan: FaultPlan;
  /** By host. */
  randomOf(host: string): Prng;
  readonly timeline: Timeline;
  readonly trace: Trace;
  isCalm(): boolean;
}): Network {
  const { services, plan, timeline, trace } = options;
  const down = new Map<string, number>();
  let lastWriteAt = Number.NEGATIVE_INFINITY;

  return {
    http: { send, close: () => Promise.resolve() },
    fail: (host, until) => void down.set(host, until),
    lastWriteAt: () => lastWriteAt,
  };

  function send(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url);
    const isWrite = request.method !== "GET";
    const what = `${request.method} ${url.host}${url.pathname}`;
    if (request.signal?.aborted === true || request.timeoutMs <= 0) {
      return Promise.reject(new RetryableError("timeout", `${what} was not sent: no time was left`));
    }
    if (isWrite) lastWriteAt = timeline.now();
    const random = options.randomOf(url.host);
    const fate = fateOf(url.host, random);
    if (fate !== "ok") trace.fault(`http ${fate}`);
    return new Promise((resolve, reject) => {
      const callOff: (() => void)[] = [];
      const end = (settle: () => void): void => {
        for (const off of callOff) off();
        request.signal?.removeEventListener("abort", onAbort);
        settle();
      };
      const fail = (isAborted: boolean, mayHaveHappened: boolean): void => {
        const thrown = Object.assign(new Error("connection"), { code: "ECONNRESET" });
        end(() => reject(transportError(thrown, { what, mayHaveHappened, isAborted, isAnswered: false })));
      };
      const onAbort = (): void => fail(true, isWrite);
      request.signal?.addEventListener("abort", onAbort, { once: true });
      callOff.push(timeline.after(request.timeoutMs, onAbort));
      const wayMs = fate === "ok" ? random.between(5, 150) : random.between(5, MOST_ON_THE_WAY_MS);
      timeline.after(wayMs, () => {
        if (fate === "timeoutBefore") return;
        if (fate === "refused") return fail(false, isWrite && random.chance(0.5));
        const answer = answerOf(fate, request, url, random);
        if (fate === "timeoutAfter") return;
        const settle = (): void => end(() => respond(answer, request, what, resolve, reject));
        if (fate === "slow") callOff.push(timeline.after(random.between(1_000, 25_000), settle));
        else settle();
      });
    });
  }

  function fateOf(host: string, random: Prng): Fate {
    if (options.isCalm()) return "ok";
    if ((down.get(host) ?? 0) > timeline.now()) return random.pick(["refused", "unavailable", "timeoutBefore"]);
    const drawn = random.next();
    let sum = 0;
    for (const fate of FATES) {
      sum += plan[fate];
      if (drawn < sum) return fate;
    }
    return "ok";
  }

  function answerOf(fate: Fate, request: HttpRequest, url: URL, random: Prng): Answer {
    if (fate === "throttled") {
      const headers = random.chance(0.7) ? { "retry-after": String(random.int(90)) } : {};
      return { status: 429, headers, body: { error: { message: "Rate limit exceeded" } } };
    }
    // A gateway's 502 says nothing of what became of the request behind it; 503 with Retry-After says that it was turned away.
    const isDoneUnseen = fate === "unavailable" && random.chance(0.4);
    if (fate === "unavailable" && !isDoneUnseen) return unavailable(random);
    const answer = ask(request, url, fate === "ok");
    if (isDoneUnseen) return { status: random.pick([502, 504]), body: "" };
    // A refusal that is cut short is still one by its status; and of an answer nobody reads there is nothing else.
    const isCut = fate === "garbled" && (random.chance(0.5) || request.accept === "none");
    if (isCut) return { status: answer.status, body: '{"resu' };
    if (fate === "garbled") return signInPage();
    if (fate === "partial" && answer.status === 200 && url.pathname.endsWith("/security/incidents")) {
      const body = answer.body as { value: readonly unknown[] };
      return { ...answer, status: 206, body: { ...body, value: body.value.filter(() => random.chance(0.6)) } };
    }
    return answer;
  }

  function unavailable(random: Prng): Answer {
    return random.chance(0.5)
      ? { status: 503, headers: { "retry-after": String(1 + random.int(60)) }, body: {} }
      : { status: random.pick([500, 503]), body: {} };
  }

  function ask(request: HttpRequest, url: URL, isAnswered: boolean): Answer {
    const service = services.get(url.host);
    if (service === undefined) throw new Error(`nobody is at ${url.host}`);
    const headers = Object.fromEntries(
      Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const body: unknown = request.body === undefined ? undefined : JSON.parse(request.body);
    const { method, body: text = "" } = request;
    const answer = service({ method, path: url.pathname, query: url.searchParams, headers, text, body, isAnswered });
    trace.note(
      url.port,
      `${request.method} ${url.pathname.slice(-40)} ${request.body ?? url.search} → ${answer.status}`,
    );
    return answer;
  }

  /** What `shared/http/request.ts` makes of an answer. */
  function respond(
    answer: Answer,
    request: HttpRequest,
    what: string,
    resolve: (response: HttpResponse) => void,
    reject: (error: unknown) => void,
  ): void {
    const isWrite = request.method !== "GET";
    const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
    const contentType = text.startsWith("<") ? "text/html" : "application/json";
    const headers = { "content-type": contentType, ...answer.headers };
    const response = toResponse({ statusCode: answer.status, headers, text }, what, isWrite);
    const askedMs = retryAfterMs(response.headers.get("retry-after"), timeline.now());
    try {
      if (request.accept === "json") checkNotHtml(response, what, { isWrite, retryAfterMs: askedMs });
    } catch (error) {
      return reject(error);
    }
    const isWanted = (answer.status >= 200 && answer.status < 300) || request.expect?.includes(answer.status) === true;
    if (isWanted) return resolve(response);
    const said = toolMessage(text);
    reject(statusError(answer.status, what, said, { retryAfterMs: askedMs, isWrite, location: null }));
  }
}

function signInPage(): Answer {
  return { status: 200, body: "<!doctype html><title>Sign in</title>" };
}
