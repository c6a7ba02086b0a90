import type { AlertFields } from "../graph/alert-record.ts";
import type { IncidentFields } from "../graph/incident-record.ts";
import type { TaskFields } from "../graph/task-store.ts";

/** A story: what happens to some incidents, and when. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** In order of time. */
  readonly steps: readonly Step[];
}

export interface Step {
  /** Since the story began, before compression. */
  readonly atMs: number;
  /** The story's own name for the incident. */
  readonly incident: string;
  readonly action: Action;
}

export type Action =
  | { readonly do: "create"; readonly set: IncidentFields; readonly alerts: readonly AlertFields[] }
  | { readonly do: "change" | "reopen"; readonly set: IncidentFields }
  | { readonly do: "comment"; readonly by: string; readonly text: string }
  | { readonly do: "alert"; readonly alert: AlertFields }
  | { readonly do: "remediate"; readonly from: string; readonly to: string; readonly investigation: string }
  | { readonly do: "task"; readonly task: string; readonly set: TaskFields }
  | { readonly do: "taskStatus"; readonly task: string; readonly status: string; readonly by: string }
  | { readonly do: "merge"; readonly into: string }
  | { readonly do: "ticket"; readonly by: string; readonly set: Readonly<Record<string, string>> };

export const ACTIONS = [
  "create",
  "change",
  "comment",
  "alert",
  "remediate",
  "task",
  "taskStatus",
  "merge",
  "reopen",
  "burst",
  "ticket",
] as const;

/** What stands in a scenario for the people an incident can be assigned to; whom that is, is configured. */
export interface Assignees {
  readonly experts: string | null;
  readonly customer: string | null;
  readonly nobody: string | null;
}

export const DEFAULT_ASSIGNEES: Assignees = { experts: "Defender Experts", customer: "Customer", nobody: null };

/** Puts people in the place of `@experts`, `@customer` and `@nobody`. */
export function assign(fields: IncidentFields, assignees: Assignees): IncidentFields {
  switch (fields.assignedTo ?? "") {
    case "@experts":
      return { ...fields, assignedTo: assignees.experts };
    case "@customer":
      return { ...fields, assignedTo: assignees.customer };
    case "@nobody":
      return { ...fields, assignedTo: assignees.nobody };
    default:
      return fields;
  }
}
