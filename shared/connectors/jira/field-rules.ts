import { STAGES } from "../../incident/lifecycle.ts";
import type { FieldRule } from "../connector.ts";
import type { FullMapping } from "./mapping-options.ts";

/** Who wins which field of an issue, for a mapping. */
export function fieldRules(mapping: FullMapping): readonly FieldRule[] {
  return [...OURS, ...STATUS, ...LAST_WRITTEN, ...ADDED, ...configured(mapping), ...OTHERS];
}

const OURS: readonly FieldRule[] = [
  {
    field: "key",
    wins: "ours",
    from: "the issue property `dex-sync`: the correlation key `mdx:<tenant>:<incident>`",
    needed: STAGES,
  },
  {
    field: "tags",
    wins: "ours",
    from: "labels: `mdx_<tenant>_<incident>`, by which the issue is found, `dex:…`, `Awaiting-Customer-Action`, and `labels`; no others",
    place: "mapping.labels",
  },
];

const STATUS: readonly FieldRule[] = [
  { field: "status", wins: "onStage", from: "the stage, by transitions", place: "mapping.statuses.{stage}" },
  {
    field: "resolution",
    wins: "onStage",
    from: "the classification, with a transition whose screen has it; changed later it is only shown as drift; for a merged incident `duplicateResolution`",
    place: "mapping.resolutions.{classification}",
    placeIn: { redirected: "mapping.duplicateResolution" },
  },
];

const LAST_WRITTEN: readonly FieldRule[] = [
  { field: "summary", wins: "lastWritten", from: "the title", needed: STAGES },
  {
    field: "description",
    wins: "lastWritten",
    from: "facts, pending actions, alerts, assets, a notification's sections, and the incident's own text",
    needed: STAGES,
  },
  { field: "priority", wins: "lastWritten", from: "the severity", place: "mapping.priorities.{severity}" },
  { field: "link", wins: "lastWritten", from: "the remote link to the portal, under the correlation key" },
  {
    field: "duplicateOf",
    wins: "lastWritten",
    from: "the issue link to the survivor's issue, once a merged incident's survivor has one",
    place: "mapping.duplicateLink",
  },
];

const ADDED: readonly FieldRule[] = [
  {
    field: "comments",
    wins: "added",
    from: "each comment of the incident, once, and a notification that the description cannot hold whole",
  },
  {
    field: "sub-tasks",
    wins: "added",
    from: "with `subtaskType` each of the experts' actions that your team has to do, made once, and closed when its action is done",
    place: "mapping.subtaskType",
  },
];

/** Given with the create, and never again. */
function configured({ fields }: FullMapping): readonly FieldRule[] {
  return Object.keys(fields).map((field) => ({
    field,
    wins: "added",
    from: "`fields`, with the create",
    place: `mapping.fields.${field}`,
  }));
}

const OTHERS: readonly FieldRule[] = [
  { field: "assignee", wins: "person", from: "the SOC's own assignment" },
  { field: "other labels, links and comments", wins: "person", from: "nothing is sent for them" },
  { field: "any other field", wins: "person", from: "nothing is sent that is not named here" },
];
