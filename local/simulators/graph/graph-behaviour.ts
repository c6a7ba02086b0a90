import type { Choices } from "../http/behaviour.ts";

/** How the simulated Graph behaves where the real one is undocumented, may be switched, or has a bad day. Change the fields at any time. */
export interface GraphBehaviour {
  /** The order of an incident list nobody asked an order for. */
  order: "updated-desc" | "created-desc" | "random";
  /** Whether `$orderby` (undocumented) is followed or ignored. */
  honourOrderby: boolean;
  /** What the link to the next page carries. With `skip`, a walk past 500 rows is refused like any other `$skip`. */
  nextLink: "skip" | "skiptoken";
  nextLinkFault: "none" | "missing" | "loop" | "foreign-host";
  /** `short` pages hold fewer rows than `$top` though more follow; `empty-first` begins with a page of none. */
  pageShape: "full" | "short" | "empty-first";
  fractionDigits: "varied" | "seven";
  /** Changes show in lists so much later; their stamp is still the time of the change. */
  visibilityDelayMs: number;
  /** 0 for no limit. */
  quotaPerMinute: number;
  retryAfter: "seconds" | "date" | "none";
  answer: "normal" | "unauthorized" | "forbidden" | "html" | "partial";
  /** Whether a comment, or an alert, moves the incident's lastUpdateDateTime. */
  commentsMoveStamp: boolean;
  alertsMoveStamp: boolean;
  /** `legacy` names a comment's author and time createdBy and createdTime, as older documentation does. */
  commentKeys: "current" | "legacy";
  /** `pascal` spells enum members as older documentation does. */
  enumSpelling: "camel" | "pascal";
  /** Whether `$filter=status eq 'awaitingAction'` is understood. */
  awaitingActionFilter: "refused" | "accepted";
  inProgressWritable: boolean;
  /** Whether a determination must suit its classification. */
  pairsEnforced: boolean;
  /** `absent` answers 404, as where the beta path is not rolled out. */
  incidentTasks: "open" | "forbidden" | "absent";
  /** Whether `$orderby` of tasks (documented) is followed. */
  taskOrderby: "honoured" | "ignored" | "refused";
  /** One incident on beta: what v1.0 lacks is only there. */
  betaIncidents: "open" | "forbidden";
  /** The list `alerts_v2`, which needs a permission of its own. */
  alertsList: "open" | "forbidden";
  /** How long a response action stays in progress. */
  actionDurationMs: number;
  subscriptions: "refused" | "accepted";
  /** The status a subscription is refused with. */
  subscriptionRefusal: 400 | 403;
  /** `encrypted` adds resource data that nobody asked for. */
  notificationShape: "basic" | "encrypted";
}

export const GRAPH_CHOICES = {
  order: ["updated-desc", "created-desc", "random"],
  nextLink: ["skip", "skiptoken"],
  nextLinkFault: ["none", "missing", "loop", "foreign-host"],
  pageShape: ["full", "short", "empty-first"],
  fractionDigits: ["varied", "seven"],
  retryAfter: ["seconds", "date", "none"],
  answer: ["normal", "unauthorized", "forbidden", "html", "partial"],
  commentKeys: ["current", "legacy"],
  enumSpelling: ["camel", "pascal"],
  awaitingActionFilter: ["refused", "accepted"],
  incidentTasks: ["open", "forbidden", "absent"],
  taskOrderby: ["honoured", "ignored", "refused"],
  betaIncidents: ["open", "forbidden"],
  alertsList: ["open", "forbidden"],
  subscriptions: ["refused", "accepted"],
  subscriptionRefusal: ["400", "403"],
  notificationShape: ["basic", "encrypted"],
} as const satisfies Choices;

export function defaultGraphBehaviour(): GraphBehaviour {
  return {
    order: "updated-desc",
    honourOrderby: false,
    nextLink: "skip",
    nextLinkFault: "none",
    pageShape: "full",
    fractionDigits: "varied",
    visibilityDelayMs: 0,
    quotaPerMinute: 0,
    retryAfter: "seconds",
    answer: "normal",
    commentsMoveStamp: true,
    alertsMoveStamp: true,
    commentKeys: "current",
    enumSpelling: "camel",
    awaitingActionFilter: "refused",
    inProgressWritable: true,
    pairsEnforced: false,
    incidentTasks: "open",
    taskOrderby: "honoured",
    betaIncidents: "open",
    alertsList: "open",
    actionDurationMs: 0,
    subscriptions: "refused",
    subscriptionRefusal: 400,
    notificationShape: "basic",
  };
}
