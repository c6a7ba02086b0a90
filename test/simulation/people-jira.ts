import { labelsOf } from "./jira-issue.ts";
import type { Jira } from "./jira-service.ts";
import { type JiraWorkflowKind, transitionsFrom } from "./jira-workflow.ts";
import type { Prng } from "./prng.ts";
import type { TicketRecord } from "./ticket-record.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

/** A clone is made of what somebody has looked at for a while. */
const CLONED_AFTER_MS = 5 * 60_000;

/** Somebody at the customer's who works in Jira: on the board, in the fields, with labels and remarks of their own. */
export function startJiraPerson(world: {
  readonly random: Prng;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly jira: Jira;
  readonly workflow: JiraWorkflowKind;
  /** Deeds a record, on average. */
  readonly share: number;
  readonly until: number;
}): { onRecord(record: TicketRecord): void } {
  const { random, timeline, trace, jira, until } = world;
  let deeds = 0;

  return {
    onRecord(record) {
      while (random.chance(world.share)) {
        timeline.at(timeline.now() + random.next() ** 2 * (until - timeline.now()), () => edit(record));
      }
    },
  };

  function edit(record: TicketRecord): void {
    deeds += 1;
    trace.fault("person's edit");
    if (random.chance(0.05) && timeline.now() - record.madeAt > CLONED_AFTER_MS) {
      trace.note("person", `clones ${record.number}`);
      return jira.clone(record);
    }
    const values = random.chance(0.35) ? moved(record) : changed(record);
    jira.write(record, "person", values);
    trace.note("person", `${record.number} ${JSON.stringify(values)}`);
  }

  function changed(record: TicketRecord): Readonly<Record<string, string>> {
    return random.pick([
      { summary: `our own words ${deeds}` },
      { priority: random.pick(["Highest", "High", "Medium", "Low"]) },
      { assignee: `team ${deeds}` },
      { description: `what we think of it ${deeds}` },
      { labels: [...labelsOf(record), `soc-${deeds}`].join("|") },
      {
        labels: labelsOf(record)
          .filter((label) => !label.startsWith("soc-"))
          .join("|"),
      },
      { work_notes: `looked at it ${deeds}` },
    ]);
  }

  /** As the board lets them. */
  function moved(record: TicketRecord): Readonly<Record<string, string>> {
    const [first, ...others] = transitionsFrom(world.workflow, record.values["status"]);
    if (first === undefined) return { work_notes: `it is closed ${deeds}` };
    const { to, resolution } = random.pick([first, ...others]);
    return { status: to, ...(resolution === undefined ? {} : { resolution: "Won't Do" }) };
  }
}
