import { INCIDENT_COLUMNS } from "./columns.ts";
import { type Fields, type Refusal, type WriteContext, isBlank, mandatory } from "./write-context.ts";

/** An incident after data policies and business rules, or what refuses it. */
export function applyRules(context: WriteContext): Fields | Refusal {
  const { before, sent, isAdmin } = context;
  const after: Record<string, string> = { ...(before ?? DEFAULTS), ...valuesOf(sent) };
  const state = sent["state"] ?? sent["incident_state"] ?? after["state"] ?? "1";
  after["state"] = state;
  after["incident_state"] = state;
  const refusal = isAdmin ? undefined : refusalOf(context, after);
  if (refusal !== undefined) return { status: 403, detail: refusal };
  after["priority"] = priorityOf(after["impact"] ?? "3", after["urgency"] ?? "3");
  after["active"] = state === "7" || state === "8" ? "false" : "true";
  if (state !== "3") after["hold_reason"] = "";
  return { ...after, ...timesOf(context, state) };
}

/** priority is computed from impact and urgency, 1 to 3 each. */
export function priorityOf(impact: string, urgency: string): string {
  const sum = Number(impact) + Number(urgency);
  return Number.isInteger(sum) && sum >= 2 && sum <= 6 ? String(sum - 1) : "5";
}

const DEFAULTS: Fields = {
  ...Object.fromEntries(Object.keys(INCIDENT_COLUMNS).map((name) => [name, ""])),
  state: "1",
  impact: "3",
  urgency: "3",
  severity: "3",
  category: "inquiry",
  sys_class_name: "incident",
  sys_domain: "global",
  reopen_count: "0",
  escalation: "0",
  made_sla: "true",
  knowledge: "false",
  active: "true",
};

function refusalOf({ before, sent, isChoice }: WriteContext, after: Fields): string | undefined {
  if (before?.["state"] === "7") return "ACL Exception Update Failed due to security constraints: the record is closed";
  switch (after["state"] ?? "1") {
    case "7":
      return "ACL Exception Update Failed due to security constraints: closing needs the role itil_admin";
    case "6":
      return refusalOfResolving(after, isChoice);
    case "3":
      return refusalOfHolding(before, after, sent);
    default:
      return undefined;
  }
}

function refusalOfResolving(after: Fields, isChoice: WriteContext["isChoice"]): string | undefined {
  const missing = mandatory(after, { close_code: "Resolution code", close_notes: "Resolution notes" });
  if (missing !== undefined) return missing;
  const code = after["close_code"] ?? "";
  return isChoice("close_code", code)
    ? undefined
    : `Data Policy Exception: "${code}" is not a choice of Resolution code`;
}

function refusalOfHolding(before: Fields | undefined, after: Fields, sent: Fields): string | undefined {
  if (isBlank(after["hold_reason"])) return "Data Policy Exception: mandatory: On hold reason";
  const wasWaiting = before?.["state"] === "3" && before["hold_reason"] === "1";
  if (after["hold_reason"] === "1" && !wasWaiting && isBlank(sent["comments"]))
    return "Data Policy Exception: mandatory: Additional comments";
  return undefined;
}

function timesOf({ before, now, userId }: WriteContext, state: string): Fields {
  const was = before?.["state"] ?? "1";
  if (was === state) return {};
  switch (state) {
    case "6":
      return { resolved_at: now, resolved_by: userId };
    case "7":
      return { closed_at: now, closed_by: userId };
    default:
      return was === "6"
        ? { resolved_at: "", resolved_by: "", reopen_count: String(Number(before?.["reopen_count"] ?? "0") + 1) }
        : {};
  }
}

/** Journal columns hold nothing themselves: what is written to them becomes entries. */
function valuesOf(sent: Fields): Fields {
  return Object.fromEntries(Object.entries(sent).filter(([name]) => INCIDENT_COLUMNS[name]?.kind !== "journal"));
}
