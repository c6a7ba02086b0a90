import { PermanentError, RetryableError } from "../../errors.ts";
import { type Refused, type TicketChanges, type TicketRef, afterSomeNotes } from "../connector.ts";
import { taskFields, wantedTasks } from "../task-values.ts";
import type { RichText } from "./blocks.ts";
import { type BodyOptions, toEdit, toIssueLink, toProperty, toRemoteLink } from "./bodies.ts";
import type { JiraClient } from "./client.ts";
import { CATEGORY_PREFIX, RESOLUTION, SUBTASK_PREFIX, fullMapping } from "./mapping-options.ts";
import type { WireIssue, WireTransition } from "./schema.ts";
import { keepSubtasks } from "./subtasks.ts";
import type { Walk } from "./walk.ts";
import { type Workflow, createWorkflow } from "./workflow.ts";

const DONE = `${CATEGORY_PREFIX}done`;
const STATUS_FIELDS = ["status", "resolution"];

/** Of a change of one issue. */
export interface Changed {
  readonly issue: WireIssue;
  readonly refused: Refused | undefined;
}

type Write = (call: () => Promise<void>) => Promise<void>;

/** Writes what changed of one issue, in an order that tells afterwards how far it came. */
export function createIssueChange(options: {
  readonly client: JiraClient;
  readonly body: BodyOptions & { readonly richText: RichText };
  readonly url: string;
}): (ref: TicketRef, changes: TicketChanges, signal: AbortSignal) => Promise<Changed> {
  const { client, body, url } = options;
  const { mapping, richText } = body;
  const workflow = createWorkflow(mapping);
  // Sub-tasks have a workflow of their own, of which the mapping names no status.
  const subtaskWorkflow = createWorkflow({ ...mapping, statuses: fullMapping({}).statuses });
  return change;

  /**
   * The fields last: they are what a write that was cut short is known by, so that all before them was done where they are there. What the
   * workflow or a right refuses keeps nothing else from being written.
   */
  async function change(ref: TicketRef, changes: TicketChanges, signal: AbortSignal): Promise<Changed> {
    const { status, resolution, link, duplicateOf, key } = changes.values;
    const edit = toEdit(changes, body);
    let writes = 0;
    const write: Write = async (call) => {
      await call();
      writes += 1;
    };
    const refusals: Refused[] = [];
    const attempt = async (fields: readonly string[], call: () => Promise<void>): Promise<void> => {
      try {
        await call();
      } catch (error) {
        if (!isOfThePart(error)) throw error;
        refusals.push({ fields, error });
      }
    };
    const subtasks = wantedTasks(changes.values, SUBTASK_PREFIX);
    try {
      if (subtasks.length > 0) {
        const parent = await present(ref, signal);
        const close = (issue: WireIssue): Promise<void> =>
          walk(subtaskWorkflow, { id: issue.id, label: issue.key, url }, issue, DONE, RESOLUTION, write, signal);
        const deps = { client, mapping, richText, write, close };
        await attempt(taskFields(changes.values, SUBTASK_PREFIX), () => keepSubtasks(parent, subtasks, deps, signal));
      }
      if (status !== undefined) {
        const issue = await present(ref, signal);
        await attempt(STATUS_FIELDS, () => walk(workflow, ref, issue, status, resolution, write, signal));
      }
      if (link !== undefined)
        await attempt(["link"], () => write(() => client.putRemoteLink(ref.id, toRemoteLink(link), signal)));
      if (duplicateOf !== undefined) {
        const issue = await present(ref, signal);
        await attempt(["duplicateOf"], () => linkTo(ref, issue, duplicateOf, write, signal));
      }
      if (key !== undefined) await write(() => client.putProperty(ref.id, toProperty(key), signal));
      if (edit !== undefined) await write(() => client.edit(ref.id, edit, signal));
      return { issue: await present(ref, signal), refused: together(refusals) };
    } catch (error) {
      const told = explained(error, ref);
      throw writes === 0 ? told : beside(refusals, afterFirstWrite(told));
    }
  }

  function walk(
    ways: Workflow,
    ref: TicketRef,
    { fields }: WireIssue,
    target: string,
    resolution: string | undefined,
    write: Write,
    signal: AbortSignal,
  ): Promise<void> {
    let at = fields.status.id;
    const walking: Walk = {
      label: ref.label,
      from: fields.status,
      target,
      resolution,
      present: async () => (await present(ref, signal)).fields.status,
      offered: () => client.transitions(ref.id, signal),
      async take(transition, screen) {
        await write(() => transit(ref, at, transition, screen, signal));
        at = transition.to.id;
      },
      mayTransition: () => client.mayTransition(ref.id, signal),
    };
    return ways.walk(walking);
  }

  /** A refusal is looked into: where somebody else moved the issue meanwhile, the way is looked for anew. */
  async function transit(
    ref: TicketRef,
    from: string,
    transition: WireTransition,
    screen: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<void> {
    const fields = Object.keys(screen).length === 0 ? {} : { fields: screen };
    try {
      await client.transition(ref.id, { transition: { id: transition.id }, ...fields }, signal);
    } catch (error) {
      if (!(error instanceof PermanentError) || error.reason !== "rejected") throw error;
      const { status } = (await present(ref, signal)).fields;
      if (status.id === from) throw error;
      throw new RetryableError("conflict", `${ref.label} was moved to "${status.name}" meanwhile`, { cause: error });
    }
  }

  async function linkTo(
    ref: TicketRef,
    { fields }: WireIssue,
    survivor: string,
    write: Write,
    signal: AbortSignal,
  ): Promise<void> {
    if (fields.issuelinks?.some(({ outwardIssue }) => outwardIssue?.key === survivor) === true) return;
    try {
      await write(() => client.linkIssues(toIssueLink(ref.label, survivor, mapping.duplicateLink), signal));
    } catch (error) {
      if (!(error instanceof PermanentError) || error.reason !== "notFound") throw error;
      // The issue itself was there a moment ago.
      throw new PermanentError(
        "rejected",
        `${ref.label} was not linked to ${survivor}: there is no link type "${mapping.duplicateLink}", or ${survivor} is gone; ${error.message}`,
        {
          mend: `name in mapping.duplicateLink a link type that the site has ("" for none), or restore ${survivor}; then replay this work, or drop it`,
          cause: error,
        },
      );
    }
  }

  async function present(ref: TicketRef, signal: AbortSignal): Promise<WireIssue> {
    const issue = await client.get(ref.id, signal);
    if (issue !== undefined) return issue;
    throw new PermanentError("notFound", "it is not there");
  }
}

/** A right that is missing, a workflow or a limit: of this part of the change, and not of the others. */
function isOfThePart(error: unknown): error is PermanentError {
  return error instanceof PermanentError && (error.reason === "rejected" || error.reason === "tooLarge");
}

/** The first is told; the next shows once that one is mended. */
function together(refusals: readonly Refused[]): Refused | undefined {
  const [first] = refusals;
  return first === undefined ? undefined : { error: first.error, fields: refusals.flatMap(({ fields }) => fields) };
}

/** What was refused must not count as written because something after it is there. */
function beside(refusals: readonly Refused[], error: unknown): unknown {
  if (!(error instanceof RetryableError) || refusals.length === 0) return error;
  const { reason, message, retryAfterMs, mayHaveHappened, mend } = error;
  const refusedFields = refusals.flatMap(({ fields }) => fields);
  return new RetryableError(reason, message, { retryAfterMs, mayHaveHappened, mend, refusedFields, cause: error });
}

/** The issue stays linked, for one that cannot be seen may be there. */
export function explained(error: unknown, ref: TicketRef): unknown {
  if (!(error instanceof PermanentError) || error.reason !== "notFound") return error;
  return new PermanentError("notFound", `${ref.label} is not there any more (deleted, or hidden from this account)`, {
    mend: "restore it or its visibility in Jira; then replay this work",
    cause: error,
  });
}

/** What was written before is there: it is looked at before anything is written again. A refusal too: the next attempt meets it first. */
export function afterFirstWrite(error: unknown): unknown {
  return afterSomeNotes(error, []);
}
