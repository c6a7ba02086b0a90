export interface Column {
  readonly kind: "text" | "journal" | "reference";
  /** Longer text is cut, without a word. */
  readonly maximumLength?: number;
  /** The platform's own: a value that is sent is ignored. */
  readonly readOnly?: true;
  /** For a reference. */
  readonly table?: string;
}

const READ_ONLY: Column = { kind: "text", readOnly: true };

/** The columns of the incident table, as far as a base system's are simulated. */
export const INCIDENT_COLUMNS: Readonly<Record<string, Column>> = {
  sys_id: READ_ONLY,
  number: READ_ONLY,
  sys_class_name: READ_ONLY,
  sys_domain: READ_ONLY,
  sys_created_on: READ_ONLY,
  sys_created_by: READ_ONLY,
  sys_updated_on: READ_ONLY,
  sys_updated_by: READ_ONLY,
  sys_mod_count: READ_ONLY,
  active: READ_ONLY,
  priority: READ_ONLY,
  opened_at: READ_ONLY,
  resolved_at: READ_ONLY,
  closed_at: READ_ONLY,
  reopen_count: READ_ONLY,
  comments_and_work_notes: READ_ONLY,
  opened_by: { kind: "reference", table: "sys_user", readOnly: true },
  resolved_by: { kind: "reference", table: "sys_user", readOnly: true },
  closed_by: { kind: "reference", table: "sys_user", readOnly: true },
  assigned_to: { kind: "reference", table: "sys_user" },
  caller_id: { kind: "reference", table: "sys_user" },
  assignment_group: { kind: "reference", table: "sys_user_group" },
  parent: { kind: "reference", table: "task" },
  parent_incident: { kind: "reference", table: "incident" },
  cmdb_ci: { kind: "reference", table: "cmdb_ci" },
  business_service: { kind: "reference", table: "cmdb_ci_service" },
  company: { kind: "reference", table: "core_company" },
  location: { kind: "reference", table: "cmn_location" },
  state: { kind: "text", maximumLength: 40 },
  incident_state: { kind: "text", maximumLength: 40 },
  hold_reason: { kind: "text", maximumLength: 40 },
  impact: { kind: "text", maximumLength: 40 },
  urgency: { kind: "text", maximumLength: 40 },
  severity: { kind: "text", maximumLength: 40 },
  short_description: { kind: "text", maximumLength: 160 },
  description: { kind: "text", maximumLength: 4_000 },
  category: { kind: "text", maximumLength: 40 },
  subcategory: { kind: "text", maximumLength: 40 },
  contact_type: { kind: "text", maximumLength: 40 },
  correlation_id: { kind: "text", maximumLength: 100 },
  correlation_display: { kind: "text", maximumLength: 100 },
  close_code: { kind: "text", maximumLength: 40 },
  close_notes: { kind: "text", maximumLength: 4_000 },
  work_notes: { kind: "journal", maximumLength: 4_000 },
  comments: { kind: "journal", maximumLength: 4_000 },
  watch_list: { kind: "text", maximumLength: 4_000 },
  work_notes_list: { kind: "text", maximumLength: 4_000 },
  due_date: { kind: "text", maximumLength: 40 },
  escalation: { kind: "text", maximumLength: 40 },
  made_sla: { kind: "text", maximumLength: 40 },
  knowledge: { kind: "text", maximumLength: 40 },
  sys_tags: { kind: "text", maximumLength: 255 },
};

const NOT_IN_SECURITY = new Set([
  "incident_state",
  "hold_reason",
  "parent_incident",
  "caller_id",
  "severity",
  "reopen_count",
  "resolved_at",
  "resolved_by",
]);

/** Those of sn_si_incident: what it has of `task`, and some of its own. */
export const SECURITY_COLUMNS: Readonly<Record<string, Column>> = {
  ...Object.fromEntries(Object.entries(INCIDENT_COLUMNS).filter(([name]) => !NOT_IN_SECURITY.has(name))),
  business_criticality: { kind: "text", maximumLength: 40 },
  risk_score: READ_ONLY,
};

/** Of both tables: a name means the same in each. */
export const COLUMNS: Readonly<Record<string, Column>> = { ...INCIDENT_COLUMNS, ...SECURITY_COLUMNS };
