import type { Choices } from "../http/behaviour.ts";

/** How the simulated ServiceNow behaves where instances differ, or on a bad day. Change the fields at any time. */
export interface ServiceNowBehaviour {
  /** A developer instance that hibernates answers everything with a page, and 200. */
  asleep: boolean;
  /** Lists do not show a record until so long after it was created. */
  searchLagMs: number;
  /** `glide.invalid_query.returns_no_rows`: off in the base system, so a part that is not understood is ignored and rows come back. */
  invalidQueryReturnsNoRows: boolean;
  /** Whether sys_journal_field, or sys_choice, can be read by this user. */
  journalReadable: boolean;
  choicesReadable: boolean;
  groupsReadable: boolean;
  /** An access rule on the column hides it: it is left out of answers, and a condition on it is left out of queries. */
  keyReadable: boolean;
  attachmentsWritable: boolean;
  /** Whether this user may make and change records. */
  recordsWritable: boolean;
  /** A data policy of this instance: columns that no write may leave blank, with commas between. */
  mandatoryColumns: string;
  /** A process definition may refuse that a security incident leaves out a state. */
  securityJumps: "allowed" | "refused";
  /** Whether a security incident that is Closed takes no more changes. */
  securityClosedIsFinal: boolean;
  /** 0 for no limit. */
  quotaPerHour: number;
  quotaWindowS: number;
  /** How long an OAuth token lives. */
  tokenLifeS: number;
}

export const SERVICENOW_CHOICES = { securityJumps: ["allowed", "refused"] } as const satisfies Choices;

export function defaultServiceNowBehaviour(): ServiceNowBehaviour {
  return {
    asleep: false,
    searchLagMs: 0,
    invalidQueryReturnsNoRows: false,
    journalReadable: true,
    choicesReadable: true,
    groupsReadable: true,
    keyReadable: true,
    attachmentsWritable: true,
    recordsWritable: true,
    mandatoryColumns: "",
    securityJumps: "allowed",
    securityClosedIsFinal: false,
    quotaPerHour: 0,
    quotaWindowS: 3_600,
    tokenLifeS: 1_800,
  };
}
