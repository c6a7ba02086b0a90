import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventConnector } from "../../shared/connectors/event-connector.ts";
import { RetryableError } from "../../shared/errors.ts";
import type { LifecycleEvent } from "../../shared/incident/lifecycle-event.ts";
import type { DeltaMessage } from "../../shared/pipeline/schema.ts";
import { createEventLane } from "../event-lane.ts";
import { HOSTILE_TEXTS } from "../shared/connectors/hostile-texts.ts";
import { STATUS_OF } from "../shared/connectors/a-projection.ts";

/** A tool that takes events, its simulator, and what one can do to it. */
export interface EventHarness {
  readonly connector: EventConnector;
  /** All that the tool took, in the order it came, repeats included. */
  received(): readonly ReceivedEvent[];
  /** The tool takes the next event and its answer is lost. */
  loseAnswer(): void;
  /** Nobody is there, until it comes back. */
  goAway(): void;
  comeBack(): void;
  /** How often it was called, refusals included. */
  requestCount(): number;
  /** What of an event as it was on the wire would come to life there; undefined for nothing. */
  isLive(wire: string): string | undefined;
  /** Fails where something came that the tool does not expect. */
  close(): Promise<void>;
}

export interface ReceivedEvent {
  readonly id: string;
  readonly incidentId: string;
  readonly sequence: number;
  readonly stage: string;
  readonly skipped: readonly string[];
  /** Without what belongs to the sending (its time, its signature). */
  readonly content: string;
  readonly wire: string;
}

const HOUR_MS = 3_600_000;

export function describeEventConnector(name: string, start: () => Promise<EventHarness>): void {
  describe(`${name} keeps the promises of an event connector`, () => {
    let harness: EventHarness;
    let lane: ReturnType<typeof createEventLane>;
    beforeEach(async () => {
      harness = await start();
      lane = createEventLane({ connector: harness.connector });
    });
    afterEach(() => harness.close());

    it("gets one event of a change, however often it is delivered", async () => {
      const message = await lane.change({ status: "inProgress" });
      expect(await lane.run(message)).toBe("sent");
      expect(await lane.run(message)).toBe("stale");
      expect(harness.received()).toMatchObject([
        { incidentId: "29", sequence: message.seq, stage: "inProgress", skipped: [] },
      ]);
    });

    it("gets an event again under the same id and with the same content, where the answer was lost", async () => {
      harness.loseAnswer();
      expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("waiting");
      expect(await lane.drain()).toStrictEqual(["sent"]);
      const [first, second, ...more] = harness.received();
      expect(more).toEqual([]);
      expect(second?.id).toBe(first?.id);
      expect(second?.content).toBe(first?.content);
    });

    it("gets it again so, too, where the process died before it was noted down", async () => {
      const message = await lane.change({ status: "inProgress" });
      const { batch } = lane.tables.incident;
      const down = new RetryableError("unavailable", "no table");
      Object.assign(lane.tables.incident, { batch: () => Promise.reject(down) });
      await lane.run(message);
      Object.assign(lane.tables.incident, { batch });
      await lane.drain();
      const ids = harness.received().map(({ id, content }) => `${id} ${content}`);
      expect(ids).toHaveLength(2);
      expect(new Set(ids).size).toBe(1);
    });

    it("gets the events of an incident in order, in whatever order deltas come, and hears of every stage", async () => {
      const messages: DeltaMessage[] = [];
      for (const status of Object.values(STATUS_OF)) messages.push(await lane.change({ status }));
      for (const index of [2, 0, 1, 5, 3, 4]) await lane.run(messages[index] ?? failing());
      await lane.drain();
      const sequences = harness.received().map(({ sequence }) => sequence);
      expect(sequences).toStrictEqual(sequences.toSorted((a, b) => a - b));
      const heard = harness.received().flatMap(({ stage, skipped }) => [...skipped, stage]);
      expect(heard).toStrictEqual(Object.keys(STATUS_OF));
    });

    it("that is away for 6 hours misses nothing: each stage is told or skipped, once; nothing is parked", async () => {
      await lane.run(await lane.change({ status: "active" }, "30"));
      harness.goAway();
      const before = harness.requestCount();
      const ids = ["29", "30", "31"];
      const statuses = ["inProgress", "awaitingAction", "inProgress", "resolved"];
      for (const status of statuses) {
        for (const id of ids) await lane.run(await lane.change({ status }, id));
        await lane.drain(6 / statuses.length);
        await lane.clock.advance(Math.max(0, 0.25 * HOUR_MS));
      }
      // At most a probe a minute, and the calls of whoever had not heard yet.
      expect(harness.requestCount() - before).toBeLessThanOrEqual(6 * 60 + 60 + 10);
      for (const id of ids) expect(await lane.parked(id)).toBeUndefined();
      harness.comeBack();
      await lane.drain();
      for (const id of ids) {
        const events = harness.received().filter(({ incidentId }) => incidentId === id);
        const heard = events.flatMap(({ stage, skipped }) => [...skipped, stage]);
        const wanted = ["inProgress", "awaitingCustomerAction", "inProgress", "resolved"];
        expect(heard).toStrictEqual(id === "30" ? ["active", ...wanted] : wanted);
        expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
      }
    });

    it("lets no hostile text come to life", async () => {
      const texts = HOSTILE_TEXTS.map(([, text]) => text);
      for (const [index, text] of texts.entries()) {
        const short = text.slice(0, 300);
        const message = await lane.change(
          {
            title: short,
            description: text,
            summary: text,
            assignedTo: short,
            determination: short,
            customTags: [short],
            comments: [{ author: short, createdAt: "2026-02-25T16:29:33.1Z", text }],
          },
          `${100 + index}`,
        );
        expect(await lane.run(message)).toBe("sent");
      }
      expect(harness.received().map(({ incidentId }) => incidentId)).toStrictEqual(
        texts.map((_text, index) => `${100 + index}`),
      );
      expect(harness.received().flatMap(({ wire }) => harness.isLive(wire) ?? [])).toEqual([]);
    });

    it("sends nothing once its time is over", async () => {
      const taken: LifecycleEvent[] = [];
      const spy = createEventLane({ connector: { id: harness.connector.id, kind: "spy", send: keep } });
      await spy.run(await spy.change({ status: "inProgress" }));
      const sent = harness.connector.send(taken[0] ?? failing(), AbortSignal.abort());
      await expect(sent).rejects.toMatchObject({ reason: "timeout" });
      expect(harness.requestCount()).toBe(0);

      async function keep(event: LifecycleEvent): Promise<void> {
        await Promise.resolve();
        taken.push(event);
      }
    });
  });
}

function failing(): never {
  throw new Error("the test has nothing there");
}
