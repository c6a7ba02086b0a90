import { isClosed } from "../incident/lifecycle.ts";
import type { Task } from "../incident/incident.ts";
import { isPending } from "../incident/pending.ts";
import type { Projection } from "../incident/projection.ts";
import { cutText, visibleLine, visibleText } from "./neutralise.ts";

/** More than these are not made. */
const TASKS_MAX = 20;
const TITLE_MAX = 200;
const NAME_MAX = 100;
const TEXT_MAX = 400;
/** Done by the experts themselves: nobody has to work on it. */
const BY_EXPERTS = "defenderexpertsmanagedresponse";

/** What a task of a ticket should be. Texts are visible, and else as others wrote them. */
export interface WantedTask {
  readonly taskId: string;
  readonly isDone: boolean;
  readonly title: string;
  readonly text: string;
}

/**
 * The experts' actions that somebody of the SOC has to do, each as a value of the ticket named by prefix and task. Of a closed incident only those that are done: nothing new is
 * asked for there. Where the tasks were not read, there are none.
 */
export function taskValues({ tasks = [], lifecycle }: Projection, prefix: string): Readonly<Record<string, string>> {
  const wanted = tasks
    .filter(({ source }) => source.toLowerCase() !== BY_EXPERTS)
    .toSorted((a, b) => compare(a.createdAt, b.createdAt) || compare(a.id, b.id))
    .slice(0, TASKS_MAX)
    .filter((task) => !isPending(task) || !isClosed(lifecycle.stage));
  return Object.fromEntries(wanted.map((task) => [`${prefix}${task.id}`, valueOf(task)]));
}

/** Names of the values of a change that are tasks. */
export function taskFields(values: Readonly<Record<string, string>>, prefix: string): readonly string[] {
  return Object.keys(values).filter((name) => name.startsWith(prefix));
}

/** The tasks among the values of a change. */
export function wantedTasks(values: Readonly<Record<string, string>>, prefix: string): readonly WantedTask[] {
  return taskFields(values, prefix)
    .map((name) => [name, values[name] ?? ""] as const)
    .map(([name, value]) => {
      const [first = "", ...rest] = value.split("\n");
      const [, state = "", title = ""] = /^(open|done): (.*)$/.exec(first) ?? [];
      return { taskId: name.slice(prefix.length), isDone: state === "done", title, text: rest.join("\n") };
    });
}

/** People see it in a preview too: `open: Isolate the device`, and below it what it is about. */
function valueOf(task: Task): string {
  const title = visibleLine(task.title, TITLE_MAX);
  const about = [
    ["Action", visibleLine(task.actionType, NAME_MAX)],
    ["Target", visibleLine(task.target, NAME_MAX)],
  ]
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}`);
  const head = `${isPending(task) ? "open" : "done"}: ${title === "" ? "An action of Defender Experts" : title}`;
  const text = cutText(visibleText(task.description), TEXT_MAX);
  return [head, ...about, ...(text === "" ? [] : [text])].join("\n");
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
