import type { SimulatorClock } from "../clock.ts";
import type { QRadarBehaviour } from "./qradar-behaviour.ts";
import type { QRadarStore } from "./qradar-store.ts";

/** What the admin's rule raises offenses for. */
const RAISING = ["IncidentCreated", "IncidentInProgress", "IncidentAwaitingCustomerAction", "IncidentReopened"];

export interface OffenseRule {
  /** An event of a log source: part of the open offense of its index, or of a new one. */
  take(line: string, logSource: string): void;
  /** Raises what has become due. */
  catchUp(): void;
}

/** An event rule that indexes its offenses by a property of the event. What is closed takes no more events. */
export function createOffenseRule(store: QRadarStore, clock: SimulatorClock, behaviour: QRadarBehaviour): OffenseRule {
  let waiting: Array<{
    readonly dueAt: number;
    readonly source: string;
    readonly title: string;
    readonly logSource: string;
  }> = [];
  return {
    take(line, logSource) {
      const [, eventId = "", delimiter = "", attributes = ""] =
        /LEEF:2\.0\|[^|]*\|[^|]*\|[^|]*\|([^|]*)\|(.)\|(.*)$/s.exec(line) ?? [];
      if (!behaviour.ruleOn || !RAISING.includes(eventId)) return;
      const pairs = attributes.split(delimiter).map((pair) => {
        const at = pair.indexOf("=");
        return [pair.slice(0, at), pair.slice(at + 1)] as const;
      });
      const values = new Map(pairs);
      const source = values.get(behaviour.indexBy);
      // A property without a value raises no offense.
      if (source === undefined || source === "") return;
      waiting.push({
        dueAt: clock.now() + behaviour.offenseDelayMs,
        source,
        title: values.get("mdxTitle") ?? "",
        logSource,
      });
    },
    catchUp() {
      const now = clock.now();
      const due = waiting.filter(({ dueAt }) => dueAt <= now);
      waiting = waiting.filter(({ dueAt }) => dueAt > now);
      for (const { source, title, logSource } of due) {
        const open = [...store.offenses.values()].find(
          (one) => one.offense_source === source && one.status !== "CLOSED",
        );
        const offense = open ?? store.raise(source, title, logSource);
        offense.event_count += 1;
        store.touch(offense);
      }
    },
  };
}
