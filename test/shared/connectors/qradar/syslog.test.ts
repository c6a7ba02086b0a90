import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type SyslogReceiver,
  type SyslogReceiverOptions,
  startSyslog,
} from "../../../../local/simulators/qradar/start-syslog.ts";
import { makeAuthority } from "../../../../local/simulators/tls/make-certificate.ts";
import {
  type SyslogOptions,
  type SyslogSender,
  createSyslogSender,
} from "../../../../shared/connectors/qradar/syslog-sender.ts";
import { PermanentError } from "../../../../shared/errors.ts";

const authority = makeAuthority();
const strangers = makeAuthority("strangers");
const signal = new AbortController().signal;
const open: Array<{ close(): Promise<unknown> }> = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

type BenchOptions = Partial<SyslogReceiverOptions> & { readonly isPlain?: boolean };

interface Bench {
  readonly receiver: SyslogReceiver;
  readonly lines: string[];
  connect(overrides?: Partial<SyslogOptions>): SyslogSender;
}

async function startBench(options: BenchOptions = {}): Promise<Bench> {
  const lines: string[] = [];
  const { isPlain = false, ...others } = options;
  const tls = isPlain ? {} : { tls: { authority } };
  const receiver = await startSyslog({ ...tls, onLine: (line) => lines.push(line), ...others });
  open.push(receiver);
  return {
    receiver,
    lines,
    connect(overrides = {}) {
      const sender = createSyslogSender({
        host: "127.0.0.1",
        port: receiver.port,
        ...(isPlain ? {} : { tls: { authority: authority.pem } }),
        framing: "newline",
        isAllowed: () => true,
        resolve: () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]),
        idleMs: 50,
        ...overrides,
      });
      open.push(sender);
      return sender;
    },
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function client(name = "dex-sync"): string {
  return authority.issue({ name });
}

describe("lines over TLS", () => {
  it.each(["newline", "octetCounting"] as const)("arrive in order, told apart by %s", async (framing) => {
    const { receiver, lines, connect } = await startBench();
    const sender = connect({ framing });
    const sent = Array.from({ length: 50 }, (_unused, index) => `<134>1 line ${index} ü`);
    for (const line of sent) await sender.send(line, signal);
    await sender.close();
    expect(lines).toEqual(sent);
    expect(receiver.connections().made).toBe(1);
  });

  it("go over one connection, which ends when nothing more comes, and over another after that", async () => {
    const { receiver, lines, connect } = await startBench();
    const sender = connect();
    await Promise.all(["a", "b", "c"].map((line) => sender.send(line, signal)));
    await expect.poll(() => receiver.connections().open).toBe(0);
    await sender.send("d", signal);
    await sender.close();
    expect(lines).toEqual(["a", "b", "c", "d"]);
    expect(receiver.connections()).toEqual({ made: 2, open: 0 });
  });

  it("use a connection for a thousand lines at most, and lose none between two", async () => {
    const { receiver, lines, connect } = await startBench();
    const sender = connect({ idleMs: 5_000 });
    const sent = Array.from({ length: 2_500 }, (_unused, index) => `line ${index}`);
    await Promise.all(sent.map((line) => sender.send(line, new AbortController().signal)));
    await sender.close();
    expect(lines.toSorted()).toEqual(sent.toSorted());
    expect(receiver.connections().made).toBe(3);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "carry a client certificate where one is demanded: %s",
    async (maxVersion) => {
      const { lines, connect } = await startBench({ tls: { authority, clients: authority, maxVersion } });
      const sender = connect({ tls: { authority: authority.pem, certificate: client() } });
      await sender.send("with certificate", signal);
      await sender.close();
      expect(lines).toEqual(["with certificate"]);
    },
  );
});

describe("lines whose connection broke", () => {
  it("are sent again, before all others and unchanged", async () => {
    const { receiver, lines, connect } = await startBench();
    const sender = connect({ idleMs: 5_000 });
    await sender.send("first", signal);
    await expect.poll(() => lines.length).toBe(1);
    receiver.breakAll();
    await expect.poll(() => receiver.connections().open).toBe(0);
    await vi.waitFor(() => sender.send("second", signal));
    await sender.close();
    expect(lines.slice(0, 3)).toEqual(["first", "first", "second"]);
  });

  it("are sent again although nothing more comes", async () => {
    const { receiver, lines, connect } = await startBench();
    const sender = connect({ idleMs: 5_000 });
    await sender.send("the last", signal);
    await expect.poll(() => lines.length).toBe(1);
    receiver.breakAll();
    await expect.poll(() => lines.length, { timeout: 5_000 }).toBe(2);
    expect(lines).toEqual(["the last", "the last"]);
  });

  it("are not sent again once the receiver has read to their end", async () => {
    const { receiver, lines, connect } = await startBench();
    const sender = connect();
    await sender.send("confirmed", signal);
    await expect.poll(() => receiver.connections().open).toBe(0);
    await sender.send("next", signal);
    await sender.close();
    expect(lines).toEqual(["confirmed", "next"]);
  });
});

describe("when the process ends", () => {
  it("what the receiver has read to its end is not owed, and nothing more is sent", async () => {
    const { lines, connect } = await startBench();
    const sender = connect({ idleMs: 5_000 });
    await sender.send("a", signal, "incident a");
    expect(await sender.close()).toEqual([]);
    expect(lines).toEqual(["a"]);
    // It says nothing of the receiver, so no breaker opens because a process ends.
    await expect(sender.send("b", signal, "incident b")).rejects.toMatchObject({ reason: "busy" });
    expect(lines).toEqual(["a"]);
  });

  it("what was written to a connection that broke is owed, each incident once", async () => {
    const { receiver, lines, connect } = await startBench({ isPlain: true });
    const sender = connect({ idleMs: 5_000 });
    for (const line of ["a1", "b1", "a2"]) await sender.send(line, signal, `incident ${line[0]}`);
    await expect.poll(() => lines.length).toBe(3);
    receiver.resetAll();
    await receiver.close();
    await delay(50);
    expect(await sender.close()).toEqual(["incident a", "incident b"]);
    expect(await sender.close()).toEqual([]);
  });

  it("what a connection that breaks only now had is owed", async () => {
    const { receiver, connect } = await startBench({ isPlain: true, behaviour: { closesOnEnd: false } });
    const sender = connect({ idleMs: 5_000 });
    await sender.send("a", signal, "incident a");
    const closed = sender.close();
    await delay(50);
    receiver.resetAll();
    expect(await closed).toEqual(["incident a"]);
  });

  it("what a receiver that used to confirm does not confirm in a short time is owed", async () => {
    const { receiver, lines, connect } = await startBench();
    const sender = connect();
    await sender.send("confirmed", signal, "incident a");
    await expect.poll(() => receiver.connections().open).toBe(0);
    receiver.behaviour.closesOnEnd = false;
    await sender.send("unconfirmed", signal, "incident b");
    await expect.poll(() => lines.length).toBe(2);
    const before = Date.now();
    expect(await sender.close()).toEqual(["incident b"]);
    expect(Date.now() - before).toBeLessThan(3_000);
  });

  it("what the system has not taken is never said to be sent, and what it took before on that connection is owed", async () => {
    const { connect } = await startBench({ isPlain: true, behaviour: { reads: false } });
    const sender = connect({ idleMs: 5_000 });
    await sender.send("small enough to be taken", signal, "incident a");
    const sending = sender.send("x".repeat(40_000_000), signal, "incident b");
    const [sent, owed] = await Promise.allSettled([sending, delay(50).then(() => sender.close())]);
    expect(sent).toMatchObject({ status: "rejected", reason: { name: "RetryableError", mayHaveHappened: true } });
    expect(owed).toEqual({ status: "fulfilled", value: ["incident a"] });
  });
});

describe("a wrong certificate is told with its mend, and nothing is sent", () => {
  it.each([
    ["an authority that is not known", {}, { tls: { authority: strangers.pem } }, /not signed by an authority/],
    ["no authority named", {}, { tls: {} }, /name it in the configuration \(ca\)/],
    ["another name", { tls: { authority, name: "elsewhere.test" } }, {}, /is for another name/],
    ["a certificate that has expired", { tls: { authority, notAfter: Date.now() - 60_000 } }, {}, /has expired/],
    ["no client certificate", { tls: { authority, clients: authority } }, {}, /wants a client certificate/],
    [
      "a client certificate of strangers",
      { tls: { authority, clients: authority } },
      { tls: { authority: authority.pem, certificate: strangers.issue({ name: "x" }) } },
      /client certificate/,
    ],
    [
      "the same in TLS 1.2",
      { tls: { authority, clients: authority, maxVersion: "TLSv1.2" } },
      { tls: { authority: authority.pem, certificate: strangers.issue({ name: "x" }) } },
      /client certificate/,
    ],
  ] as const)("%s", async (_what, receiver, overrides, message) => {
    const { lines, connect } = await startBench(receiver);
    const sent = connect(overrides).send("line", AbortSignal.timeout(3_000));
    await expect(sent).rejects.toMatchObject({ name: "RetryableError", message: expect.stringMatching(message) });
    expect(lines).toEqual([]);
  });

  it("PEM that cannot be read is a wrong setting, and is not repeated", async () => {
    const { connect } = await startBench();
    const sent = connect({ tls: { certificate: "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n" } }).send("line", signal);
    await expect(sent).rejects.toBeInstanceOf(PermanentError);
    await expect(sent).rejects.toMatchObject({ reason: "misconfigured", message: expect.not.stringContaining("c2Vj") });
  });
});

describe("only what is allowed is connected to", () => {
  it.each(["127.0.0.1", "collector.test"])("%s is not, where its address is refused", async (host) => {
    const { receiver, connect } = await startBench();
    const sent = connect({ host, isAllowed: () => false }).send("line", signal);
    await expect(sent).rejects.toMatchObject({
      reason: "misconfigured",
      mend: expect.stringContaining("allowPrivate"),
    });
    expect(receiver.connections().made).toBe(0);
  });

  it("nothing is sent once the time is over, and nobody is waited for", async () => {
    const { lines, connect } = await startBench();
    await expect(connect().send("line", AbortSignal.abort())).rejects.toMatchObject({ reason: "timeout" });
    const resolve = (): Promise<never> => new Promise(() => undefined);
    const waiting = connect({ host: "collector.test", resolve }).send("line", AbortSignal.timeout(50));
    await expect(waiting).rejects.toMatchObject({ reason: "timeout" });
    expect(lines).toEqual([]);
  });
});
