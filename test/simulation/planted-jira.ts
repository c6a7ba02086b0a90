import { RetryableError } from "../../shared/errors.ts";
import type { HttpRequest, HttpResponse } from "../../shared/http/request.ts";
import type { JiraPlan } from "./jira-plan.ts";
import type { Plan } from "./plan.ts";
import { type Planted, type Send, anew, answering, calm, overHttp, withFaults } from "./planting.ts";
import type { Plant } from "./world.ts";

/** Bugs on the way to issues of Jira. */
export const PLANTED_AT_JIRA: readonly Planted[] = [
  {
    name: "an issue's create counts as not done after a time-out, and its property is looked for too soon",
    plant: overHttp(async (request, send) => {
      try {
        return await send(request);
      } catch (error) {
        if (!isCall(request, "POST", "issue") || !(error instanceof RetryableError)) throw error;
        throw new RetryableError(error.reason, error.message, { mayHaveHappened: false });
      }
    }),
    as: ["duplicate"],
    tune: withJira({ searchLagMs: 50_000 }, withFaults({ timeoutAfter: 0.3 })),
  },
  {
    name: "a search is believed at once, and it lags",
    plant: (ports) => ports,
    misset: (plan) => ({ ...plan, jira: { ...plan.jira, settleMs: 0 } }),
    as: ["duplicate"],
    tune: withJira({ searchLagMs: 58_000 }, withFaults({ timeoutAfter: 0.3 })),
  },
  {
    name: "labels are written as a whole, and people's are gone",
    plant: overHttp((request, send) => {
      if (!isEdit(request)) return send(request);
      const { fields, update = { labels: [] } } = bodyOf(request);
      const labels = (update.labels ?? []).flatMap(({ add }) => add ?? []);
      return labels.length === 0 ? send(request) : send(withBody(request, { fields: { ...fields, labels } }));
    }),
    as: ["person overwritten"],
    tune: withJira({}, withPeople),
  },
  {
    name: "the property is left out of the create",
    plant: overHttp((request, send) =>
      isCall(request, "POST", "issue")
        ? send(withBody(request, { ...bodyOf(request), properties: [] }))
        : send(request),
    ),
    as: ["lost"],
    tune: withJira({}, calm),
  },
  {
    name: "a comment is not marked as internal",
    plant: overHttp((request, send) =>
      isComment(request) ? send(withBody(request, { ...bodyOf(request), properties: [] })) : send(request),
    ),
    as: ["shown to customers"],
    tune: withJira({}, calm),
  },
  {
    name: "a comment is posted again",
    plant: overHttp(async (request, send) => {
      if (isComment(request)) await send(request);
      return send(request);
    }),
    as: ["comment twice"],
    tune: withJira({}, calm),
  },
  {
    name: "an edit that met somebody else's counts as done",
    plant: overHttp(async (request, send) => {
      const response = await send(request);
      return isEdit(request) && response.status === 409 ? answering(response, {}) : response;
    }),
    as: ["lost"],
    tune: withJira({ conflict: 0.3 }, calm),
  },
  {
    name: "a transition counts as taken",
    plant: overHttp((request, send) => (isTransition(request) ? Promise.resolve(DONE) : send(request))),
    as: ["lost"],
    tune: withJira({}, calm),
  },
  {
    name: "a merged issue is not linked to its survivor",
    plant: overHttp((request, send) => (isCall(request, "POST", "issueLink") ? Promise.resolve(DONE) : send(request))),
    as: ["lost"],
    tune: withJira({}, calm),
  },
  {
    name: "every field of an issue is written each time",
    plant: everyField(),
    as: ["person overwritten"],
    tune: withJira({}, withPeople),
  },
  {
    name: "the status is set again with each change of the fields",
    plant: lastStatusAgain(),
    as: ["person overwritten"],
    tune: withJira({ workflow: "simple" }, withPeople),
  },
];

interface IssueBody {
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly update?: { readonly labels?: readonly { readonly add?: string }[] };
}

const DONE: HttpResponse = answering(
  { status: 204, headers: { get: () => null }, text: "", json: () => undefined },
  {},
);

function isCall({ method, url }: HttpRequest, wanted: HttpRequest["method"], path: string): boolean {
  return method === wanted && new RegExp(`/rest/api/[23]/${path}$`).test(new URL(url).pathname);
}

function isEdit(request: HttpRequest): boolean {
  return isCall(request, "PUT", String.raw`issue/\d+`);
}

function isComment(request: HttpRequest): boolean {
  return isCall(request, "POST", String.raw`issue/\d+/comment`);
}

function isTransition(request: HttpRequest): boolean {
  return isCall(request, "POST", String.raw`issue/\d+/transitions`);
}

function bodyOf({ body = "{}" }: HttpRequest): IssueBody {
  return JSON.parse(body) as IssueBody;
}

function withBody(request: HttpRequest, body: unknown): HttpRequest {
  return { ...request, body: JSON.stringify(body) };
}

function withJira(changes: Partial<JiraPlan>, tune: (plan: Plan) => Plan): (plan: Plan) => Plan {
  return (plan) => {
    const tuned = tune(plan);
    return { ...tuned, jira: { ...tuned.jira, ...changes } };
  };
}

function withPeople(plan: Plan): Plan {
  return { ...calm(plan), person: 0.7 };
}

/** What was ever written to an issue goes along with each edit. */
function everyField(): Plant {
  return anew(() => {
    const all = new Map<string, IssueBody["fields"]>();
    return overHttp((request, send) => {
      if (!isEdit(request)) return send(request);
      const { pathname } = new URL(request.url);
      const body = bodyOf(request);
      const fields = { ...all.get(pathname), ...body.fields };
      all.set(pathname, fields);
      return send(withBody(request, { ...body, fields }));
    });
  });
}

function lastStatusAgain(): Plant {
  return anew(() => {
    const last = new Map<string, HttpRequest>();
    return overHttp(async (request, send) => {
      const { pathname } = new URL(request.url);
      if (isTransition(request)) last.set(pathname, request);
      const again = isEdit(request) ? last.get(`${pathname}/transitions`) : undefined;
      if (again !== undefined) await sendQuietly(again, send);
      return send(request);
    });
  });
}

/** It may not be offered where the issue is. */
async function sendQuietly({ signal: _signal, ...request }: HttpRequest, send: Send): Promise<void> {
  try {
    await send(request);
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
  }
}
