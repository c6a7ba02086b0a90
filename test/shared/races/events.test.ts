import fc from "fast-check";
import { expect, it } from "vitest";
import type { EventConnector } from "../../../shared/connectors/event-connector.ts";
import { RetryableError } from "../../../shared/errors.ts";
import type { LifecycleEvent } from "../../../shared/incident/lifecycle-event.ts";
import type { DeltaMessage } from "../../../shared/pipeline/schema.ts";
import { SOAR, createEventLane } from "../../event-lane.ts";

const LOST = new RetryableError("timeout", "the answer was lost", { mayHaveHappened: true });

interface Step {
  readonly status: string;
  /** So many workers have the same message. */
  readonly workers: number;
  /** Of the calls that it causes, how they end. */
  readonly isLost: boolean;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    status: fc.constantFrom("active", "inProgress", "awaitingAction", "resolved"),
    workers: fc.integer({ min: 1, max: 3 }),
    isLost: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
);

it("workers who race for a link: the newest is told, no stay is missed, and an id is always the same state", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), steps, async (scheduler, plan) => {
      const taken: LifecycleEvent[] = [];
      const losses = plan.map(({ isLost }) => isLost);
      const connector: EventConnector = {
        id: SOAR,
        kind: "fake",
        async send(event) {
          await scheduler.schedule(Promise.resolve(), `sent ${event.seq}`);
          taken.push(event);
          await scheduler.schedule(Promise.resolve(), `answered ${event.seq}`);
          if (losses.shift() === true) throw LOST;
        },
      };
      const lane = createEventLane({ connector });
      const messages: DeltaMessage[] = [];
      const running: Promise<unknown>[] = [];
      for (const [index, { status, workers }] of plan.entries()) {
        messages.push(await lane.change({ status, title: `change ${index}` }));
        const message = messages.at(-1);
        if (message === undefined) continue;
        for (let worker = 0; worker < workers; worker += 1) running.push(lane.run(message));
      }
      const all = Promise.all(running);
      await scheduler.waitFor(all);
      await scheduler.waitFor(lane.drain());
      const newest = messages.at(-1)?.seq ?? 0;
      expect(await lane.link()).toMatchObject({ appliedSeq: newest, isParked: false });
      expect((await lane.link()).pending).toBeUndefined();
      expect(Math.max(...taken.map(({ seq }) => seq))).toBe(newest);
      // What a receiver makes of it that takes each id once.
      const byId = new Map<string, LifecycleEvent>();
      for (const event of taken) {
        const first = byId.get(event.id) ?? event;
        byId.set(event.id, first);
        expect(event.projection).toStrictEqual(first.projection);
      }
      const heard = new Set(
        [...byId.values()].flatMap(({ skipped, projection }) => [...skipped, projection.lifecycle.stage]),
      );
      const stays = lane.snapshot().stages.map(({ stage }) => stage);
      expect(stays.filter((stage) => !heard.has(stage))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
