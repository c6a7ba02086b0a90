import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Note, Ticket, TicketChanges, TicketConnector, TicketRef } from "../../shared/connectors/connector.ts";
import { PermanentError, RetryableError } from "../../shared/errors.ts";
import type { Incident, IncidentId } from "../../shared/incident/incident.ts";
import type { Fault } from "../../local/simulators/http/faults.ts";
import { aProjection } from "../shared/connectors/a-projection.ts";
import type { Http } from "../../shared/http/request.ts";
import { HOSTILE_TEXTS } from "../shared/connectors/hostile-texts.ts";

/** A connector and the simulated tool it talks to, over real HTTP. */
export interface TicketHarness {
  readonly connector: TicketConnector;
  /** The same, with a credential the tool does not take. */
  readonly refused: TicketConnector;
  /** The same, over a line on which something happens once the first write was carried out. */
  afterFirstWrite(happen: () => void): TicketConnector;
  /** The incident gets its ticket: made by the connector, or by the tool's own connector. The first is incident 29, the next 30. */
  seed(incident: Partial<Incident>): Promise<Ticket>;
  /** A person's own work on a ticket: a field and a tag that are not ours. */
  workAsPerson(ref: TicketRef): void;
  /** What must stay as the person left it. */
  foreign(ref: TicketRef): unknown;
  /** A change of ours, and what the ticket shows once it is there. */
  readonly change: TicketChanges;
  shows(ticket: Ticket): boolean;
  /** How many notes of ours the tool holds, and all text in it that came from us. */
  noteCount(ref: TicketRef): number;
  texts(ref: TicketRef): readonly string[];
  /** True where a text would come to life in this tool. */
  isLive(text: string): string | undefined;
  /** "PATCH": how this tool is written to. */
  readonly writeMethod: string;
  /** So many characters and a note shares no entry of this tool with another; 2,800 where absent. */
  readonly longNote?: number;
  addFault(fault: Fault): void;
  clearFaults(): void;
  requestCount(): number;
  close(): Promise<void>;
}

const TEXTS_A_NOTE = 5;
const KEY_PROJECTION = aProjection();
const MISSING: TicketRef = { id: "0".repeat(32), label: "missing", url: "https://example.test" };

function aNote(index: number, text = `Host ${index} isolated.`): Note {
  return {
    id: index.toString(16).padStart(16, "0"),
    author: "Defender Experts",
    createdAt: "2026-02-25T16:29:33Z",
    text,
  };
}

function longText({ longNote = 2_800 }: Pick<TicketHarness, "longNote">, index: number): string {
  return `${index} `.repeat(longNote / 2);
}

function anySignal(): AbortSignal {
  return new AbortController().signal;
}

/** A line on which something happens once the first write was carried out. */
export function afterFirstWriteOver(http: Http, happen: () => void): Http {
  let isFirst = true;
  return {
    ...http,
    async send(request) {
      const response = await http.send(request);
      if (request.method !== "GET" && isFirst) {
        isFirst = false;
        happen();
      }
      return response;
    },
  };
}

/** What every ticket connector promises to the pipeline. */
export function describeTicketConnector(name: string, start: () => Promise<TicketHarness>): void {
  describe(`${name} keeps the promises of a ticket connector`, () => {
    let harness: TicketHarness;
    beforeEach(async () => {
      harness = await start();
    });
    afterEach(() => harness.close());

    describe("finds", () => {
      it("nothing where there is nothing", async () => {
        await expect(harness.connector.find(KEY_PROJECTION.key, anySignal())).resolves.toBeUndefined();
      });

      it("the ticket of an incident, and no other's", async () => {
        const seeded = await harness.seed({});
        const other = await harness.seed({ id: "30" as IncidentId });
        const found = await harness.connector.find(KEY_PROJECTION.key, anySignal());
        expect(found?.ref).toEqual(seeded.ref);
        expect(found?.ref.id).not.toBe(other.ref.id);
        expect(found?.ref.url).toMatch(/^https?:\/\//);
        expect(found?.ref.label).not.toBe("");
      });
    });

    describe("reads", () => {
      it("a ticket as it is", async () => {
        const seeded = await harness.seed({});
        const read = await harness.connector.read(seeded.ref, anySignal());
        expect(read).toEqual(seeded);
      });

      it("nothing where the ticket is gone", async () => {
        await expect(harness.connector.read(MISSING, anySignal())).resolves.toBeUndefined();
      });
    });

    describe("updates", () => {
      it("what it is told, and answers the ticket as it is afterwards", async () => {
        const seeded = await harness.seed({});
        expect(harness.shows(seeded)).toBe(false);
        const updated = await harness.connector.update(seeded.ref, harness.change, anySignal());
        expect(harness.shows(updated)).toBe(true);
        await expect(harness.connector.read(seeded.ref, anySignal())).resolves.toEqual(updated);
      });

      it("nothing that belongs to others", async () => {
        const seeded = await harness.seed({});
        harness.workAsPerson(seeded.ref);
        const before = harness.foreign(seeded.ref);
        await harness.connector.update(seeded.ref, harness.change, anySignal());
        await harness.connector.appendNotes(seeded.ref, [aNote(1)], anySignal());
        expect(harness.foreign(seeded.ref)).toEqual(before);
      });

      it("the same thing twice without a difference", async () => {
        const seeded = await harness.seed({});
        const once = await harness.connector.update(seeded.ref, harness.change, anySignal());
        const twice = await harness.connector.update(seeded.ref, harness.change, anySignal());
        expect(twice).toEqual(once);
      });
    });

    describe("notes", () => {
      it("are added in order and read back", async () => {
        const { ref } = await harness.seed({});
        await expect(harness.connector.readNotes?.(ref, anySignal())).resolves.toEqual(new Set());
        await harness.connector.appendNotes(ref, [aNote(1), aNote(2)], anySignal());
        await harness.connector.appendNotes(ref, [aNote(3)], anySignal());
        const ids = await harness.connector.readNotes?.(ref, anySignal());
        expect([...(ids ?? [])].toSorted()).toEqual([aNote(1).id, aNote(2).id, aNote(3).id]);
        expect(harness.noteCount(ref)).toBe(3);
        const text = harness.texts(ref).join("\n");
        expect(text.indexOf("Host 1 isolated.")).toBeLessThan(text.indexOf("Host 3 isolated."));
      });

      it("hold benign text byte for byte", async () => {
        const text = "Größe 安全 👍 — R&D, a < b, C:\\Users\\j_doe (10.0.0.1)";
        const { ref } = await harness.seed({});
        await harness.connector.appendNotes(ref, [aNote(1, text)], anySignal());
        expect(harness.texts(ref).some((written) => written.includes(text))).toBe(true);
      });

      it("may be long", async () => {
        const { ref } = await harness.seed({});
        await harness.connector.appendNotes(ref, [aNote(1, "long text\n".repeat(2_000))], anySignal());
        await expect(harness.connector.readNotes?.(ref, anySignal())).resolves.toEqual(new Set([aNote(1).id]));
      });
    });

    it("lets no hostile text come to life", async () => {
      const [first, ...rest] = HOSTILE_TEXTS.map(([, text]) => text.slice(0, 300));
      const { ref } = await harness.seed({
        title: first ?? "",
        description: rest.join("\n"),
        assignedTo: rest[0] ?? "",
        customTags: rest,
      });
      // Several to a note: a tool may take only so many (Sentinel: 100).
      const notes = Array.from({ length: Math.ceil(rest.length / TEXTS_A_NOTE) }, (_unused, index) =>
        aNote(index + 1, rest.slice(index * TEXTS_A_NOTE, (index + 1) * TEXTS_A_NOTE).join("\n")),
      );
      await harness.connector.appendNotes(ref, notes, anySignal());
      const texts = harness.texts(ref);
      expect(texts.length).toBeGreaterThan(0);
      expect(texts.map((text) => harness.isLive(text)).filter((found) => found !== undefined)).toEqual([]);
      const ids = await harness.connector.readNotes?.(ref, anySignal());
      expect(ids?.size).toBe(notes.length);
    });

    describe("a bad day", () => {
      it("throttled: retryable, with the delay asked for", async () => {
        const { ref } = await harness.seed({});
        harness.addFault({ kind: "status", status: 429, retryAfter: 37 });
        for (const work of everyCall(harness, ref)) {
          await expect(work()).rejects.toMatchObject({
            name: "RetryableError",
            reason: "throttled",
            retryAfterMs: 37_000,
            mayHaveHappened: false,
          });
        }
      });

      it.each([500, 502, 503, 504])("%i: retryable", async (status) => {
        const { ref } = await harness.seed({});
        harness.addFault({ kind: "status", status });
        for (const work of everyCall(harness, ref)) await expect(work()).rejects.toBeInstanceOf(RetryableError);
      });

      it.each([400, 403, 404])("%i on a record: permanent", async (status) => {
        const { ref } = await harness.seed({});
        harness.addFault({ kind: "status", status, match: harness.writeMethod });
        await expect(harness.connector.update(ref, harness.change, anySignal())).rejects.toBeInstanceOf(PermanentError);
        await expect(harness.connector.appendNotes(ref, [aNote(1)], anySignal())).rejects.toBeInstanceOf(
          PermanentError,
        );
      });

      it.each([400, 403, 404, 413])(
        "a page that says %i, of a proxy: retryable, and may have happened",
        async (status) => {
          const { ref } = await harness.seed({});
          harness.addFault({ kind: "html", status });
          for (const work of everyCall(harness, ref)) {
            await expect(work()).rejects.toMatchObject({ name: "RetryableError", reason: "unreadable" });
          }
          harness.clearFaults();
          harness.addFault({ kind: "html", status, match: harness.writeMethod });
          for (const work of [
            () => harness.connector.update(ref, harness.change, anySignal()),
            () => harness.connector.appendNotes(ref, [aNote(1)], anySignal()),
          ])
            await expect(work()).rejects.toMatchObject({ reason: "unreadable", mayHaveHappened: true });
        },
      );

      it.each([
        ["throttled", { kind: "status", status: 429, retryAfter: 37 }, { reason: "throttled", retryAfterMs: 37_000 }],
        ["unavailable", { kind: "status", status: 503 }, { reason: "unavailable", retryAfterMs: undefined }],
        ["refused", { kind: "status", status: 400 }, { reason: "refused", retryAfterMs: undefined }],
        ["refused as a credential", { kind: "status", status: 401 }, { reason: "unauthorized" }],
      ] as const)(
        "%s in the middle of notes: the same, and what is there is read first",
        async (_what, fault, error) => {
          const { ref } = await harness.seed({});
          // Each too long to share an entry with another.
          const notes = [1, 2, 3].map((index) => aNote(index, longText(harness, index)));
          const failing = harness.afterFirstWrite(() => harness.addFault({ ...fault, match: harness.writeMethod }));
          await expect(failing.appendNotes(ref, notes, anySignal())).rejects.toMatchObject({
            name: "RetryableError",
            ...error,
            mayHaveHappened: true,
          });
          await expect(harness.connector.readNotes?.(ref, anySignal())).resolves.toEqual(new Set([aNote(1).id]));
          // The next attempt, with what is missing, fails for what it is.
          const again = harness.connector.appendNotes(ref, notes.slice(1), anySignal());
          await expect(again).rejects.toHaveProperty(
            "name",
            fault.status === 400 ? "PermanentError" : "RetryableError",
          );
        },
      );

      it("refused in the middle of notes that cannot be read back: ends the work, for a repetition would repeat", async () => {
        const { ref } = await harness.seed({});
        const notes = [1, 2].map((index) => ({ ...aNote(index, longText(harness, index)), mayBeRepeated: true }));
        const refusing = harness.afterFirstWrite(() =>
          harness.addFault({ kind: "status", status: 400, match: harness.writeMethod }),
        );
        await expect(refusing.appendNotes(ref, notes, anySignal())).rejects.toBeInstanceOf(PermanentError);
      });

      it("a credential that is refused: retryable, and said so", async () => {
        const { ref } = await harness.seed({});
        const refused = { ...harness, connector: harness.refused };
        for (const work of everyCall(refused, ref)) {
          await expect(work()).rejects.toMatchObject({ name: "RetryableError", reason: "unauthorized" });
        }
      });

      it("a look-up that is forbidden: as a refused credential, never as nothing found", async () => {
        harness.addFault({ kind: "status", status: 403 });
        await expect(harness.connector.find(KEY_PROJECTION.key, anySignal())).rejects.toMatchObject({
          reason: "unauthorized",
        });
      });

      it("a redirect or a page where JSON was asked for: as a refused credential", async () => {
        const { ref } = await harness.seed({});
        for (const fault of [{ kind: "status", status: 302 }, { kind: "html" }] as const) {
          harness.clearFaults();
          harness.addFault(fault);
          for (const work of everyCall(harness, ref)) {
            await expect(work()).rejects.toMatchObject({ name: "RetryableError", reason: "unauthorized" });
          }
        }
      });

      it("an answer cut short: retryable, never as nothing found", async () => {
        await harness.seed({});
        harness.addFault({ kind: "malformed", match: "GET" });
        await expect(harness.connector.find(KEY_PROJECTION.key, anySignal())).rejects.toBeInstanceOf(RetryableError);
      });

      it("a connection cut before anything was done, or after: may have happened", async () => {
        const { ref } = await harness.seed({});
        for (const kind of ["cut", "applyThenCut"] as const) {
          harness.clearFaults();
          harness.addFault({ kind, match: harness.writeMethod, times: 1 });
          await expect(harness.connector.update(ref, harness.change, anySignal())).rejects.toMatchObject({
            name: "RetryableError",
            mayHaveHappened: true,
          });
          const read = await harness.connector.read(ref, anySignal());
          expect(read !== undefined && harness.shows(read)).toBe(kind === "applyThenCut");
        }
      });

      it("no time left: nothing is sent", async () => {
        const { ref } = await harness.seed({});
        const before = harness.requestCount();
        for (const work of everyCall(harness, ref, AbortSignal.abort()))
          await expect(work()).rejects.toBeInstanceOf(RetryableError);
        expect(harness.requestCount()).toBe(before);
      });

      it("time runs out under way: ends at once", async () => {
        const { ref } = await harness.seed({});
        harness.addFault({ kind: "delay", delayMs: 60_000 });
        for (const work of everyCall(harness, ref, AbortSignal.timeout(60))) {
          await expect(work()).rejects.toMatchObject({ name: "RetryableError", reason: "timeout" });
        }
      });
    });
  });
}

function everyCall(
  harness: Pick<TicketHarness, "connector" | "change">,
  ref: TicketRef,
  signal = anySignal(),
): readonly (() => Promise<unknown>)[] {
  const { connector, change } = harness;
  const { create } = connector;
  return [
    () => connector.find(KEY_PROJECTION.key, signal),
    () => connector.read(ref, signal),
    () => connector.update(ref, change, signal),
    () => connector.appendNotes(ref, [aNote(1)], signal),
    ...(create === undefined
      ? []
      : [() => create(connector.wanted(KEY_PROJECTION, { survivor: undefined }).fields, signal)]),
  ];
}
