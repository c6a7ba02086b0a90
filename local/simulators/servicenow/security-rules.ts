import { SECURITY_COLUMNS } from "./columns.ts";
import type { ServiceNowBehaviour } from "./servicenow-behaviour.ts";
import { type Fields, type Refusal, type WriteContext, mandatory } from "./write-context.ts";

const CLOSED = "3";
const CANCELLED = "7";
/** Draft, Analysis, Contain, Eradicate, Recover, Review, Closed: a process definition may allow only one step at a time. */
const STEPS = ["10", "16", "18", "19", "20", "100", CLOSED];

/** A security incident after the rules of its table, or what refuses it. */
export function applySecurityRules(
  { before, sent, now, userId, isAdmin, isChoice }: WriteContext,
  behaviour: ServiceNowBehaviour,
): Fields | Refusal {
  const after: Record<string, string> = { ...(before ?? DEFAULTS), ...valuesOf(sent) };
  const was = before?.["state"] ?? STEPS[0] ?? "";
  const state = after["state"] ?? was;
  const refusal = isAdmin ? undefined : refusalOf(was, state, after);
  if (refusal !== undefined) return { status: 403, detail: refusal };
  after["active"] = state === CLOSED || state === CANCELLED ? "false" : "true";
  const hasClosed = state !== was && after["active"] === "false";
  return hasClosed ? { ...after, closed_at: now, closed_by: userId } : after;

  function refusalOf(from: string, to: string, fields: Fields): string | undefined {
    if (from === CLOSED && before !== undefined && behaviour.securityClosedIsFinal)
      return "ACL Exception Update Failed due to security constraints: the record is closed";
    if (behaviour.securityJumps === "refused" && !isStep(from, to))
      return `Operation against file 'sn_si_incident' was aborted by Business Rule 'Process Definition': invalid transition from ${from} to ${to}`;
    if (to !== CLOSED || from === CLOSED) return undefined;
    const missing = mandatory(fields, { close_code: "Close code", close_notes: "Close notes" });
    if (missing !== undefined) return missing;
    const code = fields["close_code"] ?? "";
    return isChoice("close_code", code) ? undefined : `Data Policy Exception: "${code}" is not a choice of Close code`;
  }
}

function isStep(from: string, to: string): boolean {
  if (from === to || to === CANCELLED) return true;
  const [one, other] = [STEPS.indexOf(from), STEPS.indexOf(to)];
  return one >= 0 && other >= 0 && Math.abs(one - other) === 1;
}

/** Journal columns hold nothing themselves: what is written to them becomes entries. */
function valuesOf(sent: Fields): Fields {
  return Object.fromEntries(Object.entries(sent).filter(([name]) => SECURITY_COLUMNS[name]?.kind !== "journal"));
}

const DEFAULTS: Fields = {
  ...Object.fromEntries(Object.keys(SECURITY_COLUMNS).map((name) => [name, ""])),
  state: "10",
  impact: "3",
  urgency: "3",
  priority: "4",
  sys_class_name: "sn_si_incident",
  sys_domain: "global",
  escalation: "0",
  made_sla: "true",
  knowledge: "false",
  active: "true",
};
