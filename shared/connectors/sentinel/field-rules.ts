import type { Stage } from "../../incident/lifecycle.ts";
import type { FieldRule } from "../connector.ts";
import type { SentinelMode } from "./mapping.ts";

const COMPARED = "Sentinel's own Defender connector writes it; compared, and shown where it differs";
const NOTHING = "mode observe writes nothing";

/** Who wins which field of a twin, or of the incident that is made in its stead. */
export function fieldRules(mode: SentinelMode): readonly FieldRule[] {
  return [
    ...(mode === "observe" ? ADDED.map(({ field }) => ({ field, wins: "never" as const, from: NOTHING })) : ADDED),
    ...(mode === "manage" ? MANAGED_RULES : COMPARED_RULES),
    { field: "other labels and tasks, relations", wins: "person", from: "nothing is sent for them" },
  ];
}

const ADDED: readonly FieldRule[] = [
  {
    field: "tags",
    wins: "ours",
    from: "`dex:` labels (and in mode manage `Awaiting Customer Action`) alone: put back where they are missing, taken away when they no longer hold",
  },
  { field: "comments", wins: "added", from: "each comment of the incident, once" },
  {
    field: "tasks",
    wins: "added",
    from: "each of the experts' actions that your team has to do, once; completed when its action is done, and left alone once a person completed it",
  },
];

const COMPARED_RULES: readonly FieldRule[] = [
  { field: "status", wins: "never", from: COMPARED },
  { field: "classification", wins: "never", from: COMPARED },
  { field: "classificationReason", wins: "never", from: COMPARED },
  { field: "owner", wins: "never", from: COMPARED },
  { field: "awaitingTag", wins: "never", from: `the label \`Awaiting Customer Action\`: ${COMPARED}` },
  { field: "title, severity, description", wins: "never", from: "Sentinel's own Defender connector's" },
];

const KNOWN: readonly Stage[] = ["active", "inProgress", "awaitingCustomerAction", "resolved", "redirected"];

const MANAGED_RULES: readonly FieldRule[] = [
  { field: "status", wins: "onStage", from: "the stage", needed: KNOWN },
  { field: "classification", wins: "onStage", from: "the verdict, once closed", needed: ["resolved", "redirected"] },
  { field: "classificationReason", wins: "onStage", from: "the verdict, once closed" },
  { field: "classificationComment", wins: "onStage", from: "the determination, who closed it, the resolving comment" },
  { field: "owner", wins: "lastWritten", from: "the assignee, by name; nobody where it is unassigned" },
  { field: "severity", wins: "lastWritten", from: "the severity", needed: KNOWN },
  { field: "title", wins: "lastWritten", from: "the incident's title", needed: KNOWN },
  {
    field: "description",
    wins: "lastWritten",
    from: "the portal's link, stage, whose turn it is, summary and description",
  },
  { field: "name", wins: "ours", from: "made of tenant and incident: the same for the same, so that it is made once" },
];
