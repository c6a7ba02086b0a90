import { once } from "node:events";
import { type AddressInfo, type Socket, createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type BusTarget, type ClosableBus, createServiceBus } from "../../../shared/azure/service-bus.ts";
import { PermanentError } from "../../../shared/errors.ts";
import { errorOf } from "../http/loopback-http.ts";

const MESSAGE = { messageId: "1", body: {} };
function busTo(target: BusTarget): ClosableBus {
  const bus = createServiceBus(target);
  onTestFinished(() => bus.close());
  return bus;
}

describe("a client of the bus that cannot be made", () => {
  it.each([
    [
      "for want of a credential",
      new TypeError("IMDS is away"),
      "unauthorized",
      expect.stringMatching(/^no token for the bus: check .* \(TypeError\)$/),
    ],
    [
      "as it is configured",
      new PermanentError("misconfigured", "no such variable"),
      "misconfigured",
      "no such variable",
    ],
  ])("%s: said so, and made anew with the next send", async (_why, failure, reason, message) => {
    let asked = 0;
    const bus = busTo({
      namespace: "contoso.servicebus.windows.net",
      credential: () => {
        asked += 1;
        return Promise.reject(failure);
      },
    });
    const sends = [bus.send("q", [MESSAGE]), bus.send("q", [MESSAGE])];
    for (const send of sends) expect(await errorOf(send)).toMatchObject({ reason, message });
    expect(asked).toBe(1);
    expect(await errorOf(bus.send("q", [MESSAGE]))).toMatchObject({ reason, message });
    expect(asked).toBe(2);
  });

  it("from a connection string that is none: retryable, without the string", async () => {
    const bus = busTo({ connectionString: "SharedAccessKey=s3cr3t" });
    const error = await errorOf(bus.send("q", [MESSAGE]));
    expect(error).toMatchObject({ name: "RetryableError", reason: "unavailable", mayHaveHappened: false });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("s3cr3t");
  });

  it("is nothing to close", async () => {
    const bus = createServiceBus({ connectionString: "" });
    await errorOf(bus.send("q", [MESSAGE]));
    await expect(bus.close()).resolves.toBeUndefined();
    await expect(createServiceBus({ connectionString: "" }).close()).resolves.toBeUndefined();
  });
});

describe("a bus that is away", () => {
  const serves = {
    "refuses connections": undefined,
    "cuts them as they open": (socket: Socket) => socket.destroy(),
    "cuts them at the first word": (socket: Socket) => socket.once("data", () => socket.destroy()),
  };
  it.each(Object.entries(serves))("and %s: retryable, and a message may have arrived", async (_how, serve) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      serve?.(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    if (serve === undefined) server.close();
    else onTestFinished(() => void server.close());
    const keys = "SharedAccessKeyName=x;SharedAccessKey=eA==;UseDevelopmentEmulator=true";
    const bus = busTo({ connectionString: `Endpoint=sb://127.0.0.1:${port};${keys}` });
    const error = await errorOf(bus.send("q", [MESSAGE]));
    expect(error).toMatchObject({ name: "RetryableError", reason: "unavailable", mayHaveHappened: true });
  });
});
