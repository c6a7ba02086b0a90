import { describe, expect, it } from "vitest";
import type { TicketConnector } from "../../../../shared/connectors/connector.ts";
import { PermanentError, RetryableError } from "../../../../shared/errors.ts";
import { syncTicket } from "../../../../shared/pipeline/lane/sync-ticket.ts";
import { createLane } from "../../../ticket-lane.ts";

const FILE = { name: "evidence.csv", mediaType: "text/csv", text: "a" };

/** A lane whose tool takes files, of which some fail. */
async function createFilingLane(failures: Error[] = []) {
  const lane = await createLane();
  const attached: string[] = [];
  const { connector } = lane.tool;
  const filing: TicketConnector = {
    ...connector,
    wanted: (...args) => ({ ...connector.wanted(...args), attachments: [FILE] }),
    attach: (_ref, file) => {
      const failure = failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      attached.push(file.name);
      return Promise.resolve();
    },
  };
  const deps = { ...lane.deps, connector: filing };
  return {
    ...lane,
    attached,
    drain: () => lane.drain(48, deps),
    run: (message: Parameters<typeof lane.run>[0]) => syncTicket(deps, message, lane.clock.now()),
  };
}

describe("a file on a ticket", () => {
  it("is attached once: with the ticket, and not again with its changes", async () => {
    const lane = await createFilingLane();
    await expect(lane.run(await lane.change({ status: "active" }))).resolves.toBe("created");
    await expect(lane.run(await lane.change({ status: "inProgress" }))).resolves.toBe("updated");
    expect(lane.attached).toEqual([FILE.name]);
    await expect(lane.link()).resolves.toMatchObject({ attached: [FILE.name] });
  });

  it.each([
    ["that was not sent", new RetryableError("unavailable", "503")],
    ["that may have arrived", new RetryableError("timeout", "no answer", { mayHaveHappened: true })],
  ])("%s is attached later, and nothing else is written again", async (_name, failure) => {
    const lane = await createFilingLane([failure]);
    await expect(lane.run(await lane.change({ status: "active" }))).resolves.toBe("waiting");
    await lane.drain();
    expect(lane.attached).toEqual([FILE.name]);
    expect(lane.tool.calls).toMatchObject({ create: 1, update: 0 });
  });

  it("that the tool refuses is parked, and keeps back neither fields nor notes", async () => {
    const refusal = new PermanentError("rejected", "no right to attach", { mend: "give it" });
    const lane = await createFilingLane([refusal, refusal]);
    const comments = [{ author: "x", createdAt: "2026-02-25T16:29:33Z", text: "a note" }];
    await expect(lane.run(await lane.change({ status: "active", comments }))).resolves.toBe("parked");
    expect(lane.ticket().notes).toHaveLength(1);
    await expect(lane.run(await lane.change({ status: "inProgress" }))).resolves.toBe("parked");
    expect(lane.tool.calls.update).toBe(1);
    await expect(lane.run(await lane.change({ status: "resolved" }))).resolves.toBe("updated");
    expect(lane.attached).toEqual([FILE.name]);
    expect(lane.ticket().notes).toHaveLength(1);
  });
});
