import { expect, it } from "vitest";
import type { TicketConnector } from "../../../../shared/connectors/connector.ts";
import { notificationNotes } from "../../../../shared/connectors/notification-note.ts";
import type { NotificationPart } from "../../../../shared/incident/incident.ts";
import { notesOf } from "../../../../shared/pipeline/lane/notes-of.ts";
import { syncTicket } from "../../../../shared/pipeline/lane/sync-ticket.ts";
import { aProjection } from "../../connectors/a-projection.ts";
import { TIMEOUT, comment, createLane } from "../../../ticket-lane.ts";

const notification: NotificationPart = {
  readAt: 1,
  foundBy: "title",
  executiveSummary: "Somebody moved laterally.",
  recommendedActions: "1. Isolate.",
  huntingQueries: ["DeviceEvents | take 1"],
};

it("what a connector wants noted is among the comments, by age, under an id of its own", () => {
  const projection = aProjection({ comments: [comment("later")], notification });
  const notes = notesOf(projection, notificationNotes(projection));
  expect(notes.map(({ text }) => text.slice(0, 8))).toEqual(["Somebody", "later"]);
  expect(notes.every(({ id }) => /^[A-Za-z0-9]{16}$/.test(id))).toBe(true);
  expect(new Set(notes.map(({ id }) => id)).size).toBe(2);
});

it("a notification is noted once, whatever else changes and however often it is read, and anew where it says something else", async () => {
  const lane = await createLane();
  const { connector } = lane.deps;
  const noting: TicketConnector = {
    ...connector,
    wanted: (projection, context) => ({
      ...connector.wanted(projection, context),
      notes: notificationNotes(projection),
    }),
  };
  const deps = { ...lane.deps, connector: noting };
  lane.tool.fail("notes", "after", TIMEOUT);
  await syncTicket(deps, await lane.change({ notification }), lane.clock.now());
  await lane.drain(48, deps);
  expect(lane.ticket().notes).toMatchObject([{ sections: [{ kind: "text" }, { kind: "list" }, { kind: "query" }] }]);
  const again = await lane.change({ severity: "low", notification: { ...notification, readAt: 9 } });
  await syncTicket(deps, again, lane.clock.now());
  expect(lane.ticket().notes).toHaveLength(1);
  const more = await lane.change({ notification: { ...notification, executiveSummary: "And exfiltrated." } });
  await syncTicket(deps, more, lane.clock.now());
  expect(lane.ticket().notes).toHaveLength(2);
});
