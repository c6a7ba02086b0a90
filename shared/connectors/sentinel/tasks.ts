import { type TicketRef, afterSomeNotes } from "../connector.ts";
import { cutText } from "../neutralise.ts";
import { commentText, plainLine } from "../neutralise-sentinel.ts";
import type { WantedTask } from "../task-values.ts";
import type { SentinelClient } from "./client.ts";
import { taskNameOf } from "./names.ts";

const TITLE_MAX = 200;
const DESCRIPTION_MAX = 3_000;
const DONE = "Completed";

/**
 * Each of the experts' actions as a task, under a name that is made of it: made once, and completed when Defender says that it is done. One
 * that a person completed stays so.
 */
export async function keepTasks(
  client: Pick<SentinelClient, "getTask" | "putTask">,
  ref: TicketRef,
  tasks: readonly WantedTask[],
  signal: AbortSignal,
): Promise<void> {
  let writes = 0;
  for (const { taskId, isDone, title, text } of tasks) {
    const name = taskNameOf(ref.id, taskId);
    const wanted = {
      title: plainLine(title, TITLE_MAX),
      description: cutText(commentText(text), DESCRIPTION_MAX),
      status: isDone ? DONE : "New",
    };
    try {
      const there = (await client.getTask(ref.id, name, signal))?.properties;
      // What is done already when it is first heard of asks nothing of anybody.
      const isNeedless = there === undefined ? isDone : there.status === DONE;
      const isThere = there?.title === wanted.title && there.description === wanted.description;
      if (isNeedless || (isThere && there?.status === wanted.status)) continue;
      await client.putTask(ref.id, name, wanted, signal);
      writes += 1;
    } catch (error) {
      throw writes === 0 ? error : afterSomeNotes(error, []);
    }
  }
}
