import { PermanentError } from "../../errors.ts";
import { adfText } from "../neutralise-jira.ts";
import { cutText } from "../neutralise.ts";
import type { WantedTask } from "../task-values.ts";
import type { RichText } from "./blocks.ts";
import { projectOf } from "./choose-issue.ts";
import type { JiraClient } from "./client.ts";
import { PROPERTY } from "./label.ts";
import type { FullMapping } from "./mapping-options.ts";
import type { WireIssue } from "./schema.ts";
import { categoryOf } from "./status.ts";

const SUMMARY_MAX = 255;
/** Sub-tasks of an issue that are looked at to find ours; more than people make. */
const SUBTASKS_READ = 100;
const LABEL = "dex:task";
const NUMBER = /^\d+$/;

export interface SubtaskDeps {
  readonly client: Pick<JiraClient, "get" | "create">;
  readonly mapping: FullMapping;
  readonly richText: RichText;
  readonly write: (call: () => Promise<void>) => Promise<void>;
  /** Moves an issue to a status that counts as done. */
  readonly close: (issue: WireIssue) => Promise<void>;
}

/**
 * Each is made once, and closed when its task is done; whatever people do with it meanwhile stays. Those that are there are found below the
 * issue itself and known by their property, so that nothing hangs on a search that lags.
 */
export async function keepSubtasks(
  parent: WireIssue,
  wanted: readonly WantedTask[],
  deps: SubtaskDeps,
  signal: AbortSignal,
): Promise<void> {
  const known = await subtasksOf(parent, deps, signal);
  for (const subtask of wanted) {
    const there = known.get(subtask.taskId);
    if (there === undefined && !subtask.isDone) await create(parent, subtask, deps, signal);
    if (there !== undefined && subtask.isDone && categoryOf(there.fields.status) !== "done") await deps.close(there);
  }
}

/** Ours, by the task. */
async function subtasksOf(
  parent: WireIssue,
  { client }: SubtaskDeps,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, WireIssue>> {
  const rows = parent.fields.subtasks ?? [];
  if (rows.length > SUBTASKS_READ) {
    throw new PermanentError("tooLarge", `${parent.key} has ${rows.length} sub-tasks, more than are looked through`, {
      mend: "move sub-tasks of other work to another issue, or leave out mapping.subtaskType; then replay this work",
    });
  }
  const known = new Map<string, WireIssue>();
  for (const { id } of rows) {
    const issue = await client.get(id, signal);
    const { task } = (issue?.properties?.[PROPERTY] ?? {}) as { task?: unknown };
    if (issue !== undefined && typeof task === "string") known.set(task, issue);
  }
  return known;
}

async function create(
  parent: WireIssue,
  { taskId, title, text }: WantedTask,
  { client, mapping, richText, write }: SubtaskDeps,
  signal: AbortSignal,
): Promise<void> {
  const { subtaskType } = mapping;
  const description = text === "" ? {} : { description: richText.toWire(richText.render([{ kind: "text", text }])) };
  const body = {
    fields: {
      project: { key: projectOf(parent.key) },
      parent: { id: parent.id },
      issuetype: NUMBER.test(subtaskType) ? { id: subtaskType } : { name: subtaskType },
      summary: cutText(adfText(title), SUMMARY_MAX),
      labels: [LABEL, ...mapping.labels],
      ...description,
    },
    properties: [{ key: PROPERTY, value: { task: taskId } }],
  };
  try {
    await write(async () => {
      await client.create(body, signal);
    });
  } catch (error) {
    if (!(error instanceof PermanentError) || error.reason !== "rejected") throw error;
    throw new PermanentError("rejected", `${parent.key}: no sub-task was made for an action: ${error.message}`, {
      mend: "correct mapping.subtaskType, or let sub-tasks of it be made with a summary, a description and labels alone; or leave it out; then replay this work",
      cause: error,
    });
  }
}
