import { expect, it, vi } from "vitest";
import { provide } from "../../functions/compose-once.ts";
import { registerReportHealth } from "../../functions/report-health.ts";
import { RetryableError } from "../../shared/errors.ts";
import type { Table } from "../../shared/pipeline/ports/table.ts";
import { startBellRig } from "../bell-rig.ts";
import { startTestHost } from "../local/host/start-test-host.ts";

const HOST_JSON = { version: "2.0", extensions: { http: { routePrefix: "" } } };

/** The rig for its configuration; each operation of each table comes to `error`. */
async function healthWhereTablesFail(error: Error): Promise<Response> {
  const { tables, bus, clock, log } = await startBellRig();
  const fails = vi.fn<() => Promise<never>>().mockRejectedValue(error);
  const broken: Table = { get: fails, put: fails, getMany: fails, range: fails, delete: fails, batch: fails };
  const all = Object.fromEntries(Object.keys(tables).map((name) => [name, broken])) as unknown as typeof tables;
  provide({ tables: all, bus, clock, log, isOneMachine: true });
  const host = await startTestHost({
    hostJson: HOST_JSON,
    authorization: "loopback",
    load: () => registerReportHealth(),
  });
  return fetch(`${host.url}/api/health`);
}

it("says that the state cannot be read, and what mends it, where the tables are down", async () => {
  const answer = await healthWhereTablesFail(new RetryableError("unavailable", "table open gave no answer"));
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({
    status: "failing",
    problems: [
      expect.stringMatching(/^the state cannot be read: table open gave no answer; look whether the tables run/),
    ],
  });
});

it("lets a bug through", async () => {
  expect((await healthWhereTablesFail(new TypeError("a bug"))).status).toBe(500);
});
