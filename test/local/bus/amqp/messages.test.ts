import fc from "fast-check";
import rhea from "rhea";
import { describe, expect, it } from "vitest";
import { readBatch, readIncoming } from "../../../../local/bus/amqp/incoming.ts";
import { createLockTokens } from "../../../../local/bus/amqp/lock-token.ts";
import { amendApplicationProperties, writeOutgoing } from "../../../../local/bus/amqp/outgoing.ts";
import { splitSections } from "../../../../local/bus/amqp/sections.ts";
import { BusError } from "../../../../local/bus/bus-error.ts";
import type { Message } from "../../../../local/bus/engine/message.ts";

const { types } = rhea;

describe("a message that is sent", () => {
  it("is read for what the queue goes by", () => {
    const due = new Date(1_700_000_000_000);
    const bytes = rhea.message.encode({
      ttl: 5_000,
      message_annotations: { "x-opt-scheduled-enqueue-time": due },
      message_id: "m",
      group_id: "s",
      body: 1,
    });
    expect(readIncoming(bytes)).toEqual({
      payload: bytes,
      messageId: "m",
      sessionId: "s",
      timeToLiveMs: 5_000,
      scheduledFor: due.getTime(),
    });
  });

  it("gets a message id where it has none, and changes in nothing else", () => {
    const bytes = rhea.message.encode({ subject: "x", correlation_id: 5, application_properties: { a: 1 }, body: "b" });
    const { payload, messageId } = readIncoming(bytes);
    expect(messageId).toBeUndefined();
    const given = rhea.message.decode(payload as Buffer);
    expect(given).toMatchObject({ subject: "x", correlation_id: 5, application_properties: { a: 1 }, body: "b" });
    expect(given["message_id"]).toMatch(/^[0-9a-f-]{36}$/);
    const bare = Buffer.from([0x00, 0x53, 0x77, 0x40]);
    expect(rhea.message.decode(readIncoming(bare).payload as Buffer)["message_id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("may have an id of another type, which is another id", () => {
    const ids = ["5", 5, types.wrap_uuid(Buffer.alloc(16, 5)), types.wrap_binary(Buffer.from([5]))];
    const texts = ids.map((message_id) => readIncoming(rhea.message.encode({ message_id, body: 1 })).messageId);
    expect(texts.slice(1)).toEqual(["5", `0x${"05".repeat(16)}`, "0x05"]);
  });

  it("is taken out of a batch, one a data section", () => {
    const inner = [1, 2, 3].map((n) => rhea.message.encode({ message_id: `m${n}`, body: n }));
    const batch = rhea.message.encode({ body: rhea.message.data_sections(inner) });
    expect(readBatch(batch).map((message) => message.messageId)).toEqual(["m1", "m2", "m3"]);
    expect(() => readBatch(rhea.message.encode({ body: "none" }))).toThrow("a batch without messages");
  });

  it.each([
    { title: "cut off", bytes: rhea.message.encode({ message_id: "m", body: "text" }).subarray(0, -1) },
    { title: "no section", bytes: Buffer.from("hello") },
    { title: "an unknown section", bytes: Buffer.from([0x00, 0x53, 0x10, 0x40]) },
    { title: "properties that are no list", bytes: Buffer.from([0x00, 0x53, 0x73, 0x41]) },
    { title: "application properties that are no map", bytes: Buffer.from([0x00, 0x53, 0x74, 0x45]) },
    { title: "descriptors without end", bytes: Buffer.alloc(100_000) },
    { title: "a list that claims more than it has", bytes: Buffer.from([0x00, 0x53, 0x73, 0xc0, 0x02, 0xff, 0x40]) },
  ])("is refused when it is $title", ({ bytes }) => {
    expect(() => readIncoming(bytes)).toThrow(expect.objectContaining({ condition: "amqp:decode-error" }));
  });

  it.each([
    { title: "a session id", fields: { group_id: "x".repeat(129) } },
    { title: "a message id", fields: { message_id: "x".repeat(129) } },
  ])("is refused with $title that is too long", ({ fields }) => {
    expect(() => readIncoming(rhea.message.encode({ ...fields, body: 1 }))).toThrow(
      expect.objectContaining({ condition: "amqp:invalid-field" }),
    );
  });

  it("whatever its bytes, is read or refused", () => {
    const valid = rhea.message.encode({
      ttl: 1,
      message_annotations: { a: 1 },
      message_id: "m",
      application_properties: { b: [1] },
      body: "c",
    });
    const damaged = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((edits) => edits.reduce((bytes, [at, byte]) => (bytes.writeUInt8(byte, at), bytes), Buffer.from(valid)));
    const noise = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, noise), (bytes) => {
        try {
          const { payload } = readIncoming(bytes);
          // What is taken in can be given out and amended.
          writeOutgoing({ ...MESSAGE, payload }, 1);
          amendApplicationProperties(payload, new Map([["x", 1]]));
        } catch (error) {
          if (!(error instanceof BusError)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

const MESSAGE: Message = {
  sequenceNumber: 2 ** 40,
  payload: Buffer.alloc(0),
  messageId: "m",
  sessionId: undefined,
  enqueuedAt: 1_700_000_000_000,
  timeToLiveMs: 5_000,
  expiresAt: 1_700_000_005_000,
  scheduledFor: undefined,
  deadLetterSource: "q",
  originalSequenceNumber: 3,
  state: "locked",
  deliveryCount: 2,
  lockId: 1,
  lockedUntil: 0,
};

describe("a message that is delivered", () => {
  it("has the bus's header and annotations, the sender's other ones, and the sender's bytes", () => {
    const sent = rhea.message.encode({
      durable: true,
      priority: 7,
      delivery_count: 99,
      message_annotations: { own: types.wrap_short(4), "x-opt-sequence-number": 1 },
      message_id: "m",
      body: rhea.message.data_section(Buffer.from("text")),
    });
    const written = writeOutgoing({ ...MESSAGE, payload: sent }, 1_700_000_001_000);
    const message = rhea.message.decode(written);
    expect(message).toMatchObject({ durable: true, priority: 7, delivery_count: 2, ttl: 5_000, message_id: "m" });
    expect(message["message_annotations"]).toEqual({
      own: 4,
      "x-opt-enqueued-time": new Date(1_700_000_000_000),
      "x-opt-sequence-number": 2 ** 40,
      "x-opt-message-state": 0,
      "x-opt-locked-until": new Date(1_700_000_001_000),
      "x-opt-enqueue-sequence-number": 3,
      "x-opt-deadletter-source": "q",
    });
    const bare = sent.subarray(splitSections(sent).bareStart);
    expect(written.subarray(written.length - bare.length).equals(bare)).toBe(true);
  });

  it("has the properties that were changed, the others with their types", () => {
    const properties = { short: types.wrap_short(1), double: types.wrap_double(2), changed: "before" };
    const sent = rhea.message.encode({ message_id: "m", application_properties: properties, body: "text" });
    const amended = amendApplicationProperties(
      sent,
      new Map<string, unknown>([
        ["changed", "after"],
        ["added", types.wrap_long(3)],
      ]),
    );
    expect(rhea.message.decode(Buffer.from(amended))["application_properties"]).toEqual({
      short: 1,
      double: 2,
      changed: "after",
      added: 3,
    });
    const { applicationProperties } = splitSections(Buffer.from(amended));
    const bytes = Buffer.from(amended)
      .subarray(applicationProperties!.start, applicationProperties!.end)
      .toString("hex");
    // 0x61 is a short, 0x82 a double: neither is what JS numbers become.
    expect(bytes).toContain("610001");
    expect(bytes).toContain("824000000000000000");
  });

  it("gets its first properties behind the standard ones and before the body", () => {
    const sent = rhea.message.encode({ message_id: "m", body: "text" });
    const amended = Buffer.from(amendApplicationProperties(sent, new Map([["a", "b"]])));
    expect(rhea.message.decode(amended)).toMatchObject({
      message_id: "m",
      application_properties: { a: "b" },
      body: "text",
    });
  });
});

describe("a lock token", () => {
  it("is the same lock as a tag and as the GUID a client shows, in one run of the bus only", () => {
    const tokens = createLockTokens();
    const tag = tokens.tagOf(123);
    expect(tokens.lockIdOfTag(tag)).toBe(123);
    // As clients turn a tag into a GUID: its first three parts the other way round.
    const guid = Buffer.concat([
      tag.subarray(0, 4).toReversed(),
      tag.subarray(4, 6).toReversed(),
      tag.subarray(6, 8).toReversed(),
      tag.subarray(8),
    ]);
    expect(tokens.lockIdOfGuid(guid)).toBe(123);
    expect(createLockTokens().lockIdOfTag(tag)).toBe(0);
    expect(tokens.lockIdOfTag(Buffer.from("short"))).toBe(0);
  });
});
