import { describe, expect, it } from "vitest";
import type { ServiceNowCredentials } from "../../local/simulators/servicenow/credentials.ts";
import type { Ticket } from "../../shared/connectors/connector.ts";
import type { ServiceNowAuth } from "../../shared/connectors/servicenow/authorization.ts";
import type { ServiceNowOptions } from "../../shared/connectors/servicenow/index.ts";
import { PermanentError } from "../../shared/errors.ts";
import type { Http } from "../../shared/http/request.ts";
import type { Incident } from "../../shared/incident/incident.ts";
import { STAGES } from "../../shared/incident/lifecycle.ts";
import type { DeltaMessage } from "../../shared/pipeline/schema.ts";
import { syncTicket } from "../../shared/pipeline/lane/sync-ticket.ts";
import { createLane } from "../ticket-lane.ts";
import { STATUS_OF, aProjection, aTask } from "../shared/connectors/a-projection.ts";
import { hiddenIn, htmlIn, linkIn, mentionIn } from "../shared/connectors/inertness.ts";
import { errorOf } from "../shared/http/loopback-http.ts";
import { startLoopbackServer } from "../shared/http/loopback-server.ts";
import { create, signal, startBench } from "./servicenow-bench.ts";
import { type TicketHarness, afterFirstWriteOver, describeTicketConnector } from "./ticket-connector.ts";

/** How the product signs in, and how the instance then refuses it. */
const SIGN_INS = {
  basic: ({ username, password }) => [
    { kind: "basic", username, password },
    { kind: "basic", username, password: "wrong" },
  ],
  oauth: ({ clientId, clientSecret }) => [
    { kind: "oauth", clientId, clientSecret },
    { kind: "oauth", clientId, clientSecret: "wrong" },
  ],
  apiKey: ({ apiKey }) => [
    { kind: "apiKey", key: apiKey },
    { kind: "apiKey", key: "wrong" },
  ],
} satisfies Record<
  ServiceNowAuth["kind"],
  (credentials: ServiceNowCredentials) => readonly [ServiceNowAuth, ServiceNowAuth]
>;

/** A request for a token writes no ticket. */
function afterFirstTicketWrite(http: Http, happen: () => void): Http {
  const watched = afterFirstWriteOver(http, happen);
  const isToken = (url: string): boolean => url.endsWith("/oauth_token.do");
  return { ...http, send: (request) => (isToken(request.url) ? http : watched).send(request) };
}

const WORKED_ON = { incident: "2", sn_si_incident: "16" } as const;

async function startHarness(table: ServiceNowOptions["table"], signIn: ServiceNowAuth["kind"]): Promise<TicketHarness> {
  const { simulator, http, tickets, connect, close } = await startBench(table);
  const [auth, refused] = SIGN_INS[signIn](simulator.credentials);
  const connector = connect({ auth });
  const state = WORKED_ON[table];
  return {
    connector,
    refused: connect({ auth: refused }),
    afterFirstWrite: (happen) => connect({ auth, http: afterFirstTicketWrite(http, happen) }),
    seed: (incident) => create(connector, incident),
    workAsPerson(ref) {
      simulator.changeAs("beth.anglin", ref.id, {
        assigned_to: "beth.anglin",
        watch_list: "x@contoso.test",
        category: "network",
      });
    },
    foreign(ref) {
      const { assigned_to, watch_list, category, short_description } = tickets.get(ref.id)?.fields ?? {};
      return { assigned_to, watch_list, category, short_description };
    },
    change: { values: { state, impact: "1" }, tags: { add: [], remove: [] } },
    shows: (ticket) => ticket.values["state"] === state && ticket.values["impact"] === "1",
    noteCount: (ref) =>
      tickets.journal(ref.id).flatMap(({ value }) => value.match(/\[mdx:[0-9a-f]{16}\]/g) ?? []).length,
    texts: (ref) => [
      ...Object.values(tickets.get(ref.id)?.fields ?? {}).map((text) =>
        text.replaceAll("https://security.microsoft.com/", ""),
      ),
      ...tickets.journal(ref.id).map(({ value }) => value),
    ],
    isLive: (text) =>
      hiddenIn(text) ??
      linkIn(text) ??
      mentionIn(text) ??
      /\[[\s/]*code/i.exec(text)?.[0] ??
      (text.startsWith("[mdx:") ? htmlIn(text) : undefined),
    writeMethod: "PATCH",
    addFault: simulator.faults.add,
    clearFaults: simulator.faults.clear,
    requestCount: () => simulator.requests.read().total,
    close,
  };
}

describeTicketConnector("ServiceNow, incident, basic", () => startHarness("incident", "basic"));
describeTicketConnector("ServiceNow, incident, OAuth", () => startHarness("incident", "oauth"));
describeTicketConnector("ServiceNow, sn_si_incident, API key", () => startHarness("sn_si_incident", "apiKey"));

describe("ServiceNow", () => {
  it.each(STAGES)(
    "takes a ticket in stage %s, new or changed, and answers every field as it was written",
    async (stage) => {
      const bench = await startBench();
      try {
        for (const mapping of [
          { assignmentGroup: bench.simulator.directory.rows("sys_user_group")[0]?.["sys_id"] ?? "" },
          { onHold: true },
        ]) {
          const connector = bench.connect({ mapping });
          const { fields } = connector.wanted(aProjection({ status: STATUS_OF[stage] }), { survivor: undefined });
          const ticket = await create(connector, { status: STATUS_OF[stage] });
          expect(ticket.values).toMatchObject(fields.values);
          const from = await create(connector, { status: "active", title: "Old title" });
          const changed = await connector.update(
            from.ref,
            { values: fields.values, tags: { add: [], remove: [] } },
            signal,
          );
          expect(changed.values).toMatchObject(fields.values);
        }
      } finally {
        await bench.close();
      }
    },
  );

  it("brings a resolved ticket back to In Progress, not to New, and leaves it there", async () => {
    const bench = await startBench();
    try {
      const connector = bench.connect();
      const { ref } = await create(connector, { status: "resolved" });
      const reopened = (title: string): Ticket["values"] =>
        connector.wanted(aProjection({ status: "active", title }, [], ["resolved"]), { survivor: undefined }).fields
          .values;
      for (const title of ["Reopened", "Renamed since"]) {
        const ticket = await connector.update(ref, { values: reopened(title), tags: { add: [], remove: [] } }, signal);
        expect(ticket.values).toMatchObject({ state: "2", short_description: title });
      }
    } finally {
      await bench.close();
    }
  });

  it("reopens a resolved ticket, and comments on entering On Hold only", async () => {
    const bench = await startBench();
    try {
      const connector = bench.connect({ mapping: { onHold: true } });
      const { ref } = await create(connector, { status: "resolved" });
      for (const status of ["active", "awaitingAction", "inProgress", "resolved", "awaitingAction"]) {
        const { fields } = connector.wanted(aProjection({ status }), { survivor: undefined });
        const ticket = await connector.update(ref, { values: fields.values, tags: { add: [], remove: [] } }, signal);
        expect(ticket.values["state"]).toBe(fields.values["state"]);
      }
      const comments = bench.simulator.tickets.journal(ref.id).filter(({ element }) => element === "comments");
      expect(comments).toHaveLength(2);
    } finally {
      await bench.close();
    }
  });

  it("finds the oldest of two tickets and says that there are two", async () => {
    const bench = await startBench();
    try {
      const connector = bench.connect();
      const first = await create(connector, {});
      const second = await create(connector, {});
      const found = await connector.find(aProjection().key, signal);
      expect(found?.ref).toEqual(first.ref);
      expect(found?.duplicates).toEqual([second.ref.label]);
    } finally {
      await bench.close();
    }
  });

  it("never takes another record for the ticket where the instance ignores the query", async () => {
    const bench = await startBench();
    try {
      await create(bench.connect(), {});
      const http: Http = {
        ...bench.http,
        send: (request) =>
          bench.http.send({ ...request, url: request.url.replace("correlation_id%3D", "no_such_column%3D") }),
      };
      const other = aProjection({ id: "4711" as Incident["id"] }).key;
      await expect(bench.connect({ http }).find(other, signal)).rejects.toMatchObject({ reason: "unauthorized" });
    } finally {
      await bench.close();
    }
  });

  it("takes no change of a closed ticket, and says how to mend it", async () => {
    const bench = await startBench();
    try {
      const connector = bench.connect();
      const { ref } = await create(connector, { status: "resolved" });
      bench.simulator.changeAsAdmin(ref.id, { state: "7" });
      await expect(connector.read(ref, signal)).resolves.toMatchObject({ isFinal: true });
      const change = connector.update(ref, { values: { state: "2" }, tags: { add: [], remove: [] } }, signal);
      await expect(change).rejects.toBeInstanceOf(PermanentError);
      await expect(change).rejects.toMatchObject({
        reason: "final",
        message: `${ref.label} is Closed and takes no more changes`,
      });
      for (const said of ["a new ticket continues it", "reopen the record"])
        await expect(change).rejects.toHaveProperty("mend", expect.stringContaining(said));
    } finally {
      await bench.close();
    }
  });

  it("finds the living record of an incident before those that it continues, and none of these is a duplicate", async () => {
    const bench = await startBench();
    try {
      const connector = bench.connect();
      const closed = await create(connector, { status: "resolved" });
      bench.simulator.changeAsAdmin(closed.ref.id, { state: "7" });
      const { key } = aProjection({ status: "resolved" });
      await expect(connector.find(key, signal)).resolves.toMatchObject({ ref: closed.ref, isFinal: true });

      const continued = closed.ref;
      const wanted = connector.wanted(aProjection({ status: "active" }), { survivor: undefined, continued });
      expect(wanted.fields.values["description"]).toContain(`Continues: ${continued.label}, which stays closed`);
      const living = await connector.create?.(wanted.fields, signal);
      const found = await connector.find(key, signal);
      expect(found).toMatchObject({ ref: living?.ref, isFinal: false });
      expect(found?.duplicates).toBeUndefined();
      // A second living one is a duplicate of the older.
      const extra = await connector.create?.(wanted.fields, signal);
      await expect(connector.find(key, signal)).resolves.toMatchObject({
        ref: living?.ref,
        duplicates: [extra?.ref.label],
      });
    } finally {
      await bench.close();
    }
  });

  it("stays with a record that it cannot see, and says how to mend it", async () => {
    const bench = await startBench();
    try {
      const missing = { id: "0".repeat(32), label: "INC0010042", url: "https://x.test" };
      const change = bench.connect().update(missing, { values: { state: "2" }, tags: { add: [], remove: [] } }, signal);
      await expect(change).rejects.toMatchObject({ name: "PermanentError", reason: "notFound" });
      await expect(change).rejects.toThrow(/INC0010042 is not there any more/);
      for (const said of ["restore it or its visibility", "replay this work"])
        await expect(change).rejects.toHaveProperty("mend", expect.stringContaining(said));
    } finally {
      await bench.close();
    }
  });

  it("makes a deleted record anew once, and asks and writes nothing once that is deleted too", async () => {
    const bench = await startBench();
    try {
      const lane = await createLane({}, { deleted: "recreate" });
      const deps = { ...lane.deps, connector: bench.connect() };
      const sync = (message: DeltaMessage) => syncTicket(deps, message, lane.clock.now());
      const records = () => [...bench.simulator.tickets.all()].map(({ fields }) => fields["state"]);
      expect(await sync(await lane.change({}))).toBe("created");
      bench.simulator.tickets.delete((await lane.link()).ticket?.id ?? "");
      expect(await sync(await lane.change({ status: "inProgress" }))).toBe("created");
      expect(records()).toEqual(["2"]);
      expect(await sync(await lane.change({ severity: "low" }))).toBe("updated");
      bench.simulator.tickets.delete((await lane.link()).ticket?.id ?? "");
      expect(await sync(await lane.change({ severity: "high" }))).toBe("detached");
      const before = bench.simulator.requests.read().total;
      expect(await sync(await lane.change({ status: "resolved" }))).toBe("detached");
      expect(bench.simulator.requests.read().total).toBe(before);
      expect(records()).toEqual([]);
    } finally {
      await bench.close();
    }
  });

  it("keeps a description with queries as it was written", async () => {
    const bench = await startBench();
    try {
      const query = 'DeviceNetworkEvents\n| where RemoteUrl has "evil.test" and Count < 5 // R&D\n\t| take 10';
      const notification = {
        readAt: 0,
        foundBy: "title",
        executiveSummary: "Somebody moved laterally.",
        recommendedActions: "Isolate the host.",
        huntingQueries: [query],
      } as const;
      const ticket = await create(bench.connect(), { notification, tasks: { readAt: 0, rows: [aTask()] } });
      expect(bench.simulator.tickets.get(ticket.ref.id)?.fields["description"]).toContain(query);
      const { fields } = bench.connect().wanted(aProjection({ notification, tasks: { readAt: 0, rows: [aTask()] } }), {
        survivor: undefined,
      });
      expect(ticket.values).toMatchObject(fields.values);
    } finally {
      await bench.close();
    }
  });

  it("hands on what the tool says of a refusal, with a mend", async () => {
    const bench = await startBench();
    try {
      const connector = bench.connect({ mapping: { closeCodes: { unknown: "No such code" } } });
      const { ref } = await create(connector, {});
      const { fields } = connector.wanted(aProjection({ status: "resolved" }), { survivor: undefined });
      const change = connector.update(ref, { values: fields.values, tags: { add: [], remove: [] } }, signal);
      await expect(change).rejects.toMatchObject({ name: "PermanentError", reason: "rejected" });
      await expect(change).rejects.toThrow(/No such code/);
      await expect(change).rejects.toHaveProperty("mend", expect.stringContaining("mapping.closeCodes"));
    } finally {
      await bench.close();
    }
  });

  it("cannot tell of notes where the journal is closed to it", async () => {
    const bench = await startBench();
    try {
      bench.simulator.behaviour.journalReadable = false;
      const connector = bench.connect();
      const { ref } = await create(connector, {});
      await expect(connector.readNotes?.(ref, signal)).resolves.toBeUndefined();
    } finally {
      await bench.close();
    }
  });

  it("writes all pending notes in one request", async () => {
    const bench = await startBench();
    try {
      const connector = bench.connect();
      const { ref } = await create(connector, {});
      bench.simulator.requests.reset();
      const notes = ["a", "b", "c"].map((letter) => ({
        id: letter.repeat(16),
        author: "x",
        createdAt: "2026-02-25T16:29:33Z",
        text: letter,
      }));
      await connector.appendNotes(ref, notes, signal);
      expect(bench.simulator.requests.read().byKind).toEqual({ "change incident": 1 });
    } finally {
      await bench.close();
    }
  });

  it("opens the ticket for people by its link", async () => {
    const bench = await startBench();
    try {
      const ticket = await create(bench.connect(), {});
      const page = await fetch(ticket.ref.url);
      expect(page.status).toBe(200);
      await expect(page.text()).resolves.toContain(ticket.ref.label);
    } finally {
      await bench.close();
    }
  });

  describe("signs in", () => {
    it("with an API key", async () => {
      const bench = await startBench();
      try {
        const connector = bench.connect({ auth: { kind: "apiKey", key: bench.simulator.credentials.apiKey } });
        await expect(create(connector, {})).resolves.toHaveProperty("ref.label");
      } finally {
        await bench.close();
      }
    });

    it("with OAuth: one token for all, renewed before its end, and once when it is withdrawn", async () => {
      const bench = await startBench();
      try {
        const { clientId, clientSecret } = bench.simulator.credentials;
        let now = Date.now();
        const connector = bench.connect({ auth: { kind: "oauth", clientId, clientSecret }, clock: { now: () => now } });
        const { key } = aProjection();
        await Promise.all(Array.from({ length: 8 }, () => connector.find(key, signal)));
        expect(bench.simulator.requests.of("token")).toBe(1);
        now += 1_800_000 - 30_000;
        await connector.find(key, signal);
        expect(bench.simulator.requests.of("token")).toBe(2);
        bench.simulator.revokeTokens();
        await connector.find(key, signal);
        expect(bench.simulator.requests.of("token")).toBe(3);
      } finally {
        await bench.close();
      }
    });

    it("with OAuth that is refused, and told so in words that repeat the secret: without the secret", async () => {
      const bench = await startBench();
      try {
        const clientSecret = "s3cr3t/+s3cr3t";
        const server = await startLoopbackServer((response, { body }) => {
          const said = `no client with ${new URLSearchParams(body).get("client_secret") ?? ""}`;
          response.writeHead(400, { "content-type": "application/json" });
          response.end(JSON.stringify({ error: "invalid_client", error_description: said }));
        });
        const connector = bench.connect({ url: server.url, auth: { kind: "oauth", clientId: "x", clientSecret } });
        const error = await errorOf(create(connector, {}));
        expect(error).toMatchObject({ reason: "unauthorized", mayHaveHappened: false });
        expect((error as Error).message).toContain("invalid_client; no client with [redacted]");
        expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("s3cr3t");
      } finally {
        await bench.close();
      }
    });

    it("with OAuth that is refused: as a refused credential, and nothing of a ticket may have happened", async () => {
      const bench = await startBench();
      try {
        const connector = bench.connect({ auth: { kind: "oauth", clientId: "x", clientSecret: "y" } });
        await expect(create(connector, {})).rejects.toMatchObject({ reason: "unauthorized", mayHaveHappened: false });
        bench.simulator.faults.add({ kind: "cut", match: "POST /oauth_token.do" });
        await expect(create(connector, {})).rejects.toMatchObject({ name: "RetryableError", mayHaveHappened: false });
      } finally {
        await bench.close();
      }
    });
  });
});
