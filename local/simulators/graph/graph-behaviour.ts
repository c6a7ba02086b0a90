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
  incidentTasks: "open" | "forbidden";
  /** How long a response action stays in progress. */
  actionDurationMs: number;
  subscriptions: "refused" | "accepted";
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
  incidentTasks: ["open", "forbidden"],
  subscriptions: ["refused", "accepted"],
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
    actionDurationMs: 0,
    subscriptions: "refused",
  };
}
